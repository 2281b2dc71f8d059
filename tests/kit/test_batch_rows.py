"""Facts that are loaded by a statement made once."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pkgutil import walk_packages

import pytest
import sqlalchemy as sa

import qgp
from qgp.kit import clock
from qgp.kit.facts import BatchRows
from tests.kit.built import BUILT

assert BUILT  # which binds what a module declares and another one implements


def declared() -> Iterator[tuple[str, BatchRows]]:
    """Yield the loaders of all modules, with their names."""
    for module in walk_packages(qgp.__path__, "qgp."):
        if ".facts" in module.name:
            for name, value in vars(import_module(module.name)).items():
                if isinstance(value, BatchRows):
                    yield f"{module.name}.{name}", value


def made(loader: BatchRows) -> tuple[str, dict[str, object]]:
    compiled = loader.query(lambda column: column.in_(sa.bindparam("keys", expanding=True)))
    return str(compiled), dict(compiled.compile().params)


def test_no_statement_holds_the_time_at_which_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    loaders = dict(declared())
    assert len(loaders) > 20
    before = {name: made(loader) for name, loader in loaders.items()}
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert {name: made(loader) for name, loader in loaders.items()} == before
