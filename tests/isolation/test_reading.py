"""Every root field, with what belongs to another organization at every place of its arguments."""

from collections.abc import Iterator
from typing import Any

import pytest

from qgp.kit.policy import Role
from tests.company import Client
from tests.isolation.attack import Probe, foreign_ids, foreign_texts, nobodys
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.documents import places, required

ROLES = (Role.OWNER, Role.AUDITOR, Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT)
PUBLIC = {"serverInfo"}
PAGING = {"after", "before"}


def probes(stage: Stage, scalar: str) -> Iterator[Probe]:
    """Yield each root with each place where a scalar can stand, but for cursors."""
    assert stage.schema.query_type is not None
    for root, field in stage.schema.query_type.fields.items():
        for name, argument in field.args.items():
            if name not in PAGING:
                own = known_arguments(stage.a, field, stage.a.ids["rule"])
                for place in places(argument.type, scalar):
                    yield Probe("query", root, own | {name: place})


def lists(stage: Stage) -> Iterator[str]:
    """Yield the roots that can be asked without an argument."""
    assert stage.schema.query_type is not None
    for root, field in stage.schema.query_type.fields.items():
        if not required(field):
            yield root


async def test_the_other_organization_has_something_to_hide(stage: Stage) -> None:
    async with stage.asking(stage.b.company.owner.token) as asker:
        for root in set(lists(stage)) - PUBLIC:
            answer = await asker.ask("query", root, {})
            assert stage.secrets.first_in(answer) is not None, root


@pytest.mark.parametrize("role", ROLES)
async def test_no_list_holds_what_is_anothers(stage: Stage, role: Role) -> None:
    async with stage.in_a(role) as asker:
        for root in lists(stage):
            given = {"first": 100} if "first" in _arguments(stage, root) else {}
            answer = await asker.ask("query", root, given)
            assert answer.status_code == 200
            assert stage.secrets.first_in(answer) is None, root


def _arguments(stage: Stage, root: str) -> Any:
    assert stage.schema.query_type is not None
    return stage.schema.query_type.fields[root].args


@pytest.mark.parametrize("role", ROLES)
async def test_an_id_of_another_organization_is_an_id_of_nothing(stage: Stage, role: Role) -> None:
    asked = 0
    async with stage.in_a(role) as asker:
        for probe in probes(stage, "ID"):
            if "filter" in probe.given and role is not Role.OWNER:
                continue
            for foreign in foreign_ids(stage.b):
                await probe.compare(asker, stage.secrets, foreign, nobodys(foreign))
                asked += 1
    assert asked > 50


async def test_no_text_finds_what_is_anothers(stage: Stage) -> None:
    async with stage.in_a() as asker:
        for probe in probes(stage, "String"):
            for foreign in foreign_texts(stage.b):
                await probe.compare(asker, stage.secrets, foreign, foreign[::-1])


@pytest.mark.parametrize("paging", [("after", "first"), ("before", "last")])
async def test_a_cursor_of_another_organization_opens_nothing(
    stage: Stage, paging: tuple[str, str]
) -> None:
    cursor, size = paging
    theirs, ours = stage.b.company.owner, stage.a.company.owner
    assert stage.schema.query_type is not None
    async with theirs.signed_in() as b, ours.signed_in() as a:
        for root in lists(stage):
            if cursor in _arguments(stage, root):
                given = f"{size}: 1, {cursor}: {{}}"
                foreign = await _cursor(b, root)
                asked = (
                    f"{{ {root}({given.format(f'{chr(34)}{foreign}{chr(34)}')}) {{ totalCount }} }}"
                )
                answer = await a.send(asked)
                assert [e["extensions"]["code"] for e in answer["errors"]] == ["CURSOR_MISMATCH"]
                assert answer["data"] == {root: None}


async def _cursor(api: Client, root: str) -> str:
    found = await api.ask(f"{{ {root}(first: 1) {{ pageInfo {{ endCursor }} }} }}")
    cursor: str = found[root]["pageInfo"]["endCursor"]
    return cursor
