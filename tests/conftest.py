"""What every test shares: reproducible properties, and GPU tests only where there is a GPU."""

import pytest
from hypothesis import settings

# No deadline: machines differ. Derandomised: the suite gives the same answer every time.
settings.register_profile("s2s", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("s2s")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    gpu_items = [item for item in items if item.get_closest_marker("gpu")]
    if not gpu_items:
        return
    import torch  # slow to import, and only these tests need it here

    if not torch.cuda.is_available():
        for item in gpu_items:
            item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
