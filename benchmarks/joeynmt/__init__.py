"""JoeyNMT 2.3 and s2s side by side: the same data, subwords, sizes, threads and machine, in one run."""
