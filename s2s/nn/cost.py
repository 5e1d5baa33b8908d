"""What reading a picture costs, in operations."""

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.model import EncoderDecoder, EncoderHead


def reading_operations(model: EncoderHead | EncoderDecoder, image: Tensor) -> int:
    """Operations of the matrix products and convolutions that one picture (1, C, H, W) takes, padding none.

    Two for a multiplication and an addition. With an attention decoder the decoder's own are left out, as their number
    depends on the text. The picture is where the weights are, which may be the meta device.
    """
    encoder = model.encoder
    assert isinstance(encoder, ImageEncoder)
    training = model.training
    model.eval()
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            encoder.backbone(image.to(next(encoder.parameters()).dtype))
    finally:
        model.train(training)
    # What follows uses each weight once a step, and the counter does not see into recurrent layers.
    weights = sum(p.numel() for name, p in encoder.stack.named_parameters() if ".weight_" in name)
    if isinstance(model, EncoderHead):
        weights += model.head.output.weight.numel()
    return int(counter.get_total_flops()) + 2 * weights * int(encoder.out_lengths(torch.tensor(image.shape[3])))
