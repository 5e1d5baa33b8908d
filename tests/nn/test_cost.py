"""The cost of reading is that of all its parts."""

import pytest
import torch

from s2s.config.experiment import experiment_from
from s2s.nn.cost import reading_operations
from s2s.nn.model import build_model

PLAIN = {"hidden": 256, "layers": 2, "residual": False, "layer_norm": False}


@pytest.mark.parametrize("target", ["ctc", "text"])
def test_operations_are_those_of_convolutions_recurrent_layers_and_head(target):
    source = {"kind": "image", "backbone": {"kind": "vgg"}}
    written = {"kind": target, "vocabulary": {"kind": "characters"}}
    model = build_model(
        experiment_from({"source": source, "target": written, "model": {"encoder": PLAIN}}, "the test"), {"target": 98}
    )
    # 512 features into 2 directions of 4 gates of 256 units at 26 steps, then the same from 512 outputs.
    lstm = 2 * 26 * 2 * 2 * 4 * 256 * (512 + 256)
    head = 2 * 26 * 512 * (98 - 2) if target == "ctc" else 0
    model.train()
    image = torch.zeros(1, 1, 32, 100, dtype=torch.uint8)
    assert reading_operations(model, image) / 1e9 == pytest.approx((1.266e9 + lstm + head) / 1e9, rel=0.003)
    assert model.training
