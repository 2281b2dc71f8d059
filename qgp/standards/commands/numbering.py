"""Natural order of clause numbers: 8.9 before 8.10."""

import re

_RUNS = re.compile(r"[0-9]+|[^\W\d_]+")


def sort_key(number: str) -> str:
    """Return a text that sorts by bytes (C collation) as people order the number itself.

    '8.9' < '8.10' < '8.10.1', 'A.5.2' < 'A.5.10', 'AC-2' < 'AC-2(1)' < 'AC-2(10)' < 'AC-10',
    and a parent comes right before its children. Separators and letter case do not count.
    """
    return ".".join(map(_sortable, _RUNS.findall(number)))


def _sortable(run: str) -> str:
    """Pad digits to two; mark each further one with ':', which sorts right after '9'."""
    if not run[0].isdigit():
        return run.upper()
    plain = run.lstrip("0")
    return ":" * (len(plain) - 2) + plain.zfill(2)
