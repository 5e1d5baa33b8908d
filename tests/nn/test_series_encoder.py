"""The encoder of series."""

import pytest
import torch
from torch.nn import functional

from s2s.config.model import Recurrent
from s2s.config.series import FrontEnd, SeriesSource
from s2s.nn.series_encoder import SeriesEncoder, convolve


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 2), (7, 3)])
def test_a_series_is_read_the_same_alone_and_beside_longer_ones(kernel, stride):
    torch.manual_seed(1)
    source = SeriesSource(front=FrontEnd(width=6, layers=3, kernel=kernel, stride=stride))
    encoder = SeriesEncoder(source, Recurrent(hidden=5, layers=2), 4).double().eval()
    lengths = torch.tensor([1, 2, 9, 23])
    rows = torch.randn(4, 23, 4, dtype=torch.double)  # what stands behind a series is not looked at
    together = encoder(rows, lengths)
    assert together.lengths.tolist() == encoder.out_lengths(lengths).tolist()
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(rows[row : row + 1, :length], lengths[row : row + 1])
        steps = int(alone.lengths)
        assert alone.values.shape[1] == steps
        assert torch.allclose(alone.values[0], together.values[row, :steps], atol=1e-12)
        assert (together.values[row, steps:] == 0).all()


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (5, 1), (5, 2), (7, 3)])
def test_a_convolution_as_a_matrix_product_is_the_convolution(kernel, stride):
    values, part = torch.randn(2, 11, 3), torch.nn.Conv1d(3, 4, kernel, stride, kernel // 2)
    wanted = functional.conv1d(values.transpose(1, 2), part.weight, part.bias, stride, kernel // 2).transpose(1, 2)
    assert torch.allclose(convolve(values, part), wanted, atol=1e-5)
