"""Pictures of text with their labels, from folders in the layouts that people have."""
