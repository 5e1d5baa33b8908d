"""Pictures as inputs of examples."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from s2s.config.augmentation import Augmentation
from s2s.data.corpus import Ints
from s2s.data.images.dataset import ImageDataset
from s2s.image.augment import augment
from s2s.image.geometry import bucket, pad_right, to_height
from s2s.image.load import Pixels


class ImageInputs:
    """The pictures of a dataset; a batch holds those of one width bucket.

    Args:
        dataset: the pictures.
        augmentation: what is done to them anew in every epoch; None is nothing.
        seed: of the augmentation.
    """

    def __init__(self, dataset: ImageDataset, augmentation: Augmentation | None = None, seed: int = 0) -> None:
        self.dataset, self.augmentation, self.seed = dataset, augmentation, seed
        self._sizes = dataset.buckets() * dataset.form.height

    def sizes(self, epoch: int | None) -> Ints:
        """Padded pixels (N,), the same in every epoch."""
        return self._sizes

    def tensors(self, rows: Ints, epoch: int | None) -> tuple[Tensor, Tensor]:
        """Pictures (B, C, H, W) of uint8, padded with their last column, and their real columns (B,)."""
        images = [self._picture(row, epoch) for row in rows.tolist()]
        widths = torch.tensor([image.shape[1] for image in images])
        return stack(images, bucket(int(self.dataset.widths[rows].max()))), widths

    def shape(self, source: Tensor) -> str:
        """See Inputs."""
        return f"{source.shape[2]} x {source.shape[3]:,} pixels"

    def _picture(self, row: int, epoch: int | None) -> Pixels:
        """The picture as it looks in this epoch, still wide enough for its label and in its bucket."""
        image = self.dataset[row]
        if self.augmentation is None or epoch is None:
            return image
        changed = augment(image, self.augmentation, self.seed, epoch, row)
        least = self.dataset.least_width(self.dataset.texts[row])
        return to_height(changed, image.shape[0], least, bucket(image.shape[1]))


def stack(images: Sequence[Pixels], width: int) -> Tensor:
    """Pictures (H, W) or (H, W, 3) of one height, padded to `width` columns, as one tensor (B, C, H, width)."""
    padded = np.stack([pad_right(image, width) for image in images])
    padded = padded[:, None] if padded.ndim == 3 else padded.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(padded))
