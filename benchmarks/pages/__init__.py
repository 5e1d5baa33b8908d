"""Whole pages: drawn ones with known text, and readers beside each other on any folder of pages."""
