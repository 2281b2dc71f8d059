"""Files in memory, where databases are made and erased faster than on a disk."""

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 8 * 1024**3  # bytes


def in_memory() -> Path | None:
    """Return the folder for the files of a server, or None where memory has no room for them."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if has_room else None
