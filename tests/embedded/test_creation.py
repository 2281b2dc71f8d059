"""A cluster is created while something else happens."""

import time
from pathlib import Path

import pytest

from qgp.embedded import Server, creating_cluster, join
from tests.embedded.conftest import Ask


def test_an_abandoned_cluster_is_created_anew_and_join_waits_for_it(
    empty_dir: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "APP_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QGP_DATA_DIR", str(empty_dir))
    incomplete = empty_dir / "postgres/data.new"
    with creating_cluster():
        deadline = time.monotonic() + 60
        while not incomplete.exists():
            assert time.monotonic() < deadline, "the other process creates nothing"
            assert not Server(empty_dir).has_cluster
            time.sleep(0.01)
    assert incomplete.exists()
    with creating_cluster(), join(empty_dir) as server:
        assert ask(server, "SELECT 1") == "1"
    assert not incomplete.exists()
