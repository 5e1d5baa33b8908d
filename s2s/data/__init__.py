"""Recipes, cleaning, datasets on disk, and the batches made of them."""
