"""A pytest plugin: let a suite take the server of QGP_TEST_SERVER, which is migrated already."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Be a worker of a run that has started its server, as the suite's own workers are."""
    config.workerinput = {"workerid": "gw0"}  # type: ignore[attr-defined]  # xdist sets it
