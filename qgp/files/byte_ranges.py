"""Byte ranges of the `Range` header field (RFC 9110, 14.1.2)."""

import re
from collections.abc import Iterable

_RANGE = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")
_MAX_RANGES = 100
Range = tuple[int, int]  # first byte, and the one after the last


class InvalidRange(Exception):
    """The `Range` header field is malformed or cannot be satisfied.

    Attributes:
        size: of the file, where all ranges lie beyond its end; None where one is malformed.
    """

    def __init__(self, size: int | None = None) -> None:
        super().__init__()
        self.size = size


def parse_ranges(value: str, size: int) -> list[Range]:
    """Return the satisfiable ranges of a file in ascending order, those that touch merged.

    The list is empty, for the whole file, where the unit is unknown (RFC 9110, 14.2) or more than
    100 ranges are requested.

    Raises:
        InvalidRange: a range is malformed, or none is satisfiable.
    """
    unit, _, specifiers = value.partition("=")
    if unit.strip().lower() != "bytes":
        return []
    parts = [part.strip(" \t") for part in specifiers.split(",")]
    ranges = [_parse(part, size) for part in parts if part]
    if not ranges:
        raise InvalidRange
    if len(ranges) > _MAX_RANGES:
        return []
    satisfiable = sorted((start, end) for start, end in ranges if start < end)
    if not satisfiable:
        raise InvalidRange(size)
    return _merged(satisfiable)


def _parse(part: str, size: int) -> Range:
    """Return one range within the file; it is empty where it lies beyond the end.

    Raises:
        InvalidRange: it is malformed.
    """
    match = _RANGE.fullmatch(part)
    if match is None or part == "-":
        raise InvalidRange
    first, last = match.groups()
    if not first:
        return max(size - int(last), 0), size
    if last and int(first) > int(last):
        raise InvalidRange
    return int(first), min(int(last) + 1, size) if last else size


def _merged(ranges: Iterable[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
