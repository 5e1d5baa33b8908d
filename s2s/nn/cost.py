"""What reading a picture costs, in operations."""

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from s2s.nn.image_encoder import ImageEncoder
from s2s.nn.model import CTCRecognizer, EncoderDecoder


def reading_operations(model: CTCRecognizer | EncoderDecoder, image: Tensor) -> int:
    """Operations of the matrix products and convolutions that one picture (1, C, H, W) takes, padding none.

    Two for a multiplication and an addition. With an attention decoder the decoder's own are left out, as their number
    depends on the text.
    """
    encoder = model.encoder
    assert isinstance(encoder, ImageEncoder)
    width = torch.tensor([image.shape[3]], device=image.device)
    training = model.training
    model.eval()
    try:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            steps = model(image, width)[1] if isinstance(model, CTCRecognizer) else encoder(image, width).lengths
    finally:
        model.train(training)
    # The counter does not see into recurrent layers, whose weights are used once a step.
    weights = sum(p.numel() for name, p in encoder.stack.named_parameters() if ".weight_" in name)
    return int(counter.get_total_flops()) + 2 * weights * int(steps)
