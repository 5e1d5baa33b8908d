"""From step distributions to outputs: greedy, beam search, sampling, forced scores."""
