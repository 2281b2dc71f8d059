"""The tests of row scopes are worth something: each breach in the wall turns them red."""

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from qgp.findings.facts import of_audits
from qgp.findings.policy import READ
from qgp.kit import workflow
from qgp.kit.gql import filter_sql
from qgp.kit.policy import Role, forget_conditions
from tests.scopes import documents
from tests.scopes.conftest import Look, Seed
from tests.scopes.probing import Prober, probing
from tests.scopes.view import View, chunks

Breach = Callable[[pytest.MonkeyPatch], None]
Probe = Callable[[Prober], Awaitable[None]]


def _fields(patch: pytest.MonkeyPatch) -> None:
    """Show all findings to everybody who may see some."""
    patch.setitem(vars(READ), "rows", {})


def _blockers(patch: pytest.MonkeyPatch) -> None:
    async def all_of_them(facts: Any, row: Any, blockers: Any) -> Any:
        return blockers

    patch.setattr(workflow, "_without_hidden", all_of_them)


def _history(patch: pytest.MonkeyPatch) -> None:
    async def all_of_them(loads: Any, named: Iterable[Any]) -> Any:
        return {*named}

    patch.setattr("qgp.trail.types.readable_among", all_of_them)


def _reports(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(of_audits, "_visible", lambda caller: [])


def _filters(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(filter_sql, "points_at_readable", lambda column, caller: None)


async def _lists(prober: Prober) -> None:
    for document in prober.everything.lists():
        assert prober.tells(json.dumps(await prober.ask(document))) is None


def _records(*prefixes: str) -> Probe:
    """Return the probe of all records of some kinds, with their history."""

    async def probe(prober: Prober) -> None:
        visible = [id for id in prober.view.visible_ids if id.startswith(prefixes)]
        for part in chunks(visible, 50):
            data = await prober.ask(prober.everything.records(), ids=part)
            assert prober.tells(json.dumps(data)) is None

    return probe


async def _conditions(prober: Prober) -> None:
    places = documents.conditions(prober.everything)
    await prober.compare_filters(one for one in places if one.root == "actions")


BREACHES: dict[str, tuple[Breach, Probe, Role]] = {
    "fields": (_fields, _lists, Role.PROCESS_OWNER),
    "reports": (_reports, _records("aud_"), Role.PROCESS_OWNER),
    "blockers": (_blockers, _records("cap_", "fnd_"), Role.EMPLOYEE),
    "history": (_history, _records("fnd_"), Role.EMPLOYEE),
    "filters": (_filters, _conditions, Role.EMPLOYEE),
}


@pytest.fixture(autouse=True)
def no_kept_conditions() -> Iterator[None]:
    """Make the conditions of permissions anew, in the breach and after it."""
    forget_conditions()
    yield
    forget_conditions()


@pytest.mark.parametrize("breach", BREACHES)
async def test_a_breach_is_noticed(
    look: Look, seed: Seed, monkeypatch: pytest.MonkeyPatch, breach: str
) -> None:
    open_, probe, role = BREACHES[breach]
    views = [await look(role, flip) for flip in range(2)]
    open_(monkeypatch)
    with pytest.raises(AssertionError):
        await _look_for_it(seed, views, probe)


async def _look_for_it(seed: Seed, views: Sequence[View], probe: Probe) -> None:
    """Probe each view; one of them hides a record where the breach shows it."""
    for view in views:
        async with probing(view, seed.everything) as prober:
            await probe(prober)
