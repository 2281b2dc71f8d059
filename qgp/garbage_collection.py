"""Garbage collection in a process that loads much once and keeps it."""

import gc

# Objects before a collection of the youngest, and collections before one of the next older. With
# Python's own (700, 10, 10), a start spends a fifth of its time on what it has just loaded, and an
# answer of some thousand objects is a reason to look at all the others.
_THRESHOLDS = (50_000, 50, 1_000)


def raise_thresholds() -> None:
    """Collect after many objects; called before anything is loaded."""
    gc.set_threshold(*_THRESHOLDS)


def freeze_loaded() -> None:
    """Leave alone from now on what lives as long as the process, as the schema does."""
    gc.collect()
    gc.freeze()
