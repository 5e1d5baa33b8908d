"""A trained model as a directory that travels alone."""
