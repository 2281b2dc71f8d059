"""Sites and departments: trees of places that behave alike."""

from typing import Any

import pytest

from qgp.kit.policy import ADMINISTRATORS, Role
from tests.company import Client, Company, Hiring, texts
from tests.evidence import trail_length, unchanged
from tests.matrix import role_cases

pytestmark = pytest.mark.parametrize("kind", ["site", "department"])
FACTS = "code name version viewerCanUpdate parent { code }"


async def create(api: Client, kind: str, code: str, **facts: Any) -> str:
    """Add a place and return its id."""
    fields = {"code": code, "name": f"Place {code}", **facts}
    payload = await api.do(f"{kind}Create", f"{kind} {{ id }}", **fields)
    assert payload["errors"] == []
    id: str = payload[kind]["id"]
    return id


async def test_a_place_is_added_and_changed(api: Client, company: Company, kind: str) -> None:
    top, length = await create(api, kind, "TOP"), await trail_length(company)
    fields = {"code": "A", "name": "First", "parentId": top}
    selection = f"{kind} {{ id {FACTS} }} {kind}Edge {{ node {{ code }} }}"
    payload = await api.do(f"{kind}Create", selection, **fields)
    id = payload[kind].pop("id")
    facts = {"code": "A", "name": "First", "version": 1, "viewerCanUpdate": True}
    assert payload == {
        kind: facts | {"parent": {"code": "TOP"}},
        f"{kind}Edge": {"node": {"code": "A"}},
        "errors": [],
    }
    moved = await api.do(
        f"{kind}Update", f"{kind} {{ {FACTS} }}", id=id, expectedVersion=1, parentId=None
    )
    assert moved == {kind: facts | {"parent": None, "version": 2}, "errors": []}
    assert await trail_length(company) == length + 2


async def test_places_are_found_and_listed_by_code(api: Client, kind: str) -> None:
    ids = {code: await create(api, kind, code) for code in ("B", "C", "A")}
    for by in ({"id": ids["A"]}, {"code": "A"}):
        document = f"query ($by: {kind.title()}By!) {{ {kind}(by: $by) {{ id }} }}"
        assert await api.ask(document, by=by) == {kind: {"id": ids["A"]}}
    document = f"""query ($filter: {kind.title()}Filter) {{
        {kind}s(filter: $filter) {{ totalCount nodes {{ code }} }} }}"""
    for filter, codes in (({}, "ABC"), ({"code": {"in": ["C", "B"]}}, "BC"),
                          ({"name": {"contains": "place b"}}, "B")):  # fmt: skip
        connection = (await api.ask(document, filter=filter))[f"{kind}s"]
        assert (connection["totalCount"], texts(connection["nodes"], "code")) == (
            len(codes),
            [*codes],
        )


async def test_a_tree_has_no_circle(api: Client, company: Company, kind: str) -> None:
    top = await create(api, kind, "TOP")
    middle = await create(api, kind, "MID", parentId=top)
    leaf = await create(api, kind, "LEAF", parentId=middle)
    for below in (top, middle, leaf):
        async with unchanged(company):
            payload = await api.do(f"{kind}Update", id=top, expectedVersion=1, parentId=below)
            assert [error["path"] for error in payload["errors"]] == [["parentId"]]


@pytest.mark.parametrize(
    ("act", "fields", "code", "path"),
    [
        ("Create", {"code": "A"}, "ALREADY_EXISTS", "code"),
        ("Create", {"code": " "}, "REQUIRED", "code"),
        ("Create", {"code": "x" * 41}, "TOO_LONG", "code"),
        ("Create", {"parentId": "{missing}"}, "NOT_FOUND", "parentId"),
        ("Create", {"parentId": "usr_" + "0" * 32}, "BAD_USER_INPUT", "parentId"),
        ("Update", {"code": "B"}, "ALREADY_EXISTS", "code"),
        ("Update", {"parentId": "{missing}"}, "NOT_FOUND", "parentId"),
        ("Update", {"id": "{missing}"}, "NOT_FOUND", "id"),
        ("Update", {"expectedVersion": 2}, "STALE_VERSION", "expectedVersion"),
    ],
)
async def test_a_wrong_place_changes_nothing(
    api: Client,
    company: Company,
    kind: str,
    act: str,
    fields: dict[str, Any],
    code: str,
    path: str,
) -> None:
    place_id, _ = await create(api, kind, "A"), await create(api, kind, "B")
    plain = (
        {"code": "N", "name": "New"} if act == "Create" else {"id": place_id, "expectedVersion": 1}
    )
    missing = place_id[:4] + "0" * 32
    filled = {k: v.format(missing=missing) if isinstance(v, str) else v for k, v in fields.items()}
    async with unchanged(company):
        errors = (await api.do(f"{kind}{act}", **plain | filled))["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [(code, [path])]


async def test_the_same_key_adds_one_place(api: Client, company: Company, kind: str) -> None:
    fields = {"code": "A", "name": "First", "idempotencyKey": "once"}
    first = await api.do(f"{kind}Create", f"{kind} {{ id }}", **fields)
    async with unchanged(company):
        assert await api.do(f"{kind}Create", f"{kind} {{ id }}", **fields) == first
        other = await api.do(f"{kind}Create", **fields | {"code": "B"})
        assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


@pytest.mark.parametrize("role", role_cases(Role.ADMIN, Role.SUPPLIER_CONTACT))
async def test_everybody_reads_and_administrators_write(
    company: Company, kind: str, role: Role
) -> None:
    document = f"""mutation ($input: {kind.title()}CreateInput!) {{
        {kind}Create(input: $input) {{ errors {{ code }} }} }}"""
    fields = {"code": "A", "name": "First"}
    async with (await company.hire(role)).signed_in() as api:
        assert await api.ask(f"{{ {kind}s {{ totalCount }} }}") == {f"{kind}s": {"totalCount": 0}}
        if role in ADMINISTRATORS:
            assert (await api.ask(document, input=fields))[f"{kind}Create"] == {"errors": []}
            return
        async with unchanged(company):
            assert await api.refusal(document, input=fields) == "FORBIDDEN"


async def test_codes_are_unique_within_one_organization_only(
    api: Client, hire: Hiring, kind: str
) -> None:
    id = await create(api, kind, "A")
    async with (await hire.company()).owner.signed_in() as other:
        assert await other.ask(f"{{ {kind}s {{ totalCount }} }}") == {f"{kind}s": {"totalCount": 0}}
        assert await other.ask(f'{{ {kind}(by: {{code: "A"}}) {{ id }} }}') == {kind: None}
        assert await create(other, kind, "A") != id


async def test_parents_cost_one_statement(api: Client, kind: str) -> None:
    parent: dict[str, Any] = {}
    for number in range(6):
        parent = {"parentId": await create(api, kind, f"P{number}", **parent)}
    counts = set()
    for size in (2, 6):
        await api.ask(f"{{ {kind}s(first: {size}) {{ nodes {{ parent {{ name }} }} }} }}")
        counts.add(len(api.statements))
    assert len(counts) == 1
