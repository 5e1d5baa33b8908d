"""Models at work: order, blanks, long input, batching. No Lightning."""
