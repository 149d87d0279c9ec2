"""Models that score texts: loaded once a process, run in batches of a set number of tokens. Torch is imported on use."""
