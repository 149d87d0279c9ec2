"""Noisy sources in, training data for language models out."""

__version__ = "0.1.0"
