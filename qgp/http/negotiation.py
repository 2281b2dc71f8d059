"""Content negotiation: the media type of a response by `Accept` (RFC 9110, 12.5.1)."""

from collections.abc import Iterator
from functools import lru_cache

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"


@lru_cache(128)
def negotiate(accept: str | None) -> str | None:
    """Return the media type that the client prefers, or None if it accepts neither.

    The most specific range decides on a type; among equals the first one wins, and a
    wildcard means `application/json`, which every client understands.
    """
    if not accept or not accept.strip():
        return JSON
    ranges = list(_ranges(accept))
    candidates = [(*_preference(kind, ranges), kind) for kind in (JSON, GRAPHQL)]
    quality, _, best = max(candidates, key=lambda candidate: candidate[:2])
    return best if quality > 0 else None


@lru_cache(128)
def accepts_event_stream(accept: str) -> bool:
    """Whether the client names event streams among what it accepts; a wildcard does not."""
    return any(kind == EVENT_STREAM and quality > 0 for kind, quality in _ranges(accept))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in item.split(";"))
        quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
        yield kind, _weight(quality)


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0
    return weight if 0 <= weight <= 1 else 0


def _preference(kind: str, ranges: list[tuple[str, float]]) -> tuple[float, int]:
    """Return quality of a media type and, negated, the index of its most specific range."""
    for pattern in (kind, "application/*", "*/*"):
        for index, (named, quality) in enumerate(ranges):
            if named == pattern:
                return quality, -index
    return 0, 0
