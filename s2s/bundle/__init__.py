"""A model as one directory that travels alone: config, weights, vocabularies, card."""
