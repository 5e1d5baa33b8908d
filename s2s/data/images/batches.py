"""Batches of pictures as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from s2s.config.augmentation import Augmentation
from s2s.data.batches import teacher_forcing
from s2s.data.images.gallery import Gallery
from s2s.data.movable import Movable
from s2s.data.sampler import Plan
from s2s.image.augment import augment
from s2s.image.geometry import bucket, pad_right, to_height
from s2s.image.load import Pixels
from s2s.text.charset import Charset


@dataclass
class PictureBatch(Movable):
    """Pictures of one width bucket and their labels."""

    images: Tensor
    """(B, C, H, W) uint8, padded with the last column."""
    widths: Tensor
    """Real columns (B,)."""
    target_in: Tensor
    """BOS and the characters (B, T)."""
    target_out: Tensor
    """The characters and EOS (B, T)."""
    lengths: Tensor
    """Characters, without EOS (B,)."""
    target_tokens: int
    """Characters, EOS included."""
    step_tokens: int
    """Those of the whole optimiser step that the batch is a part of."""
    rows: Tensor
    """Which pictures these are (B,)."""
    epoch: int
    """The epoch that they were augmented for."""
    step: int
    """The optimiser step within the epoch."""

    @property
    def size(self) -> str:
        """What it takes memory by."""
        height, width = self.images.shape[2:]
        return f"{len(self.rows):,} pictures of {height} x {width:,} pixels"


class PictureBatches(Dataset[PictureBatch]):
    """A gallery looked up by plan: `batches[plan]` is the plan's batch.

    Args:
        gallery: pictures and labels.
        charset: turns labels into ids.
        augmentation: what is done to the pictures; None is nothing.
        seed: of the augmentation.
    """

    def __init__(
        self, gallery: Gallery, charset: Charset, augmentation: Augmentation | None = None, seed: int = 0
    ) -> None:
        self.gallery, self.charset, self.augmentation, self.seed = gallery, charset, augmentation, seed

    def __getitem__(self, plan: Plan) -> PictureBatch:
        rows = plan.rows.tolist()
        images = [self._picture(row, plan.epoch) for row in rows]
        ids = [self.charset.encode(self.gallery.texts[row]) for row in rows]
        lengths = np.array([len(one) for one in ids], np.int64)
        target_in, target_out = teacher_forcing(np.array([i for one in ids for i in one], np.int64), lengths)
        return PictureBatch(
            images=stack(images, bucket(int(self.gallery.widths[rows].max()))),
            widths=torch.tensor([image.shape[1] for image in images]),
            target_in=target_in,
            target_out=target_out,
            lengths=torch.from_numpy(lengths),
            target_tokens=int(lengths.sum()) + len(rows),
            step_tokens=plan.step_tokens,
            rows=torch.from_numpy(plan.rows),
            epoch=plan.epoch,
            step=plan.step,
        )

    def _picture(self, row: int, epoch: int) -> Pixels:
        """The picture as it looks in this epoch, still wide enough for its label and in its bucket."""
        image = self.gallery[row]
        if self.augmentation is None:
            return image
        changed = augment(image, self.augmentation, self.seed, epoch, row)
        least = self.gallery.least_width(self.gallery.texts[row])
        return to_height(changed, image.shape[0], least, bucket(image.shape[1]))


def stack(images: Sequence[Pixels], width: int) -> Tensor:
    """Pictures (H, W) or (H, W, 3) of one height, padded to `width` columns, as one tensor (B, C, H, width)."""
    padded = np.stack([pad_right(image, width) for image in images])
    padded = padded[:, None] if padded.ndim == 3 else padded.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(padded))
