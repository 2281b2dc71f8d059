"""Garbage collection of a process that loads many objects once and keeps them."""

import gc

# Objects before a collection of the youngest generation, and collections before one of the next.
# With Python's default (700, 10, 10), a start spends a fifth of its time on what it has just
# loaded, and a response of some thousand objects triggers a collection of all generations.
_THRESHOLDS = (50_000, 50, 1_000)


def raise_thresholds() -> None:
    """Collect less often; called before anything is loaded."""
    gc.set_threshold(*_THRESHOLDS)


def freeze_loaded() -> None:
    """Exclude from collection what lives as long as the process, such as the schema.

    The first time, nothing but loading has happened. Of 385,000 objects, 1,400 are garbage then,
    and to find them would take a twentieth of a start.
    """
    if gc.get_freeze_count():
        gc.collect()
    gc.freeze()
