import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.search.top import top


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 5), width=st.integers(1, 1500), k=st.integers(1, 9))
def test_top_is_the_start_of_a_stable_sort(seed, rows, width, k):
    k = min(k, width)
    generator = torch.Generator().manual_seed(seed)
    for values in (
        torch.randn(rows, width, generator=generator),
        torch.randint(0, 4, (rows, width), generator=generator).float(),
    ):
        ordered = values.sort(dim=1, descending=True, stable=True)
        found, indices = top(values, k)
        assert torch.equal(found, ordered.values[:, :k])
        assert torch.equal(indices, ordered.indices[:, :k])
