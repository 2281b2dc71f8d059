"""Filters on relations, on lists of a record, and on SQL expressions."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from qgp.app import Application
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import FindingStatus
from qgp.kit.gql import derived
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.gql.declarations import DECLARED, Expression, Number, Relation
from qgp.kit.gql.fields import ROW_TYPES
from qgp.kit.gql.uses import uses_of
from qgp.kit.policy import Role
from tests import factories
from tests.actions import action_commands
from tests.company import Client, Company, Hiring
from tests.engine.read_paths import ReadPaths
from tests.kit.built import BUILT
from tests.kit.work import work_of
from tests.standards import standard_commands

FINDINGS = """query ($f: FindingFilter) { findings(filter: $f, orderBy: [{field: TITLE}]) {
    totalCount nodes { title } } }"""


# A filter would compare every finding with every other.
UNFILTERED = {("Finding", "similar")}
UNLISTED = {"CalendarFeed"}  # the viewer's own, which no list shows


def unfiltered() -> Iterator[tuple[str, str]]:
    """Yield each relation and each value made by SQL that the filter of its type lacks."""
    assert BUILT  # which derives the filters
    for kind in ROW_TYPES.values():
        if kind.__name__ in UNLISTED:
            continue
        filter = getattr(derived, f"{kind.__name__}Filter")
        names = {part.name for part in fields(filter)}
        for field in kind.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            declared = field.metadata.get(DECLARED)
            name = uses_of(field).filter_by or field.python_name
            is_derived = isinstance(declared, Relation | Listing | Expression | Number)
            if is_derived and name not in names:
                yield kind.__name__, field.python_name


def test_every_relation_can_be_filtered() -> None:
    """The trail apart, which has a register of its own to be searched."""
    assert {one for one in unfiltered() if one[1] != "history"} == UNFILTERED


async def titles(read_paths: ReadPaths, company: Company, filter: Any) -> Sequence[str]:
    """Return the titles of what a filter leaves, as both paths return them."""
    answer = await read_paths.same(company.owner.token, FINDINGS, f=filter)
    assert answer.reason is None
    shown = [node["title"] for node in answer.data["findings"]["nodes"]]
    assert answer.data["findings"]["totalCount"] == len(shown)
    return shown


@pytest.fixture(scope="module")
async def company_with_actions(application: Application) -> Company:
    """A company with three findings: one with two actions, one with one, one with none."""
    company = await Hiring(application).company()
    owner = company.owner
    async with owner.signed_in() as api:
        for title, actions in (("A", ("Label", "Clean")), ("B", ("Clean",)), ("C", ())):
            finding = await action_commands.finding(company, title=title, owner_id=owner.user_id)
            for action in actions:
                values = {"title": action, "findingId": finding.public_id}
                await action_commands.hand_out(api, owner.id, **values)
    return company


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        ({"actions": {"some": {"title": {"contains": "label"}}}}, ["A"]),
        ({"actions": {"some": {}}}, ["A", "B"]),
        ({"actions": {"none": {}}}, ["C"]),
        ({"actions": {"none": {"title": {"eq": "Label"}}}}, ["B", "C"]),
        ({"actions": {"some": {}, "none": {"title": {"eq": "Label"}}}}, ["B"]),
        ({"actions": {}}, ["A", "B", "C"]),
        ({"not": {"actions": {"some": {}}}}, ["C"]),
        ({"actions": {"some": {"owner": {"name": {"startsWith": "nobody"}}}}}, []),
        ({"capas": {"some": {}}}, []),
        ({"capas": {"none": {}}}, ["A", "B", "C"]),
        ({"owner": {"role": {"eq": "OWNER"}}}, ["A", "B", "C"]),
        ({"primaryClause": {"isPrimary": {"eq": True}}}, []),
    ],
    ids=str,
)
async def test_a_filter_applies_to_the_records_of_a_list(
    read_paths: ReadPaths, company_with_actions: Company, filter: Any, left: Sequence[str]
) -> None:
    assert await titles(read_paths, company_with_actions, filter) == left


async def test_a_link_between_two_records_is_filtered_from_either_side(
    read_paths: ReadPaths, company: Company, api: Client
) -> None:
    finding = await action_commands.finding(company, title="Linked")
    await action_commands.finding(company, title="Alone")
    capa = await action_commands.capa(company)
    link = {"id": capa.public_id, "expectedVersion": 1, "findingId": finding.public_id}
    linked = await api.do("capaLinkFinding", **link)
    assert linked["errors"] == []
    assert await titles(
        read_paths, company, {"capas": {"some": {"title": {"eq": capa.title}}}}
    ) == ["Linked"]
    assert await titles(read_paths, company, {"capas": {"none": {}}}) == ["Alone"]


CLAUSES = """query ($f: ClauseFilter) { clauses(filter: $f, orderBy: [{field: NUMBER}]) {
    totalCount nodes { number } } }"""


async def test_clauses_are_filtered_by_those_above_and_by_their_mappings(
    read_paths: ReadPaths, company: Company, api: Client
) -> None:
    standard = await standard_commands.write(api, "1", "2")
    above = await standard_commands.clause(api, standard, "1")
    below = await standard_commands.write_clause(api, standard, "1.1", parentId=above)
    await standard_commands.write_clause(api, standard, "1.1.1", parentId=below)
    other = await standard_commands.clause(
        api, await standard_commands.write(api, "9", family="OTHER"), "9"
    )
    mapping = {"fromClauseId": below, "toClauseId": other, "relation": "EQUAL", "strength": 100}
    assert (await api.do("clauseMappingPropose", **mapping))["errors"] == []
    for filter, left in (
        ({"ancestors": {"some": {"number": {"eq": "1"}}}}, ["1.1", "1.1.1"]),
        ({"ancestors": {"some": {"number": {"eq": "1.1"}}}}, ["1.1.1"]),
        ({"ancestors": {"none": {}}}, ["1", "2", "9"]),
        ({"mappings": {"some": {"status": {"eq": "PROPOSED"}}}}, ["1.1", "9"]),
        ({"mappings": {"some": {"status": {"eq": "REJECTED"}}}}, []),
        ({"mappings": {"none": {}}}, ["1", "1.1.1", "2"]),
    ):
        answer = await read_paths.same(company.owner.token, CLAUSES, f=filter)
        assert [node["number"] for node in answer.data["clauses"]["nodes"]] == left
        assert answer.data["clauses"]["totalCount"] == len(left)


async def test_overdue_is_filtered_by_the_day_of_the_organization(
    read_paths: ReadPaths, company: Company
) -> None:
    late = {"response_due_on": date(2020, 1, 1)}
    await action_commands.finding(company, FindingStatus.OPEN, title="Late", **late)
    await action_commands.finding(company, FindingStatus.DRAFT, title="Not issued", **late)
    await action_commands.finding(company, FindingStatus.OPEN, title="Undated")
    assert await titles(read_paths, company, {"isOverdue": {"eq": True}}) == ["Late"]
    assert await titles(read_paths, company, {"isOverdue": {"eq": False}}) == [
        "Not issued",
        "Undated",
    ]
    assert await titles(read_paths, company, {"daysUntilDue": {"lt": 0}}) == ["Late"]


async def test_a_number_of_records_is_filtered(read_paths: ReadPaths, company: Company) -> None:
    async with work_of(company) as work:
        audits = [await work.add(factories.audit(AuditStatus.REPORTED)) for _ in "12"]
        for place, audit in enumerate(audits):
            for status in (FindingStatus.OPEN, FindingStatus.CLOSED)[: 2 - place]:
                of_audit = {"audit_id": audit.id, "title": f"{place} {status.value}"}
                await work.add(factories.finding(status, **of_audit))
        await work.add(factories.finding(FindingStatus.OPEN, audit_id=audits[1].id, title="1 more"))
    for number, left in ((1, ["0 CLOSED", "0 OPEN"]), (2, ["1 more", "1 OPEN"]), (3, [])):
        filter = {"audit": {"openFindings": {"eq": number}}}
        assert await titles(read_paths, company, filter) == left


async def test_a_list_without_permission_is_refused_and_null_is_no_filter(
    company: Company, api: Client
) -> None:
    for value, path in (({"some": None}, ["filter", "actions", "some"]), (None, None)):
        answer = await api.send(FINDINGS, f={"actions": value})
        extensions = answer["errors"][0]["extensions"]
        assert extensions["code"] == "BAD_USER_INPUT"
        assert extensions["path"] == (path or ["filter", "actions"])
    supplier = await company.hire(Role.SUPPLIER_CONTACT)
    async with supplier.signed_in() as theirs:
        assert await theirs.refusal(FINDINGS, f={"actions": {"some": {}}}) == "FORBIDDEN"
