"""Memory allocation of a server process: memory of one response is used again for the next.

glibc returns freed memory to the kernel beyond 128 KB, and gets it back a page at a time: a
response of 1.2 MB took half as much CPU again.
"""

import ctypes

_TRIM_THRESHOLD, _TRIM_BYTES = -1, 16 * 1024 * 1024  # names of mallopt(3); most that is kept
_MMAP_THRESHOLD, _MMAP_BYTES = -3, 4 * 1024 * 1024  # a longer block is returned at once


def keep_freed() -> None:
    """Let this process keep a bounded amount of freed memory; without glibc, do nothing."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_TRIM_THRESHOLD, _TRIM_BYTES)
        library.mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)
