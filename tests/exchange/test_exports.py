"""A register as a file shows what the list of the API shows to the same person."""

from datetime import datetime
from typing import Any

import pytest

from qgp.app import Application
from qgp.kit.gql.exports import AT_ONCE, Export, ExportRequest, export
from qgp.kit.operating import operator
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from tests.company import Client, Company
from tests.exchange import many
from tests.exchange.files import fetch
from tests.findings.finding_commands import prepare_finding_commands

SITES = [("B1", "=1+1"), ("A2", 'The "old" one; closed'), ("A1", "Plant, north")]


@pytest.fixture
async def sites(api: Client) -> None:
    for code, name in SITES:
        assert (await api.do("siteCreate", code=code, name=name))["errors"] == []


@pytest.fixture
async def findings(api: Client, company: Company) -> dict[str, str]:
    """Write a finding that repeats another; return references by title."""
    finding_commands = await prepare_finding_commands(company, api)
    first = await finding_commands.write(
        title="First", severity=2, siteId=finding_commands.ids["site"]
    )
    second = await finding_commands.write(
        title="Second", repeatOfId=first["id"], detectedOn="2026-02-01"
    )
    return {"First": first["reference"], "Second": second["reference"]}


@pytest.mark.usefixtures("sites")
async def test_a_file_has_a_header_and_a_line_for_each_row_in_the_requested_order(
    api: Client,
) -> None:
    file = await fetch(api, "sites", "code,name", orderBy=[{"field": "CODE"}])
    assert file.answer.text == (
        'code,name\r\nA1,"Plant, north"\r\nA2,"The ""old"" one; closed"\r\nB1,\'=1+1\r\n'
    )
    assert file.answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert file.answer.headers["Content-Disposition"] == 'attachment; filename="sites.csv"'
    assert file.answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("sites")
async def test_a_file_has_the_chosen_delimiter_and_mark(api: Client) -> None:
    for delimiter in (";", "SEMICOLON"):
        file = await fetch(api, "sites", "code,name", delimiter=delimiter, bom="true")
        assert file.answer.content.decode() == (
            '\ufeffcode;name\r\nA1;"Plant, north"\r\nA2;"The ""old"" one; closed"\r\nB1;\'=1+1\r\n'
        )


@pytest.mark.usefixtures("sites")
async def test_filter_and_order_are_those_of_the_list(api: Client) -> None:
    newest = [{"field": "CREATED_AT", "direction": "DESC"}]
    begins = {"or": [{"code": {"startsWith": "A"}}, {"name": {"contains": "1+"}}]}
    assert (await fetch(api, "sites", orderBy=newest)).column("code") == ["A1", "A2", "B1"]
    assert (await fetch(api, "sites", filter=begins)).column("code") == ["A1", "A2", "B1"]
    none = await fetch(api, "sites", "code", filter={"code": {"in": []}})
    assert none.rows == [["code"]]


async def test_every_value_is_the_one_that_the_api_shows(
    api: Client, findings: dict[str, str], company: Company
) -> None:
    document = """{ findings(orderBy: [{field: TITLE}]) { nodes {
        id reference severity isSystemic createdAt site { code } owner { email }
        repeatOf { reference } primaryClause { clause { number standard { code } } } } } }"""
    first, second = (await api.ask(document))["findings"]["nodes"]
    file = await fetch(api, "findings", orderBy=[{"field": "TITLE"}])
    assert file.column("id") == [first["id"], second["id"]]
    assert file.column("reference") == [*findings.values()]
    assert file.column("severity") == ["2", ""]
    assert file.column("isSystemic") == ["false", "false"]
    instants = [datetime.fromisoformat(node["createdAt"]) for node in (first, second)]
    assert file.column("createdAt") == [
        f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z" for at in instants
    ]
    assert file.column("detectedOn")[1] == "2026-02-01"
    assert file.column("site.code") == ["HQ", ""]
    assert file.column("owner.email") == [company.owner.email] * 2
    assert file.column("repeatOf.reference") == ["", findings["First"]]
    clause = first["primaryClause"]["clause"]
    assert file.column("primaryClause.clause.number")[0] == clause["number"]
    assert file.column("primaryClause.clause.standard.code")[0] == clause["standard"]["code"]


async def test_a_list_is_one_cell_with_the_references_of_its_records(
    api: Client, findings: dict[str, str], company: Company
) -> None:
    document = """{ findings(orderBy: [{field: TITLE}]) { nodes { id
        clauses { clause { number } } } } }"""
    first, second = (await api.ask(document))["findings"]["nodes"]
    values = {"title": "Both", "priority": "LOW", "ownerId": company.owner.id}
    values |= {"dueOn": "2027-06-01", "problemStatement": "Labels fall off."}
    links = {"findingIds": [second["id"], first["id"]]}
    payload = await api.do("capaCreate", "capa { findings { reference } }", **values, **links)
    capas = await fetch(api, "capas", "findings.reference,findings.capas.reference")
    assert capas.status == 400
    capas = await fetch(api, "capas", "findings.reference")
    listed = [finding["reference"] for finding in payload["capa"]["findings"]]
    assert sorted(listed) == sorted(findings.values())
    assert capas.column("findings.reference") == ["; ".join(listed)]
    assert "findings.reference" in (await fetch(api, "capas")).rows[0]
    names = "clauses.clause.number,capas.reference,capas.owner.email"
    file = await fetch(api, "findings", names, orderBy=[{"field": "TITLE"}])
    assert file.rows[1:] == [
        ["1", "CAPA-2026-0001", company.owner.email],
        ["1", "CAPA-2026-0001", company.owner.email],
    ]
    refused = await fetch(api, "findings", "clauses.clause.numbr")
    assert (
        "There is no column `clauses.clause.numbr`. Did you mean `clauses.clause.number`?"
        in (refused.error["message"])
    )


async def test_without_a_choice_own_columns_come_first_and_dates_last(api: Client) -> None:
    (header,) = (await fetch(api, "departments")).rows
    assert ",".join(header) == (
        "id,code,name,parent.code,parent.name,version,createdAt,updatedAt,"
        "createdBy.email,createdBy.name,updatedBy.email,updatedBy.name"
    )


async def test_what_is_hidden_from_a_person_is_an_empty_cell(
    api: Client, company: Company, findings: dict[str, str]
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    (second,) = (await fetch(api, "findings", "id", filter={"title": {"eq": "Second"}})).column(
        "id"
    )
    change: dict[str, Any] = {"id": second, "expectedVersion": 1, "ownerId": eve.id}
    assert (await api.do("findingUpdate", **change))["errors"] == []
    columns = "title,repeatOf.reference,owner.email"
    async with eve.signed_in() as hers:
        mine = await fetch(hers, "findings", columns)
        looking = await fetch(hers, "findings", filter={"site": {"code": {"eq": "HQ"}}})
    assert mine.rows[1:] == [["Second", "", eve.email]]
    assert looking.rows[1:] == []
    assert (await fetch(api, "findings", columns)).rows[1][1] == findings["First"]


async def test_columns_of_what_a_role_may_not_read_are_left_out_or_refused(
    company: Company,
) -> None:
    contact = await company.hire(Role.SUPPLIER_CONTACT)
    async with contact.signed_in() as theirs:
        (header, me) = (await fetch(theirs, "users")).rows
        assert "email" in header
        assert me[header.index("email")] == contact.email
        refused = await fetch(theirs, "findings", "title")
    assert (refused.status, refused.code) == (403, "FORBIDDEN")


async def test_one_statement_reads_a_file_however_many_rows_it_has(
    api: Client, application: Application, company: Company
) -> None:
    await many.findings(application, company, 2 * AT_ONCE + 1)
    few = await fetch(api, "findings", filter={"reference": {"eq": "OFI-2026-000002"}})
    all_ = await fetch(api, "findings")
    assert (len(few.rows), len(all_.rows)) == (2, 2 * AT_ONCE + 2)
    for file in (few, all_):
        assert len([text for text in file.statements if "FROM findings" in text]) == 1


async def test_no_more_than_a_few_hundred_rows_are_in_memory_at_once(
    application: Application, company: Company
) -> None:
    await many.findings(application, company, 2 * AT_ONCE + 1)
    organization_id = company.organization_id
    findings_export = export(
        application.schema,
        operator(organization_id),
        ExportRequest("findings", columns=["reference"]),
    )
    async with application.database.read(Scope(organization_id), is_snapshot=True) as session:
        assert (await session.execute(findings_export.count)).scalar_one() == 2 * AT_ONCE + 1
        sizes = [rows async for rows, _ in findings_export.chunks(session)]
    assert sizes == [AT_ONCE, AT_ONCE, 1]


async def test_a_snapshot_does_not_see_what_comes_meanwhile(
    application: Application, company: Company, api: Client
) -> None:
    organization_id = company.organization_id
    sites_export: Export = export(
        application.schema, operator(organization_id), ExportRequest("sites")
    )
    seen = []
    for is_snapshot in (True, False):
        async with application.database.read(
            Scope(organization_id), is_snapshot=is_snapshot
        ) as session:
            before = (await session.execute(sites_export.count)).scalar_one()
            await api.do("siteCreate", code=f"S{is_snapshot}", name="New")
            seen.append((await session.execute(sites_export.count)).scalar_one() - before)
    assert seen == [0, 1]


WRONG: dict[str, tuple[str, dict[str, Any], list[str], str]] = {
    "an unknown field": (
        "findings",
        {"filter": {"grad": {"eq": "MAJOR"}}},
        ["filter"],
        "Did you mean 'grade'?",
    ),
    "an unknown value": ("findings", {"filter": {"grade": {"eq": "HUGE"}}}, ["filter"], "'HUGE'"),
    "no object": ("findings", {"filter": [1]}, ["filter"], "FindingFilter"),
    "four levels": (
        "sites",
        {"filter": {"not": {"not": {"not": {"code": {"eq": "A"}}}}}},
        ["filter"],
        "more than 3 levels",
    ),
    "a null": ("sites", {"filter": {"code": {"eq": None}}}, ["filter", "code", "eq"], "isNull"),
    "another kind of id": (
        "sites",
        {"filter": {"id": {"eq": "usr_" + "0" * 32}}},
        ["filter", "id", "eq"],
        "id of a Site",
    ),
    "an unknown order": ("sites", {"orderBy": [{"field": "SIZE"}]}, ["orderBy"], "'SIZE'"),
    "an unknown column": ("sites", {"columns": "cod"}, ["columns"], "Did you mean `code`?"),
    "an unknown relation": (
        "findings",
        {"columns": "ownr.email"},
        ["columns"],
        "Did you mean `owner`?",
    ),
    "a record": ("findings", {"columns": "owner"}, ["columns"], "such as `owner.email`"),
    "a list": (
        "findings",
        {"columns": "clauses"},
        ["columns"],
        "`clauses` is a record and no column",
    ),
    "a right": ("sites", {"columns": "viewerCanUpdate"}, ["columns"], "no column"),
    "a column twice": ("sites", {"columns": "code,code"}, ["columns"], "once"),
    "no name": ("sites", {"columns": "code,,name"}, ["columns"], "is no column"),
    "null": (
        "sites",
        {"filter": {"or": [{"code": None}]}},
        ["filter", "or", "0", "code"],
        "`code` is null",
    ),
    "groups": ("sites", {"filter": {"or": [{}] * 51}}, ["filter"], "50 conditions"),
    "levels": ("sites", {"filter": {"or": {"or": {"or": {}}}}}, ["filter"], "3 levels"),
    "code": ("sites", {"columns": "code;drop"}, ["columns"], "is no column"),
    "a long path": ("sites", {"columns": "parent.parent.parent.parent.code"}, ["columns"], "4"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_does_not_fit_is_refused_with_its_place(api: Client, wrong: str) -> None:
    register, options, path, message = WRONG[wrong]
    columns = options.pop("columns", None) if "columns" in (options := {**options}) else None
    file = await fetch(api, register, columns, **options)
    assert (file.status, file.code) == (400, "BAD_USER_INPUT")
    assert file.error["extensions"]["path"] == path
    assert message in file.error["message"]


async def test_more_than_a_hundred_columns_are_refused(api: Client) -> None:
    file = await fetch(api, "sites", ",".join(f"c{n}" for n in range(101)))
    assert (file.status, file.error["message"]) == (
        400,
        "Name at most 100 columns; these are 101.",
    )
