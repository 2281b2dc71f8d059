"""Compare the product with its peers.

`--servers ours,raw --queries Q1,Q6 --rounds 3` is a quick look; without arguments everything is
measured, which takes more than an hour on two processors. `--writers` measures creates by one
writer, and by 16 of one organization and of sixteen.
"""

import argparse
import signal
import sys
from pathlib import Path

from bench import agreement, creates, growth, report, results, trail, writers
from bench.database import filled
from bench.load import Load, Missing, require_wrk
from bench.queries import QUERIES
from bench.rounds import measure
from bench.servers import SERVERS, resident

LOGS = Path(".data/bench")


def main() -> int:
    """Do what the command line says; 0 only if every answer was right."""
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started ends with us
    LOGS.mkdir(parents=True, exist_ok=True)
    failed = False
    try:
        if not options.render:
            require_wrk()
            failed = _measure(options)
    except (Missing, agreement.Disagreement, TimeoutError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.write or options.render:
        report.write(results.kept())
    return int(failed)


def _measure(options: argparse.Namespace) -> bool:
    if options.growth:
        return _grow(options)
    return _write(options) if options.writers else _compare(options)


def _compare(options: argparse.Namespace) -> bool:
    """Measure the servers side by side; return whether any answer was wrong."""
    queries = [QUERIES[name] for name in options.queries]
    chosen = [SERVERS[name] for name in options.servers]
    with filled(options.scale) as stage, resident(chosen, stage, LOGS) as servers:
        agreement.demand(servers, queries, stage)
        trail.demand(servers, queries, stage)
        sys.stdout.write(f"{len(servers)} servers agree on {', '.join(options.queries)}.\n")
        slices = measure(
            servers,
            queries,
            Load(stage),
            concurrencies=options.concurrency,
            rounds=options.rounds,
            seconds=options.seconds,
        )
        summary = results.found(servers, slices, stage)
    results.keep(summary)
    sys.stdout.write(results.overview(summary))
    sys.stdout.writelines(f"{line}\n" for line in creates.lines(results.Summary(summary)))
    return any(each.failures for each in slices)


def _grow(options: argparse.Namespace) -> bool:
    """Measure ours at each size; return whether any answer was wrong."""
    scales = options.scales
    measurements = growth.grown(
        "ours", scales, LOGS, rounds=options.rounds, seconds=options.seconds
    )
    results.keep({"growth": measurements})
    sys.stdout.write("\n".join(report.growth_table(measurements)) + "\n")
    return any(each["failures"] for each in measurements)


def _write(options: argparse.Namespace) -> bool:
    """Measure writers of one and of many organizations; return whether any answer was wrong."""
    names = [name for name in writers.NAMES if name in options.servers]
    measurements = writers.measured(names, LOGS, rounds=options.rounds, seconds=options.seconds)
    results.keep({"writers": measurements})
    heads, rows = writers.table(measurements)
    sys.stdout.writelines(f"{' | '.join(row)}\n" for row in (heads, *rows))
    return any(each["failures"] for each in measurements)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--servers", default=list(SERVERS), type=_words, help="names, with commas")
    parser.add_argument("--queries", default=list(QUERIES), type=_words, help="Q1,Q2,…")
    parser.add_argument(
        "--concurrency",
        default=[1, 16, 64],
        type=_numbers,
        help="connections at a time, with commas",
    )
    parser.add_argument("--rounds", default=7, type=int, help="slices of each")
    parser.add_argument("--seconds", default=2, type=int, help="length of a slice")
    parser.add_argument("--scale", default=1, type=int, help="times 20,000 clauses")
    parser.add_argument("--growth", action="store_true", help="measure ours as the tables grow")
    parser.add_argument("--writers", action="store_true", help="measure writers of organizations")
    parser.add_argument("--scales", default=list(growth.SCALES), type=_numbers, help="for --growth")
    parser.add_argument("--write", action="store_true", help="write RESULTS.md and the plot after")
    parser.add_argument("--render", action="store_true", help="write them again, measure nothing")
    options = parser.parse_args()
    for chosen, available in ((options.servers, SERVERS), (options.queries, QUERIES)):
        if odd := set(chosen) - set(available):
            parser.error(
                f"there is no {', '.join(sorted(odd))}; choose from {', '.join(available)}"
            )
    return options


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    sys.exit(main())
