"""The parts of the models, in plain torch.

Letters in shapes: B batch, S source steps, T target steps, V vocabulary, D model width, H hidden units, K beam.
"""
