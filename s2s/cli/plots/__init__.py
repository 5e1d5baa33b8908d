"""Pictures of what a model does, one kind a file."""
