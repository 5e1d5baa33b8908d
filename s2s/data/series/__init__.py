"""Series: rows of numbers from files to batches."""
