"""Commits per second of the create by 1 writer, 16 of one organization, and 16 of sixteen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import trail
from bench.database import ORGANIZATIONS, filled
from bench.load import Load
from bench.queries import QUERIES
from bench.results import Summary, judged, number
from bench.rounds import measure
from bench.servers import SERVERS, resident

NAMES = ("ours", "raw-rows", "mercurius-rows", "mercurius-rows-once")
_QUERY = QUERIES["Q5"]
_LIMIT = "raw-rows"
# Writers and organizations, and the least share of the commits of raw SQL with the same rows.
SETTINGS: Sequence[tuple[int, int, float | None]] = (
    (1, 1, None),
    (16, 1, 0.7),
    (16, ORGANIZATIONS, 0.9),
)
INTRODUCTION = f"""Commits each second of {_QUERY.name}. The trail of one organization is one chain:
whoever writes in it waits for the head. Everybody writes the same rows.
"""


def measured(
    names: Sequence[str], logs: Path, *, rounds: int, seconds: float
) -> list[dict[str, Any]]:
    """Measure the servers in each setting; return the slices with their organizations."""
    measurements: list[dict[str, Any]] = []
    chosen = [SERVERS[name] for name in names]
    with filled(1) as stage, resident(chosen, stage, logs, ORGANIZATIONS) as servers:
        trail.demand(servers, [_QUERY], stage)
        for writers, organizations, _ in SETTINGS:
            slices = measure(
                servers,
                [_QUERY],
                Load(stage, organizations),
                concurrencies=[writers],
                rounds=rounds,
                seconds=seconds,
            )
            measurements += [{**each.plain(), "organizations": organizations} for each in slices]
    return measurements


def table(measurements: Sequence[dict[str, Any]]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Return heads and rows: the commits of each server, and ours against raw SQL."""
    names = list(dict.fromkeys(each["server"] for each in measurements))
    heads = ["writers", "organizations", *[SERVERS[name].title for name in names]]
    rows: list[Sequence[str]] = []
    for writers, organizations, least in SETTINGS:
        slices = [each for each in measurements if each["organizations"] == organizations]
        summary = Summary({"peaks": dict.fromkeys(names), "slices": slices})
        medians = (summary.median(name, _QUERY.name, writers, "rate") for name in names)
        ratio = summary.ratio("ours", _LIMIT, _QUERY.name, writers)
        cells = [*map(number, medians), judged(ratio, least)]
        rows.append([str(writers), str(organizations), *cells])
    return [*heads, f"ours / {SERVERS[_LIMIT].title}"], rows
