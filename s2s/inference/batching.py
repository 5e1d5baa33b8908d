"""Which sentences go through the model together."""

from collections.abc import Sequence


def plan(lengths: Sequence[int], tokens: int, sentences: int | None = None) -> list[list[int]]:
    """Places of `lengths` in batches of similar length, each of at most `tokens` padded tokens, or of one sentence.

    No batch has more than `sentences`, if that is given.

    The longest come first: what does not fit into memory fails at once.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        batch = batches[-1] if batches else []
        if batch and (len(batch) + 1) * lengths[batch[0]] <= tokens and len(batch) != sentences:
            batch.append(place)
        else:
            batches.append([place])
    return batches
