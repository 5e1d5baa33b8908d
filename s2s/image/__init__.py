"""Pixels: reading, geometry, augmentation, synthetic text. No torch."""
