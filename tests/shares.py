"""Share of each folder's tests in the suite's five minutes.

A folder that takes more than its share is pointed out at the end of a whole run. It does not fail:
machines are noisy.
"""

from collections import defaultdict
from pathlib import PurePosixPath

import pytest

# Seconds of set-up, call and teardown, of all three workers together, on two idle cores.
SHARES = {
    "accounts": 13,
    "actions": 16,
    "attachments": 16,
    "audits": 36,
    "backup": 7,
    "capas": 32,
    "comments": 8,
    "demo": 25,
    "embedded": 17,
    "engine": 104,
    "evidence_items": 14,
    "exchange": 14,
    "findings": 28,
    "http": 46,
    "isolation": 91,
    "kit": 55,
    "migrations": 47,
    "notifications": 13,
    "programmes": 16,
    "reliability": 42,
    "rolling": 25,
    "scopes": 68,
    "signatures": 12,
    "standards": 35,
    "templates": 8,
    "trail": 6,
    "users": 7,
    "webhooks": 11,
    "": 70,  # the files beside the folders
}
OF_A_NEW_FOLDER = 5


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
        terminalreporter.section("seconds of each folder, and its share")
        for folder, seconds in sorted(self._seconds.items(), key=lambda item: -item[1]):
            share = share_of(folder)
            excess = "  more than its share" if seconds > share else ""
            terminalreporter.line(f"{seconds:7.1f} {share:5} tests/{folder}{excess}")
        total, shares = sum(self._seconds.values()), sum(SHARES.values())
        terminalreporter.line(f"{total:7.1f} {shares:5} together")


def folder_of(test: str) -> str:
    """Return the folder below `tests` of a test's id."""
    parts = PurePosixPath(test.partition("::")[0]).parts
    return parts[1] if len(parts) > 2 else ""


def share_of(folder: str) -> int:
    """Return the seconds that a folder may take."""
    return SHARES.get(folder, OF_A_NEW_FOLDER)
