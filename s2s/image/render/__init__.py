"""Synthetic pictures of text: the same (seed, index) gives the same pixels and label, in any process."""
