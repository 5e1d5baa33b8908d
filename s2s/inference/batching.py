"""Which sentences go through the model together."""

from collections.abc import Sequence


def plan(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Places of `lengths` in batches of similar length, each of at most `tokens` padded tokens, or of one sentence.

    The longest come first: what does not fit into memory fails at once.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= tokens:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
