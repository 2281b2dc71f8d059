"""Planned mutations: the same answers as the resolvers', and no command executed twice."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from qgp.accounts.model import LogIn
from qgp.app import Application
from qgp.engine import planned_mutations
from qgp.engine.engine import Engine
from qgp.kit.policy import Role
from qgp.organizations.model import Site
from tests.company import Company
from tests.engine.read_paths import ReadPaths, client_of

CREATE = """mutation ($input: SiteCreateInput!) { siteCreate(input: $input) {
    site { id code name version createdAt createdBy { name } parent { code } viewerCanUpdate }
    errors { __typename code message path ... on ValidationError { constraint } } } }"""
UPDATE = """mutation Rename($input: SiteUpdateInput!) { done: siteUpdate(input: $input) {
    ...Shown errors { code path ... on StaleVersionError { expected current } } __typename } }
    fragment Shown on SiteUpdatePayload { site { id name version updatedBy { role } } }"""
LITERALS = """mutation ($code: String!, $all: Boolean = false) { siteCreate(
    input: {code: $code, name: "Literal", country: null}) {
        errors { code } site { name country version @include(if: $all) } } }"""
ONLY_ERRORS = (
    "mutation ($input: SiteCreateInput!) { siteCreate(input: $input) { errors { code } } }"
)
EDGE = """mutation ($input: SiteCreateInput!) { siteCreate(input: $input) {
    siteEdge { node { code } } errors { code } } }"""
TWICE = """mutation ($input: SiteCreateInput!) { a: siteCreate(input: $input) { errors { code } }
    b: siteCreate(input: $input) { errors { code } } }"""
SKIPPED = """mutation ($input: SiteCreateInput!, $no: Boolean = true) {
    siteCreate(input: $input) @include(if: $no) { site { code } } }"""
_ID = re.compile(r'"([a-z]{3}_[0-9A-Za-z]{10,})"')
_TIME = re.compile(r'"20\d\d-[^"]*Z"')

Made = Mapping[str, str]  # ids by the code of the site
Case = tuple[str, Callable[[Made], Mapping[str, Any]], str]


def _site(code: str, **values: Any) -> Callable[[Made], Mapping[str, Any]]:
    return lambda _: {"input": {"code": code, "name": f"Site {code}", **values}}


SEQUENCE: Mapping[str, Case] = {
    "create": (CREATE, _site("A"), "planned"),
    "below another": (
        CREATE,
        lambda ids: {"input": {"code": "B", "name": "b", "parentId": ids["A"]}},
        "planned",
    ),
    "code taken": (CREATE, _site("A"), "refused"),
    "blank": (CREATE, _site(" "), "arguments"),
    "malformed id": (CREATE, _site("C", parentId="nonsense"), "arguments"),
    "unknown id": (CREATE, _site("C", parentId="sit_01a22c69f7ca722fbd99e037a460558f"), "refused"),
    "number for a text": (CREATE, _site(5), "variables"),  # type: ignore[arg-type]  # malformed
    "unknown field": (CREATE, _site("C", colour="red"), "variables"),
    "no input": (CREATE, lambda _: {}, "variables"),
    "update": (
        UPDATE,
        lambda ids: {"input": {"id": ids["A"], "expectedVersion": 1, "name": "New"}},
        "planned",
    ),
    "stale version": (
        UPDATE,
        lambda ids: {"input": {"id": ids["A"], "expectedVersion": 1, "name": "Newer"}},
        "refused",
    ),
    "null for a text": (
        UPDATE,
        lambda ids: {"input": {"id": ids["A"], "expectedVersion": 2, "name": None}},
        "arguments",
    ),
    "literals": (LITERALS, lambda _: {"code": "L"}, "planned"),
    "literals, all fields": (LITERALS, lambda _: {"code": "M", "all": True}, "planned"),
    "errors alone": (ONLY_ERRORS, _site("E"), "planned"),
    "key": (CREATE, _site("K", idempotencyKey="k-1"), "planned"),
    "key again": (CREATE, _site("K", idempotencyKey="k-1"), "planned"),
    "key with another input": (CREATE, _site("K2", idempotencyKey="k-1"), "refused"),
    "edge": (EDGE, _site("F"), "SiteCreatePayload.siteEdge"),
    "skipped by null": (SKIPPED, lambda _: {**_site("G")({}), "no": None}, "directive"),
    "skipped": (SKIPPED, lambda _: {**_site("G")({}), "no": False}, "directive"),
}


def comparable(content: bytes) -> str:
    """Return a body whose ids are numbered and whose times are left out."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match[1], f'"#{len(numbers)}"')

    return _TIME.sub('"at"', _ID.sub(number, content.decode()))


async def answers_of(
    application: Application, company: Company
) -> tuple[list[tuple[int, str]], list[str]]:
    """Return the answers to the sequence, and the outcome that was counted for each."""
    ids: dict[str, str] = {}
    answers, outcomes = [], []
    counts = application.read_engine.mutation_counts if application.read_engine else {}
    async with client_of(application, company.owner.token) as client:
        for document, variables, _ in SEQUENCE.values():
            before = dict(counts)
            answer = await client.answer(document, **variables(ids))
            answers.append((answer.status_code, comparable(answer.content)))
            outcomes += [name for name, count in counts.items() if count != before.get(name, 0)]
            site = ((answer.json().get("data") or {}).get("siteCreate") or {}).get("site") or {}
            ids |= {site["code"]: site["id"]} if "id" in site else {}
    return answers, outcomes


async def test_planned_mutations_answer_as_the_resolvers_do(
    hire: Any, new_read_paths: ReadPaths
) -> None:
    expected, none = await answers_of(new_read_paths.resolvers, await hire.company())
    actual, outcomes = await answers_of(new_read_paths.planned, await hire.company())
    for name, *pair in zip(SEQUENCE, actual, expected, strict=True):
        assert pair[0] == pair[1], name
    assert none == []
    assert outcomes == [outcome for _, _, outcome in SEQUENCE.values()]


async def test_an_input_that_is_one_variable_is_read_in_one_pass(
    company: Company, new_read_paths: ReadPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unused(*_: object) -> None:
        raise AssertionError

    async with client_of(new_read_paths.planned, company.owner.token) as client:
        monkeypatch.setattr(planned_mutations, "get_variable_values", unused)
        answer = await client.ask(CREATE, input={"code": "A", "name": "One"})
    assert answer.reason is None
    assert answer.data["siteCreate"]["site"]["code"] == "A"


async def test_a_mutation_is_left_to_the_resolvers_for_callers_without_permission(
    company: Company, new_read_paths: ReadPaths
) -> None:
    person = await company.hire(Role.EMPLOYEE)
    variables = {"input": {"code": "A", "name": "A"}}
    bodies = []
    for application in (new_read_paths.resolvers, new_read_paths.planned):
        async with client_of(application, person.token) as client:
            bodies.append((await client.answer(CREATE, **variables)).content)
    assert bodies[0] == bodies[1]
    assert b'"code":"FORBIDDEN"' in bodies[1]
    assert new_read_paths.engine.mutation_counts == {"no permission: organization:manage": 1}
    assert await sites_of(company) == []


async def sites_of(company: Company) -> list[str]:
    """Return the codes of the company's sites."""
    statement = sa.select(Site.code).where(Site.organization_id == company.organization_id)
    async with company.application.engine.connect() as connection:
        return list((await connection.scalars(statement.order_by(Site.code))).all())


async def test_a_record_that_no_plan_can_read_is_shown_by_the_resolvers(
    company: Company, new_read_paths: ReadPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_: object) -> None:
        raise ConnectionResetError

    async with client_of(new_read_paths.planned, company.owner.token) as client:
        expected = await client.ask(CREATE, input={"code": "A", "name": "One"})
        assert (expected.reason, len(expected.sql)) == (None, 1)
        monkeypatch.setattr(Engine, "read_related", lost)
        actual = await client.ask(CREATE, input={"code": "B", "name": "One"})
    assert actual.reason == "database"
    shown = actual.data["siteCreate"]
    assert (shown["site"]["code"], shown["errors"]) == ("B", [])
    assert shown["site"]["createdBy"] == expected.data["siteCreate"]["site"]["createdBy"]
    assert await sites_of(company) == ["A", "B"]


async def test_a_command_that_fails_is_reported_by_its_resolver_and_not_repeated(
    company: Company, new_read_paths: ReadPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is locked for longer than a command waits."""
    variables = {"input": {"code": "A", "name": "One"}}
    bodies = []
    for application in (new_read_paths.resolvers, new_read_paths.planned):
        monkeypatch.setattr(
            application.database, "timeouts", type(application.database.timeouts)(lock_ms=20)
        )
        async with client_of(application, company.owner.token) as client:
            async with company.application.engine.connect() as holder:
                await holder.execute(sa.text("LOCK sites IN SHARE MODE"))
                bodies.append((await client.answer(CREATE, **variables)).content)
            assert await sites_of(company) == []
    assert bodies[0] == bodies[1]
    assert b'"errors":[{"message"' in bodies[1]
    assert new_read_paths.engine.mutation_counts == {"failed": 1}


async def test_an_ended_sign_in_changes_nothing(
    company: Company, new_read_paths: ReadPaths
) -> None:
    person = await company.hire(Role.ADMIN)
    async with client_of(new_read_paths.planned, person.token) as client:
        assert (await client.ask(CREATE, input={"code": "A", "name": "One"})).reason is None
        ended = sa.update(LogIn).where(LogIn.user_id == person.user_id)
        async with company.application.engine.begin() as connection:
            await connection.execute(ended.values(revoked_at=sa.func.now()))
        with capture_logs() as logs:
            answer = await client.answer(CREATE, input={"code": "B", "name": "Two"})
    assert answer.status_code == 401
    assert [entry.get("user") for entry in logs if entry["event"] == "request"] == [None]
    assert new_read_paths.engine.mutation_counts == {"planned": 1, "session": 1}
    assert await sites_of(company) == ["A"]
