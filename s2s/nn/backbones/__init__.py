"""Backbones: from a picture (B, C, H, W) to features (B, D, h, S) with a step every four pixels of its width."""
