"""The process that imports the product and the tests, and forks for each of xdist's workers."""

import sys

import pytest

from tests import preloading

READY = "ready\n"


class OnlyImport:
    """Imports the test modules that are collected, without their tests."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self) -> list[pytest.Item]:
        """Make no test."""
        return []


def main() -> None:
    """Import the tests, write that they are, and fork until the input ends."""
    address, *paths = sys.argv[1:]
    channel = preloading.listening(address)
    pytest.main(
        ["-s", "-p", "no:terminal", "-p", "no:cacheprovider", "--collect-only", *paths],
        plugins=[OnlyImport()],
    )
    sys.stdout.write(READY)
    sys.stdout.flush()
    preloading.serve(channel)
