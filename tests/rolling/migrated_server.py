"""A pytest plugin: let a suite take the server of QGP_TEST_SERVER, which is migrated already."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Act as a worker of a run that has started its server, as the suite's workers do."""
    config.workerinput = {"workerid": "gw0"}  # type: ignore[attr-defined]  # xdist sets it
