"""The encoder-decoder: all steps at once == step by step, padding changes nothing, every option learns."""

from dataclasses import replace

import pytest
import torch

from s2s.config.model import EncoderDecoder
from s2s.nn.losses import cross_entropy
from s2s.text.vocabulary import BOS, EOS, PAD

from .options import OPTIONS, OUTPUT, SMALL, build, decoder, encoder

V = 20


def make(config: EncoderDecoder) -> torch.nn.Module:
    torch.manual_seed(0)
    return build(config, V, V).double().eval()


def batch(rows: int = 5) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Padded sources of all lengths from 1 to `rows`, their lengths, and targets that begin with BOS."""
    torch.manual_seed(1)
    lengths = torch.arange(1, rows + 1)
    source = torch.randint(4, V, (rows, rows)).masked_fill(torch.arange(rows) >= lengths[:, None], PAD)
    target = torch.cat([torch.full((rows, 1), BOS), torch.randint(4, V, (rows, 6))], 1)
    return source, lengths, target


def at_all_options(test):
    return pytest.mark.parametrize("config", OPTIONS.values(), ids=OPTIONS.keys())(test)


def at_both_recurrences(test):
    """At all options, with hidden and with output recurrence."""
    return pytest.mark.parametrize("config", (OPTIONS | OUTPUT).values(), ids=(OPTIONS | OUTPUT).keys())(test)


@at_both_recurrences
@torch.no_grad()
def test_fused_forward_equals_the_step_loop(config):
    model = make(config)
    source, lengths, target = batch()
    fused = model(source, lengths, target)
    bound = model.encode(source, lengths)
    state = model.decoder.start(bound, len(source))
    for t in range(target.shape[1]):
        step = model.decoder.step(target[:, t : t + 1], bound, state)
        state = step.state
        torch.testing.assert_close(step.logits[:, 0], fused.logits[:, t])
        if fused.attention is not None:
            torch.testing.assert_close(step.attention[:, 0], fused.attention[:, t])
    for ours, theirs in zip(state.layers, fused.state.layers, strict=True):
        torch.testing.assert_close(ours, theirs)


@at_both_recurrences
@torch.no_grad()
def test_padding_changes_nothing(config):
    model = make(config)
    source, lengths, target = batch()
    together = model(source, lengths, target).logits
    wider = torch.nn.functional.pad(source, (0, 4), value=PAD)
    torch.testing.assert_close(model(wider, lengths, target).logits, together)
    for row, length in enumerate(lengths.tolist()):
        alone = model(source[row : row + 1, :length], lengths[row : row + 1], target[row : row + 1])
        torch.testing.assert_close(alone.logits[0], together[row])


@at_both_recurrences
@torch.no_grad()
def test_beams_are_independent_and_follow_their_parents(config):
    model = make(config)
    source, lengths, _ = batch()
    bound = model.encode(source, lengths)
    start = model.decoder.start(bound, len(source))
    first = model.decoder.step(torch.full((5, 1), BOS), bound, start).state
    keep, parents = torch.tensor([3, 1]), torch.zeros(2, 3, dtype=torch.long)
    tokens = torch.tensor([[4, 5, 6], [7, 8, 9]])
    some = model.decoder.step(tokens, bound.select(keep), first.select(keep, parents))
    for row, sentence in enumerate(keep.tolist()):
        for beam in range(3):
            one = torch.tensor([sentence])
            alone = model.decoder.step(
                tokens[row, beam].view(1, 1), bound.select(one), first.select(one, torch.zeros(1, 1, dtype=torch.long))
            )
            torch.testing.assert_close(alone.logits[0, 0], some.logits[row, beam])
    swapped = some.state.select(torch.tensor([1]), torch.tensor([[2, 0]]))
    torch.testing.assert_close(swapped.layers[0][0][0, 0], some.state.layers[0][0][1, 2])
    torch.testing.assert_close(swapped.layers[0][0][0, 1], some.state.layers[0][0][1, 0])


@at_all_options
def test_every_option_overfits_ten_pairs(config):
    torch.manual_seed(0)
    model = build(config, V, V).train()
    source = torch.randint(4, V, (10, 5))
    lengths = torch.full((10,), 5)
    answer = source.flip(1)
    target_in = torch.cat([torch.full((10, 1), BOS), answer], 1)
    target_out = torch.cat([answer, torch.full((10, 1), EOS)], 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    for part in model.modules():  # what is tested is whether the wiring can learn, not how well it is regularised
        if "Dropout" in type(part).__name__:
            part.probability = part.p = 0.0
    for _ in range(150):
        logits = model(source, lengths, target_in).logits
        loss, nll = cross_entropy(logits.flatten(0, 1), target_out.flatten())
        optimizer.zero_grad()
        (loss / target_out.numel()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if nll < 0.02 * target_out.numel():
            break
    model.eval()
    with torch.no_grad():
        predicted = model(source, lengths, target_in).logits.argmax(-1)
    assert (predicted == target_out).float().mean() > 0.98


@torch.no_grad()
def test_only_asked_positions_are_projected_to_the_vocabulary():
    model = make(SMALL)
    source, lengths, target = batch()
    keep = torch.rand(target.shape) < 0.5
    torch.testing.assert_close(model(source, lengths, target, keep).logits, model(source, lengths, target).logits[keep])


@torch.no_grad()
def test_a_locked_mask_does_not_change_in_time_and_words_drop_whole():
    from s2s.nn.dropout import LockedDropout, WordDropout

    torch.manual_seed(0)
    locked = LockedDropout(0.5).train()(torch.ones(4, 7, 9))
    assert (locked == locked[:, :1]).all()
    assert 0 < (locked == 0).float().mean() < 1
    words = WordDropout(0.5).train()(torch.ones(4, 7, 9))
    assert (words == words[:, :, :1]).all()
    assert 0 < (words == 0).float().mean() < 1


@torch.no_grad()
@pytest.mark.parametrize("input_feeding", [False, True])
def test_recurrent_weights_are_dropped_in_training_only(input_feeding):
    still = {"dropout": 0.0, "embedding_dropout": 0.0, "word_dropout": 0.0, "weight_drop": 0.5}
    model = make(replace(decoder(input_feeding=input_feeding, **still), encoder=encoder(**still).encoder)).train()
    source, lengths, target = batch()
    assert not torch.equal(*(model.encoder(source, lengths).values for _ in range(2)))
    memory = model.encoder.eval()(source, lengths)

    def logits():
        return model.decoder(target, model.decoder.bind(memory)).logits

    assert not torch.equal(logits(), logits())
    model.eval()
    assert torch.equal(logits(), logits())


@torch.no_grad()
def test_with_input_feeding_masks_and_dropped_weights_stay_the_same_through_a_sequence():
    part = decoder(input_feeding=True, layers=2, dropout=0.5, embedding_dropout=0.0, weight_drop=0.5)
    model = make(part).train()
    source, lengths, target = batch()
    seen = []

    def watch(layer):
        step = layer.step

        def watched(inputs, state, recurrent=None):
            seen.append((inputs, recurrent))
            return step(inputs, state, recurrent)

        layer.step = watched

    for layer in model.decoder.layers:
        watch(layer)
    model(source, lengths, target)
    first, second = seen[::2], seen[1::2]
    assert len(first) == target.shape[1]
    for steps in (first, second):
        assert all(torch.equal(recurrent, steps[0][1]) for _, recurrent in steps)
        assert 0 < (steps[0][1] == 0).float().mean() < 1
    # The second layer reads [output; context], the output with its mask.
    masks = [inputs[:, 0, : part.decoder.hidden] == 0 for inputs, _ in second]
    assert 0 < masks[0].float().mean() < 1
    assert all(torch.equal(mask, masks[0]) for mask in masks)


@at_both_recurrences
def test_a_model_can_be_described_without_memory(config):
    with torch.device("meta"):
        empty = build(config, V, V)
    full = build(config, V, V)
    assert {k: v.shape for k, v in empty.state_dict().items()} == {k: v.shape for k, v in full.state_dict().items()}
    assert all(parameter.is_meta for parameter in empty.parameters())


def test_a_decoder_with_attention_refuses_to_run_unbound():
    with pytest.raises(ValueError, match="none is bound"):
        make(SMALL).decoder(torch.full((1, 1), BOS), None)
