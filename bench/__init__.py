"""Benchmark of the product beside its peers: `python -m bench`."""
