"""A file becomes records, all of its rows or none, and says what is wrong by row and column."""

import contextlib
import random
import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.findings.model import Finding, FindingSource, FindingStatus
from qgp.kit import audit_notes, clock, reference_numbers
from qgp.kit.audit_verification import first_broken
from qgp.kit.csv_dialect import whole
from qgp.kit.csv_table import Bounds
from qgp.kit.gql.csv_execution import ImportOptions
from qgp.kit.gql.csv_imports import csv_imports
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.shared_terms import FindingGrade
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.exchange.csv_files import problems, send, taken
from tests.exchange.files import fetch
from tests.findings.finding_commands import FindingCommands, prepare_finding_commands
from tests.kit.work import context_of, work_of

BAD, NONE = "BAD_USER_INPUT", "NOT_FOUND"
REQUIRED, LONG, RANGE, FORMAT = "REQUIRED", "TOO_LONG", "OUT_OF_RANGE", "INVALID_FORMAT"
FINDING = "grade,sourceType,title"
ACTION = "title,kind,dueOn,owner"
DRAFT: dict[str, Any] = {"grade": FindingGrade.OFI, "source_type": FindingSource.PROCESS}
DRAFT |= {"status": FindingStatus.DRAFT, "detected_on": clock.today("UTC")}
DRY_RUN = ImportOptions(is_dry_run=True)
FINDINGS = """{ findings(orderBy: [{field: REFERENCE}]) { nodes {
    reference grade sourceType status title statement severity isSystemic detectedOn disposition
    site { code } department { code } owner { email } detectedBy { email } causeCategory { code }
    primaryClause { clause { number } } clauses { isPrimary clause { number } }
    repeatOf { reference } createdBy { email } } } }"""


@pytest.fixture
async def finding_commands(api: Client, company: Company) -> FindingCommands:
    """Commands on findings, and the records that the cells name."""
    return await prepare_finding_commands(company, api)


async def code_of(api: Client) -> str:
    """The code of the company's standard."""
    code: str = (await api.ask("{ standards { nodes { code } } }"))["standards"]["nodes"][0]["code"]
    return code


@pytest.mark.usefixtures("finding_commands")
async def test_every_column_of_a_finding_sets_what_its_mutation_sets(
    api: Client, company: Company
) -> None:
    code, me = await code_of(api), company.owner.email
    await taken(api, "findings", f"{FINDING}\nOFI,PROCESS,Earlier\n")
    header = (
        "title,grade,sourceType,statement,severity,isSystemic,detectedOn,disposition,site,"
        "department,owner,detectedBy,causeCategory,primaryClause,clauses,repeatOf\n"
    )
    row = (
        f'"Gauges, worn",major,AUDIT,"Two\nlines",4,TRUE,2026-03-01,rework,HQ,QA,{me.upper()},{me},'
        f'METHOD,{code} 1,"{code} 2; {code} 3",ofi-2026-0001\n'
    )
    assert await taken(api, "findings", header + row) == 1
    (finding, earlier) = (await api.ask(FINDINGS))["findings"]["nodes"]
    clauses = [(c["clause"]["number"], c["isPrimary"]) for c in finding.pop("clauses")]
    assert sorted(clauses) == [("1", True), ("2", False), ("3", False)]
    assert finding == {
        "reference": "NC-2026-0001",
        "grade": "MAJOR",
        "sourceType": "AUDIT",
        "status": "DRAFT",
        "title": "Gauges, worn",
        "statement": "Two\nlines",
        "severity": 4,
        "isSystemic": True,
        "detectedOn": "2026-03-01",
        "disposition": "REWORK",
        "site": {"code": "HQ"},
        "department": {"code": "QA"},
        "owner": {"email": me},
        "detectedBy": {"email": me},
        "causeCategory": {"code": "METHOD"},
        "primaryClause": {"clause": {"number": "1"}},
        "repeatOf": {"reference": earlier["reference"]},
        "createdBy": {"email": me},
    }


async def test_a_file_is_longer_than_any_other_text(api: Client) -> None:
    rows = "".join(f"OFI,PROCESS,Long {n},{'x' * 10_000}\n" for n in range(15))
    assert len(rows) > 131_072  # bytes of variables beside files
    assert await taken(api, "findings", f"{FINDING},statement\n{rows}") == 15


async def test_blank_cells_and_missing_columns_are_what_the_mutation_takes_them_for(
    api: Client, company: Company
) -> None:
    csv = f"{FINDING},severity,isSystemic,detectedOn,site\nOFI,PROCESS,Bare,, ,,\n"
    assert await taken(api, "findings", csv) == 1
    (finding,) = (await api.ask(FINDINGS))["findings"]["nodes"]
    assert (finding["severity"], finding["isSystemic"], finding["site"]) == (None, False, None)
    assert finding["detectedOn"] == clock.today("UTC").isoformat()
    assert finding["detectedBy"] == {"email": company.owner.email}


@pytest.mark.usefixtures("finding_commands")
async def test_actions_name_their_owner_and_what_they_follow_from(
    api: Client, company: Company
) -> None:
    await taken(api, "findings", f"{FINDING}\nOFI,PROCESS,First\n")
    me = company.owner.email
    csv = f"{ACTION},finding,priority,position\nDo,CORRECTION,2027-01-01,{me},OFI-2026-0001,,\n"
    csv += f"Look,FOLLOW_UP,2027-02-01,{me},,HIGH,2\n"
    assert await taken(api, "actions", csv) == 2
    shown = "title priority position dueOn originalDueOn owner { email } finding { reference }"
    first, second = (await api.ask(f"{{ actions {{ nodes {{ {shown} }} }} }}"))["actions"]["nodes"]
    assert (first["priority"], first["position"]) == ("MEDIUM", 0)
    assert first["finding"] == {"reference": "OFI-2026-0001"}
    assert (first["dueOn"], first["originalDueOn"]) == ("2027-01-01", "2027-01-01")
    assert (second["priority"], second["position"], second["finding"]) == ("HIGH", 2, None)
    assert first["owner"] == second["owner"] == {"email": me}


@pytest.mark.usefixtures("finding_commands")
async def test_a_file_names_a_person_by_their_address_in_every_spelling(
    api: Client, company: Company
) -> None:
    typed = f"Anna.Weiß@Straße-{company.slug}.example"
    user = {"email": typed, "name": "Anna", "role": "EMPLOYEE"}
    invited = await api.do("userInvite", "user { email }", **user)
    shown = invited["user"]["email"]
    spellings = [typed, typed.lower(), shown, f" {typed.replace('ß', 'ẞ').upper()} "]
    rows = "".join(f"OFI,PROCESS,Title,{spelling}\n" for spelling in spellings)
    assert await taken(api, "findings", f"{FINDING},detectedBy\n{rows}") == len(spellings)
    nodes = (await api.ask(FINDINGS))["findings"]["nodes"]
    assert [node["detectedBy"] for node in nodes] == [{"email": shown}] * len(spellings)


FORMS = {
    "commas": "grade,sourceType,title\nOFI,AUDIT,One\nOFI,AUDIT,Two\n",
    "semicolons": "grade;sourceType;title\nOFI;AUDIT;One\nOFI;AUDIT;Two\n",
    "a byte order mark": "\ufeffgrade,sourceType,title\nOFI,AUDIT,One\nOFI,AUDIT,Two\n",
    "CRLF": "grade,sourceType,title\r\nOFI,AUDIT,One\r\nOFI,AUDIT,Two\r\n",
    "no last newline": "grade,sourceType,title\nOFI,AUDIT,One\nOFI,AUDIT,Two",
    "another order": "title,sourceType,grade\nOne,AUDIT,OFI\nTwo,AUDIT,OFI\n",
    "quotes and blanks": '"grade", sourceType ,"title"\n"OFI",AUDIT,"One"\n ofi ,AUDIT,Two\n',
    "blank rows": "grade;sourceType;title\n;;\nOFI;AUDIT;One\n ; ;\n\nOFI;AUDIT;Two\n;;\n",
    "blank rows before the header": "\n;;\ngrade;sourceType;title\nOFI;AUDIT;One\nOFI;AUDIT;Two",
    "a line with the separator": "sep=;\r\ngrade;sourceType;title\r\nOFI;AUDIT;One\nOFI;AUDIT;Two",
    "the same in quotes": '\ufeff"SEP=;"\r\ngrade;sourceType;title\nOFI;AUDIT;One\nOFI;AUDIT;Two',
    "surplus empty cells": "grade;sourceType;title;\nOFI;AUDIT;One;;\nOFI;AUDIT;Two; ;;\n",
    "an empty column": "grade,,sourceType,title\nOFI,,AUDIT,One\nOFI, ,AUDIT,Two\n",
    "tabs": "grade\tsourceType\ttitle\nOFI\tAUDIT\tOne\nOFI\tAUDIT\tTwo\n",
    "names in any case": "GRADE,source_type, Title \nOFI,AUDIT,One\nOFI,AUDIT,Two\n",
}


@pytest.mark.parametrize("form", FORMS)
async def test_files_come_in_many_forms(api: Client, form: str) -> None:
    assert await taken(api, "findings", FORMS[form]) == 2
    rows = (await api.ask(FINDINGS))["findings"]["nodes"]
    assert [row["title"] for row in rows] == ["One", "Two"]


async def test_dates_and_booleans_are_read_in_the_declared_form(api: Client) -> None:
    header = f"{FINDING};detectedOn;isSystemic".replace(",", ";")
    days = ["01.03.2026", "1/3/2026", "2026-03-01", "1.3.2026 00:00"]
    words = ["WAHR", "ja", "1", "falsch"]
    rows = [f"OFI;AUDIT;{day};{day};{word}" for day, word in zip(days, words, strict=True)]
    file = "\n".join([header, *rows])
    assert await taken(api, "findings", file, dateFormat="DMY", decimal="COMMA") == 4
    nodes = (await api.ask(FINDINGS))["findings"]["nodes"]
    assert [(node["detectedOn"], node["isSystemic"]) for node in nodes] == [
        *[("2026-03-01", True)] * 3,
        ("2026-03-01", False),
    ]


async def test_a_dry_run_writes_nothing_and_uses_nothing_up(api: Client, company: Company) -> None:
    csv = f"{FINDING}\nOFI,PROCESS,One\nMAJOR,AUDIT,Two\n"
    async with unchanged(company):
        payload = await send(api, "findings", csv, is_dry_run=True, idempotencyKey="k")
    assert payload == {"isDryRun": True, "rows": 2, "created": 0, "problems": [], "errors": []}
    payload = await send(api, "findings", csv, idempotencyKey="k")
    assert payload == {"isDryRun": False, "rows": 2, "created": 2, "problems": [], "errors": []}
    rows = (await api.ask(FINDINGS))["findings"]["nodes"]
    assert [row["reference"] for row in rows] == ["NC-2026-0001", "OFI-2026-0001"]


async def test_while_a_file_is_written_others_write_on(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes its numbers right before the commit, in the order of its rows."""
    settle, fields = reference_numbers.settle, {"grade": "OFI", "sourceType": "PROCESS"}

    async def settle_later(session: AsyncSession) -> None:
        """Settle once another user has created a finding; the rows of the file are written."""
        payload = await api.do("findingCreate", "finding { reference }", **fields, title="Other")
        assert payload["finding"]["reference"] == "OFI-2026-0001"
        await settle(session)

    monkeypatch.setattr(reference_numbers, "settle", settle_later)
    name, sheet = csv_imports(company.application.schema)["findings"]
    rows = "OFI,PROCESS,First\nMAJOR,AUDIT,Second\nOFI,PROCESS,Third\n" * 20
    file = whole(f"{FINDING}\n{rows}")
    options = ImportOptions(is_dry_run=False)
    assert (await sheet.run(context_of(company), name, file, options)).created == 60
    query = "{ findings(first: 100, orderBy: [{field: REFERENCE}]) { nodes { reference title } } }"
    references = dict[str, list[str]]()
    for node in (await api.ask(query))["findings"]["nodes"]:
        references.setdefault(node["title"], []).append(node["reference"])
    assert references["Second"] == [f"NC-2026-{place:04d}" for place in range(1, 21)]
    imported = [f"OFI-2026-{place:04d}" for place in range(2, 42)]
    assert (references["First"], references["Third"]) == (imported[::2], imported[1::2])
    async with company.application.database.read(Scope(company.organization_id)) as session:
        assert await first_broken(session) is None


async def test_refused_rows_are_listed_among_many_at_the_cost_of_few(
    api: Client, company: Company
) -> None:
    """Rows are written together; only those around a refused one are tried again."""
    rows = [f"A-{place},OFI,PROCESS,Finding,2026-01-01" for place in range(200)]
    for place in (3, 77, 78):
        rows[place] = rows[place].replace("2026", "2199")
    rows[199] = rows[0]
    file = "\n".join([f"legacyReference,{FINDING},detectedOn", *rows])
    for is_dry_run in (True, False):
        async with unchanged(company):
            assert await problems(api, "findings", file, is_dry_run=is_dry_run) == [
                *((place + 2, "detectedOn", RANGE) for place in (3, 77, 78)),
                (201, "legacyReference", "ALREADY_EXISTS"),
            ]
        assert len(api.statements) < len(rows)
        assert api.statements.count("DISCARD PLANS") == 3  # before the rows 1, 51 and 101
    good = "\n".join([f"legacyReference,{FINDING},detectedOn", *rows[4:77]])
    assert await taken(api, "findings", good) == 73


async def test_two_files_are_tried_at_once_and_take_no_number(
    api: Client, company: Company
) -> None:
    with contextlib.suppress(_Enough):
        async with work_of(company) as first, work_of(company) as second:
            for work in (first, second):
                reference_numbers.postpone(work.session)
                await work.add(Finding(title="Tried", **DRAFT))
            raise _Enough
    assert await taken(api, "findings", f"{FINDING}\nOFI,PROCESS,x\n") == 1
    assert (await api.ask(FINDINGS))["findings"]["nodes"][0]["reference"] == "OFI-2026-0001"


@pytest.mark.parametrize(
    "change", ["reference = 'OFI-2026-0002'", "reference = 'OFI-2026-0001', title = 'Other'"]
)
async def test_the_database_takes_no_other_late_number_than_the_trail_has(
    company: Company, change: str
) -> None:
    async def write() -> None:
        async with work_of(company) as work:
            reference_numbers.postpone(work.session)
            finding = await work.add(Finding(title="Late", **DRAFT))
            finals = {finding.reference: "OFI-2026-0001"}
            pattern = re.compile(re.escape(finding.reference))
            await audit_notes.replace(work.session, pattern, finals)
            await work.session.execute(sa.text(f"UPDATE findings SET {change}"))

    with pytest.raises(DBAPIError) as error:
        await write()
    assert getattr(error.value.orig, "sqlstate", None) == "QG001"


class _Enough(Exception):
    """What was tried is taken back."""


async def test_one_bad_row_keeps_all_others_out(api: Client, company: Company) -> None:
    csv = f"{FINDING},severity\n" + "OFI,PROCESS,Good,1\n" * 3 + "OFI,PROCESS,Bad,9\n"
    for is_dry_run in (True, False):
        async with unchanged(company):
            errors = await problems(api, "findings", csv, is_dry_run=is_dry_run)
        assert errors == [(5, "severity", RANGE)]


WRONG: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "a cell that must not be empty": (
        f"{FINDING}\n,AUDIT, \n",
        [(2, "grade", REQUIRED), (2, "title", REQUIRED)],
    ),
    "no such value": (f"{FINDING}\nHUGE,AUDIT,x\n", [(2, "grade", FORMAT)]),
    "no number": (
        f"{FINDING},severity\nOFI,AUDIT,x,high\nOFI,AUDIT,x,1.5\n",
        [
            (2, "severity", FORMAT),
            (3, "severity", FORMAT),
        ],
    ),
    "digits of other scripts": (
        f"{FINDING},severity\nOFI,AUDIT,x,３\nOFI,AUDIT,x,٣\nOFI,AUDIT,x,²\n",
        [(2, "severity", FORMAT), (3, "severity", FORMAT), (4, "severity", FORMAT)],
    ),
    "letters of other scripts": (f"{FINDING}\nmınor,AUDIT,x\n", [(2, "grade", FORMAT)]),
    "no yes or no": (f"{FINDING},isSystemic\nOFI,AUDIT,x,maybe\n", [(2, "isSystemic", FORMAT)]),
    "digits of other scripts in a day": (
        f"{FINDING},detectedOn\nOFI,AUDIT,x,２０２６-03-01\n",
        [(2, "detectedOn", FORMAT)],
    ),
    "no day": (f"{FINDING},detectedOn\nOFI,AUDIT,x,1.3.2026\n", [(2, "detectedOn", FORMAT)]),
    "too long": (f"{FINDING}\nOFI,AUDIT,{'x' * 201}\n", [(2, "title", LONG)]),
    "turned writing": (f"{FINDING}\nOFI,AUDIT,a\u202eb\n", [(2, "title", FORMAT)]),
    "nobody": (f"{FINDING},owner\nOFI,AUDIT,x,no@body.example\n", [(2, "owner", NONE)]),
    "no place": (
        f"{FINDING},site,department\nOFI,AUDIT,x,A,B\n",
        [
            (2, "site", NONE),
            (2, "department", NONE),
        ],
    ),
    "no clause": (
        f"{FINDING},primaryClause,clauses\nOFI,AUDIT,x,ISO9001:2015 1,4; 5\n",
        [
            (2, "primaryClause", NONE),
            (2, "clauses", NONE),
            (2, "clauses", NONE),
        ],
    ),
    "nothing to repeat": (f"{FINDING},repeatOf\nOFI,AUDIT,x,NC-1\n", [(2, "repeatOf", NONE)]),
    "what the service refuses": (
        f"{FINDING},severity,detectedOn\nOFI,AUDIT,x,9,\nOFI,AUDIT,x,,2199-01-01\n",
        [(2, "severity", RANGE), (3, "detectedOn", RANGE)],
    ),
    "several in one row": (
        f"{FINDING},severity,site\nHUGE,AUDIT,,x,A\n",
        [
            (2, "grade", FORMAT),
            (2, "title", REQUIRED),
            (2, "severity", FORMAT),
            (2, "site", NONE),
        ],
    ),
    "too few cells": (f"{FINDING}\nOFI,AUDIT\nOFI,AUDIT,x,y\n", [(2, None, BAD), (3, None, BAD)]),
    "blank cells left out at the end of rows": (
        f"{FINDING},site,severity\nOFI,AUDIT,x\nOFI,AUDIT,x,\nOFI,AUDIT\nHUGE,AUDIT,x\n",
        [(4, None, BAD), (5, "grade", FORMAT)],
    ),
    "a quote without partner": (f'{FINDING}\nOFI,AUDIT,"x\nOFI,AUDIT,x\n', [(2, None, BAD)]),
    "rows are counted as spreadsheets do": (
        f'sep=,\n\n{FINDING}\nOFI,AUDIT,"a\nb\nc"\n\n , ,\nHUGE,AUDIT,x\n',
        [(7, "grade", FORMAT)],
    ),
    "columns that are missing": ("title\nx\ny\n", [(1, None, REQUIRED)]),
    "an unknown column": (f"{FINDING},ownr\nOFI,AUDIT,x,y\n", [(1, "ownr", BAD)]),
    "a column twice": (f"{FINDING},Title\nOFI,AUDIT,x,y\n", [(1, "Title", BAD)]),
    "what the server tells": (f"{FINDING},version\nOFI,AUDIT,x,1\n", [(1, "version", BAD)]),
    "a value without a column": (f"{FINDING},\nOFI,AUDIT,x,y\n", [(2, None, BAD)]),
    "a column without a name": (f",{FINDING}\ny,OFI,AUDIT,x\n", [(1, None, BAD)]),
    "one thing under two names": (
        f"{FINDING},site,site.code\nOFI,AUDIT,x,,\n",
        [(1, "site.code", BAD)],
    ),
    "half of a name": (
        f"{FINDING},primaryClause.clause.number\nOFI,AUDIT,x,4\n",
        [(1, "primaryClause.clause.number", BAD)],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_problems_are_reported_by_row_and_column(
    api: Client, company: Company, wrong: str
) -> None:
    csv, expected = WRONG[wrong]
    for is_dry_run in (True, False):
        async with unchanged(company):
            assert await problems(api, "findings", csv, is_dry_run=is_dry_run) == expected


@pytest.mark.parametrize(
    ("csv", "message"),
    [
        (f"{FINDING},ownr\nOFI,AUDIT,x,y\n", "Did you mean `owner`?"),
        (f"{FINDING},zzz\nOFI,AUDIT,x,y\n", "The columns are legacyReference, grade, sourceType,"),
        ("title\nx\n", "Add `grade` and `sourceType`: each row needs them."),
        (f"{FINDING},owner.name\nOFI,AUDIT,x,y\n", "Remove the column."),
        (
            f"{FINDING},primaryClause.clause.number\nOFI,AUDIT,x,4\n",
            "`primaryClause.clause.standard",
        ),
        (f"{FINDING}\nHUGE,AUDIT,x\n", "Expected one of MAJOR, MINOR,"),
        (
            f"{FINDING},owner\nOFI,AUDIT,x,me\n",
            "No User `me` is visible to you. Write the e-mail address, such as eva@example.com.",
        ),
    ],
)
async def test_a_problem_says_what_to_do(api: Client, csv: str, message: str) -> None:
    (problem,) = (await send(api, "findings", csv))["problems"]
    assert message in problem["message"]


@pytest.mark.parametrize(
    ("csv", "code"), [("", FORMAT), ("\n\n", FORMAT), ("\ufeff", FORMAT), ('grade,"title\nx', BAD)]
)
async def test_a_file_without_a_header_is_no_file(api: Client, csv: str, code: str) -> None:
    payload = await send(api, "findings", csv)
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, ["csv"])]
    assert (payload["rows"], payload["problems"]) == (0, [])


async def test_a_file_of_a_header_alone_makes_nothing(api: Client, company: Company) -> None:
    async with unchanged(company):
        assert await taken(api, "findings", f"{FINDING}\n") == 0


async def test_the_services_rules_about_people_hold(api: Client, company: Company) -> None:
    contact = await company.hire(Role.SUPPLIER_CONTACT)
    csv = f"{ACTION}\nDo,CORRECTION,2027-01-01,{contact.email}\n"
    assert await problems(api, "actions", csv) == [(2, "owner", BAD)]


async def test_who_may_write_one_may_write_many_and_only_what_they_may(
    api: Client, company: Company
) -> None:
    await taken(api, "findings", f"{FINDING}\nOFI,PROCESS,Hidden from Eve\n")
    eve, auditor = [await company.hire(role) for role in (Role.EMPLOYEE, Role.EXTERNAL_AUDITOR)]
    async with eve.signed_in() as hers, auditor.signed_in() as theirs, unchanged(company):
        errors = await problems(hers, "findings", f"{FINDING}\nOFI,AUDIT,x\n")
        assert errors == [(2, "sourceType", BAD)]
        csv = f"{FINDING},repeatOf\nOFI,SELF_REPORT,x,OFI-2026-0001\n"
        assert await problems(hers, "findings", csv) == [(2, "repeatOf", NONE)]
        document = "mutation ($i: FindingsImportInput!) { findingsImport(input: $i) { rows } }"
        fields = {"csv": f"{FINDING}\nOFI,AUDIT,x\n", "isDryRun": True}
        assert await theirs.refusal(document, i=fields) == "FORBIDDEN"
    async with eve.signed_in() as hers:
        assert await taken(hers, "findings", f"{FINDING}\nOFI,SELF_REPORT,x\n") == 1


async def test_one_key_imports_a_file_once(api: Client, company: Company) -> None:
    csv = f"{FINDING}\nOFI,PROCESS,One\nOFI,PROCESS,Two\n"
    first = await send(api, "findings", csv, idempotencyKey="k")
    async with unchanged(company):
        assert await send(api, "findings", csv, idempotencyKey="k") == first
        other = await send(api, "findings", csv + "OFI,PROCESS,Three\n", idempotencyKey="k")
    assert first["created"] == 2
    assert [e["code"] for e in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_refused_file_leaves_its_key_to_the_next(api: Client, company: Company) -> None:
    async with unchanged(company):
        await problems(api, "findings", f"{FINDING}\nHUGE,AUDIT,x\n", idempotencyKey="k")
    csv = f"{FINDING}\nOFI,AUDIT,x\n"
    assert await taken(api, "findings", csv, idempotencyKey="k") == 1


async def test_the_trail_tells_of_each_record_and_stays_whole(company: Company) -> None:
    csv = f"{FINDING}\n" + "".join(f"OFI,PROCESS,Finding {n}\n" for n in range(450))
    name, sheet = csv_imports(company.application.schema)["findings"]
    assert (
        await sheet.run(context_of(company), name, whole(csv), ImportOptions(is_dry_run=False))
    ).created == 450
    scope = Scope(company.organization_id)
    async with company.application.database.read(scope) as session:
        assert await first_broken(session) is None


async def test_a_row_costs_the_same_however_many_there_are(
    api: Client, finding_commands: FindingCommands, company: Company
) -> None:
    code, me = await code_of(api), company.owner.email
    counts = []
    for size in (1, 2, 12):
        row = f"OFI,AUDIT,x,HQ,{me},{code} 1\n"
        await taken(api, "findings", f"{FINDING},site,owner,primaryClause\n{row * size}")
        counts.append(len(api.statements))
    assert counts[2] - counts[1] == 10 * (counts[1] - counts[0])


async def test_bounds_are_checked_before_any_row_is_written(company: Company) -> None:
    name, sheet = csv_imports(company.application.schema)["findings"]
    row = "OFI,AUDIT,x\n"
    for bounds, message in (
        (Bounds(rows=1), "The file has more than 1 rows. Split it."),
        (Bounds(characters=40), "The file has more than 40 characters. Split it."),
    ):
        file = whole(f"{FINDING}\n{row * 2}")
        with pytest.raises(Exception, match=message):
            await sheet.run(context_of(company), name, file, DRY_RUN, bounds=bounds)
    assert (Bounds().rows, Bounds().characters) == (5_000, 10_485_760)


async def test_at_most_a_thousand_problems_are_reported(company: Company) -> None:
    name, sheet = csv_imports(company.application.schema)["findings"]
    csv = f"{FINDING}\n" + "HUGE,AUDIT,\n" * 800
    result = await sheet.run(context_of(company), name, whole(csv), DRY_RUN)
    assert (result.rows, len(result.problems)) == (800, 1_000)
    assert result.problems[-1].row == 501


async def test_what_was_exported_is_imported_elsewhere_and_exported_the_same(
    hire: Hiring,
) -> None:
    """Texts that a spreadsheet would run among them."""
    chance = random.Random(1)
    titles = ["=1+1", "'=1", "-5 °C", "@home", 'a "b", c; d', "ß 測試 🏃"]
    titles += ["".join(chance.choices("=+-@'\",;: ab\n\t測", k=9)) + "." for _ in range(30)]
    source, target = await hire.company(), await hire.company()
    async with source.owner.signed_in() as api:
        finding_commands = await prepare_finding_commands(source, api)
        for title in titles:
            fields = {"title": title, "statement": f"x\t{title}\n=2", "severity": 3}
            await finding_commands.write(
                **fields, siteId=finding_commands.ids["site"], isSystemic=True
            )
        first = await _exported(api, source)
    assert len(first.splitlines()) > len(titles)
    async with target.owner.signed_in() as api:
        await prepare_finding_commands(target, api)
        file = first.replace("<me>", target.owner.email).replace("<standard>", await code_of(api))
        assert await taken(api, "findings", file) == len(titles)
        assert await _exported(api, target) == first


async def _exported(api: Client, company: Company) -> str:
    """Export what can be imported, without what differs between two companies."""
    _, sheet = csv_imports(company.application.schema)["findings"]
    columns = [name for name in sheet.exported if name != "detectedBy.email"]
    file = await fetch(api, "findings", ",".join(columns), orderBy=[{"field": "REFERENCE"}])
    text = file.answer.text.replace(company.owner.email, "<me>")
    return text.replace(await code_of(api), "<standard>")
