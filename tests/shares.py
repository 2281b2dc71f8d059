"""Share of each folder's tests in the suite's five minutes.

A folder that takes more than its share is pointed out at the end of a whole run. It does not fail:
machines are noisy. On a machine that is slower or faster, all shares are longer or shorter.
"""

from collections import defaultdict
from pathlib import PurePosixPath

import pytest

# Seconds of set-up, call and teardown, of all three workers together, in a run of five minutes: a
# quiet run of 2026-12-01 took two thirds of each.
SHARES = {
    "accounts": 15,
    "actions": 19,
    "attachments": 19,
    "audits": 39,
    "backup": 8,
    "capas": 31,
    "comments": 8,
    "demo": 24,
    "embedded": 17,
    "engine": 90,
    "evidence_items": 17,
    "exchange": 15,
    "findings": 32,
    "http": 62,
    "isolation": 82,
    "kit": 50,
    "migrations": 43,
    "notifications": 13,
    "programmes": 17,
    "reliability": 50,
    "rolling": 20,
    "scopes": 40,
    "signatures": 10,
    "standards": 32,
    "templates": 8,
    "trail": 8,
    "users": 8,
    "webhooks": 15,
    "": 48,  # the files beside the folders
}
OF_A_NEW_FOLDER = 5
NOISE = 1.3  # times its share, which a folder takes without having grown


class Shares:
    """Adds up the time of each folder; under xdist the controller hears of every test."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add the time of a phase of a test."""
        self._seconds[folder_of(report.nodeid)] += report.duration

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, config: pytest.Config
    ) -> None:
        """Print the time of each folder, the slowest first, if all of them ran."""
        if config.option.keyword or config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
            return
        total, shares = sum(self._seconds.values()), sum(map(share_of, self._seconds))
        terminalreporter.section("seconds of each folder, and its share of the run")
        for folder, seconds in sorted(self._seconds.items(), key=lambda item: -item[1]):
            share = share_of(folder) * total / shares
            excess = "  more than its share" if seconds > NOISE * share else ""
            terminalreporter.line(f"{seconds:7.1f} {share:7.1f} tests/{folder}{excess}")
        terminalreporter.line(f"{total:7.1f} {shares:7.1f} together, and in five minutes")


def folder_of(test: str) -> str:
    """Return the folder below `tests` of a test's id."""
    parts = PurePosixPath(test.partition("::")[0]).parts
    return parts[1] if len(parts) > 2 else ""


def share_of(folder: str) -> int:
    """Return the seconds of a folder in a run of five minutes."""
    return SHARES.get(folder, OF_A_NEW_FOLDER)
