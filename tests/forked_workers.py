"""xdist's workers, forked from a process that has imported the product and the tests.

Each worker would else import them, rewrite their assertions and build the schema by itself.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack

import pytest
from execnet import XSpec

from tests import imported_tests, preloading

_run = ExitStack()


class ForkedWorkers:
    """Has the workers forked.

    Args:
        paths: of the tests.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        forker = _run.enter_context(preloading.forking())
        os.environ[preloading.ADDRESS] = forker.address
        self._address = f"{forker.address}-imported"
        name = imported_tests.__name__
        ended, alive = os.pipe()  # its input ends with this process
        with os.fdopen(ended) as input:
            self._process = forker.start(
                f"from {name} import main; main()",
                *(name, self._address, *paths),
                modules=preloading.PRODUCT,
                environment=os.environ,
                input=input,
            )
        _run.callback(self._process.wait)
        _run.callback(os.close, alive)

    def pytest_xdist_setupnodes(self, specs: Sequence[XSpec]) -> None:
        """Wait for what the workers are forked from, and start them by it."""
        assert self._process.stdout is not None
        output = ""  # such as a path without tests, which the workers report again
        while not output.endswith(imported_tests.READY):
            line = self._process.stdout.readline()
            assert line, output
            output += line
        for spec in specs:
            program = [sys.executable, "-P", preloading.__file__, "stand-in", self._address]
            spec.python = shlex.join(program)


def pytest_configure(config: pytest.Config) -> None:
    """Start to import before the run's server starts, if there are to be workers."""
    if config.option.dist != "no" and not config.option.collectonly:
        config.pluginmanager.register(ForkedWorkers(config.args))


def pytest_unconfigure() -> None:
    """End the processes that fork."""
    os.environ.pop(preloading.ADDRESS, None)
    _run.close()
