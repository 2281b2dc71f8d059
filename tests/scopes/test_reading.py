"""For every role whose rights hold for a part of the records: what is outside is told nowhere.

A copy of an organization is dealt out, so that each kind has records inside and outside. What is
outside carries a mark in its texts. It must not show, and deleting it must change nothing of what
is left to see, but for what guards say.
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from qgp.kit.policy import Principal, Role
from qgp.kit.visibility import NODES, limits_of
from tests.kit.built import BUILT
from tests.matrix import role_cases
from tests.scopes.conftest import Look, Seed
from tests.scopes.documents import conditions, connections, filter_fields, thinned
from tests.scopes.excerpts import EXCERPTS, declared
from tests.scopes.probing import Prober, probing, same

assert BUILT  # which fills NODES
# What compares columns of the row itself, which nobody sees without the row.
OF_THE_ROW = ("EnumFilter", "BooleanFilter", "IntFilter", "DecimalFilter", "DateFilter")


def sql_of(role: Role) -> tuple[str, ...]:
    """Return how a role that holds in a place limits what it reads, kind by kind."""
    one, two = UUID(int=1), UUID(int=2)
    caller = Principal(one, one, one, one, role, site_id=one, department_id=two)
    kinds = (
        sa.select(each.model.id).where(*limits_of(each.model, caller)) for each in NODES.values()
    )
    return tuple(str(kind.compile(dialect=postgresql.dialect())) for kind in kinds)  # type: ignore[no-untyped-call]


WIDE = (Role.EMPLOYEE,)  # sees and misses records of most kinds
# All of it, what is in a place, what concerns the user, nothing.
EVERY_TIME = (Role.OWNER, Role.PROCESS_OWNER, Role.EMPLOYEE, Role.SUPPLIER_CONTACT)


@dataclass
class Covered:
    """What the roles saw and tried together."""

    answered: set[tuple[str, str]] = field(default_factory=set)
    tried: set[tuple[str, str]] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def add(self, prober: Prober) -> None:
        """Remember what somebody saw and tried."""
        self.answered |= prober.answered
        self.tried |= prober.tried
        self.roots |= prober.roots
        self.hidden |= {model.prefix for model, rows in prober.view.hidden.items() if rows}


@pytest.fixture(scope="module")
def covered() -> Covered:
    """What the tests of this file cover."""
    return Covered()


async def tells_nothing(prober: Prober, values: dict[str, Any]) -> None:
    """Fail where an answer tells of what is hidden."""
    for name, answer in values.items():
        text = answer if isinstance(answer, str) else json.dumps(answer)
        assert prober.tells(text) is None, name


def test_no_field_but_these_shows_an_excerpt_of_a_hidden_record() -> None:
    assert dict(declared(BUILT.graphql)) == EXCERPTS


@pytest.mark.parametrize("role", role_cases(*EVERY_TIME))
async def test_records_outside_the_scope_of_a_role_are_returned_nowhere(
    look_alone: Look, seed: Seed, covered: Covered, role: Role
) -> None:
    view = await look_alone(role)
    is_whole = not any(view.hidden.values())
    assert is_whole == (sql_of(role) == sql_of(Role.OWNER))
    async with probing(view, seed.everything) as prober:
        before = await prober.everything_read()
        await tells_nothing(prober, before)
        covered.add(prober)
        if not is_whole:  # else there is nothing to forget
            await prober.forget()
            assert same(before, await prober.everything_read()) is None


@pytest.mark.parametrize(
    "is_whole",
    [False, pytest.param(True, marks=pytest.mark.exhaustive)],
    ids=["one operator", "every operator"],
)
@pytest.mark.parametrize("role", WIDE)
async def test_no_filter_order_look_up_or_file_tells_of_it(
    look_alone: Look, seed: Seed, covered: Covered, role: Role, is_whole: bool
) -> None:
    every = [*conditions(seed.everything)]
    places = every if is_whole else [*thinned(every)]
    view = await look_alone(role, flip=1)
    async with probing(view, seed.everything) as prober:
        await tells_nothing(prober, await prober.read_otherwise())
        await prober.compare_filters(places)
        await prober.compare_look_ups(is_whole=is_whole)
        before = await prober.related(places)
        await tells_nothing(prober, before)
        covered.add(prober)
        await prober.forget()
        assert same(before, await prober.related(places)) is None


def test_every_root_connection_filter_and_scope_was_tried(seed: Seed, covered: Covered) -> None:
    schema = seed.everything.schema
    assert set(connections(schema)) - covered.answered == set()
    scoped = {each.model.prefix for each in NODES.values() if len(each.read.rows)}
    assert scoped <= covered.hidden
    assert set(seed.everything.roots) - covered.roots == set()
    left = {
        (kind, name)
        for kind, name, operators in filter_fields(schema)
        if not operators.endswith(OF_THE_ROW) and operators != "DateTimeFilter"
    }
    assert left - covered.tried == set()
