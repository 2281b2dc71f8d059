"""Records of a former system: recognized by their reference, and ended ones with their dates."""

from typing import Any

import pytest

from qgp.kit.audit_verification import first_broken
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from tests.company import Client, Company, signature
from tests.evidence import unchanged
from tests.exchange.csv_files import problems, taken

COUNTED = "created updated skipped problems { row column code message }"
HEADER = "legacyReference,grade,sourceType,title,statement"
ROWS = f"{HEADER}\nA-1,OFI,PROCESS,One,First\nA-2,OFI,PROCESS,Two,\n"
FINDINGS = """{ findings(orderBy: [{field: REFERENCE}]) { nodes {
    id version legacyReference title statement status openedOn closedOn closingComment importedAt
    } } }"""
ENDED = "grade,sourceType,title,detectedOn,status,openedOn,closedOn,closingComment"


async def counted(api: Client, csv: str, **options: Any) -> tuple[int, int, int]:
    fields = {"csv": csv, "isDryRun": False, **options}
    payload = await api.do("findingsImport", COUNTED, **fields)
    assert (payload["errors"], payload["problems"]) == ([], [])
    return payload["created"], payload["updated"], payload["skipped"]


async def findings(api: Client) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await api.ask(FINDINGS))["findings"]["nodes"]
    return nodes


async def test_rows_of_known_references_are_refused_passed_over_or_update_their_records(
    api: Client, company: Company
) -> None:
    assert await counted(api, ROWS) == (2, 0, 0)
    again = f"{ROWS}A-3,OFI,PROCESS,Three,\nA-3,OFI,PROCESS,Drei,\n"
    async with unchanged(company):
        assert await problems(api, "findings", again) == [
            (2, "legacyReference", "ALREADY_EXISTS"),
            (3, "legacyReference", "ALREADY_EXISTS"),
            (5, "legacyReference", "ALREADY_EXISTS"),
        ]
        payload = await api.do("findingsImport", COUNTED, csv=again, isDryRun=True)
        messages = [problem["message"].partition(".")[0] for problem in payload["problems"]]
        assert messages == [
            "OFI-2026-0001 has this legacy reference",
            "OFI-2026-0002 has this legacy reference",
            "Row 4 has this legacy reference",
        ]
        assert await counted(api, ROWS, duplicates="SKIP", isDryRun=True) == (0, 0, 0)
        assert await counted(api, ROWS, duplicates="SKIP") == (0, 0, 2)
    assert await counted(api, again, duplicates="SKIP", idempotencyKey="k") == (1, 0, 3)
    assert await counted(api, again, duplicates="SKIP", idempotencyKey="k") == (1, 0, 3)
    changed = f"{HEADER}\nA-1,ofi,PROCESS,Uno,\nA-2,OFI,AUDIT,Two,Second\n"
    assert await counted(api, changed, duplicates="UPDATE") == (0, 2, 0)
    shown = [(node["title"], node["statement"], node["version"]) for node in await findings(api)]
    assert shown == [("Uno", "First", 2), ("Two", "Second", 2), ("Three", None, 1)]
    twice = f"{HEADER}\nA-9,OFI,PROCESS,Nine,\nA-9,OFI,PROCESS,Neun,\n"
    assert await counted(api, twice, duplicates="UPDATE") == (1, 1, 0)
    (nine,) = [node for node in await findings(api) if node["legacyReference"] == "A-9"]
    assert (nine["title"], nine["version"]) == ("Neun", 2)
    regraded = f"{HEADER}\nA-1,MAJOR,PROCESS,Uno,\n"
    async with unchanged(company):
        wrong = await problems(api, "findings", regraded, duplicates="UPDATE")
        assert wrong == [(2, "grade", "BAD_USER_INPUT")]


async def test_records_that_are_hidden_from_the_caller_are_neither_named_nor_changed(
    api: Client, company: Company
) -> None:
    await taken(api, "findings", ROWS)
    eve = await company.hire(Role.EMPLOYEE)
    keys = ["M-1", "M-2", "A-1", "M-3", "M-4"]
    file = "\n".join([HEADER, *(f"{key},OFI,SELF_REPORT,Mine," for key in keys)])
    async with eve.signed_in() as hers, unchanged(company):
        for duplicates in ("REFUSE", "SKIP", "UPDATE"):
            fields = {"csv": file, "isDryRun": False, "duplicates": duplicates}
            (problem,) = (await hers.do("findingsImport", COUNTED, **fields))["problems"]
            place = problem["row"], problem["column"]
            assert (problem["code"], place) == ("ALREADY_EXISTS", (4, "legacyReference"))
            assert "OFI-2026" not in problem["message"]


async def test_quality_imports_ended_records_with_their_dates_and_marked(
    api: Client, company: Company
) -> None:
    file = f"{ENDED}\nMAJOR,CERT_AUDIT,Old,2024-03-01,closed,2024-03-05,2024-06-30,Verified then.\n"
    file += "OFI,PROCESS,Draft,2024-03-01,,,,\n"
    assert await taken(api, "findings", file) == 2
    old, draft = await findings(api)
    assert old["importedAt"] is not None
    assert draft["importedAt"] is not None
    shown = [old[name] for name in ("status", "openedOn", "closedOn", "closingComment", "version")]
    assert shown == ["CLOSED", "2024-03-05", "2024-06-30", "Verified then.", 1]
    assert draft["status"] == "DRAFT"
    at = {"id": old["id"], "expectedVersion": 1}
    payload = await api.do("findingReopen", "finding { version status }", **at, reason="Again.")
    assert payload["finding"] == {"version": 2, "status": "ANALYSIS"}
    at |= {"expectedVersion": 2}
    refused = await api.do("findingClose", **at, comment="Done.", signature=signature("VERIFIED"))
    assert [error["code"] for error in refused["errors"]] == ["TRANSITION_NOT_ALLOWED"]
    async with company.application.database.read(Scope(company.organization_id)) as session:
        assert await first_broken(session) is None
    action = "title,kind,dueOn,owner,status,completedAt,completionNote"
    row = f"Old,CORRECTION,2024-05-01,{company.owner.email},DONE,2024-04-30,Labelled."
    assert await taken(api, "actions", f"{action}\n{row}\n") == 1


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("2024-03-01,CLOSED,,,", [(2, "closedOn", "REQUIRED")]),
        ("2024-03-01,OPEN,,,", [(2, "status", "INVALID_FORMAT")]),
        ("2024-03-01,,,2024-06-30,", [(2, "closedOn", "BAD_USER_INPUT")]),
        ("2024-03-01,CLOSED,,2999-01-01,", [(2, "closedOn", "OUT_OF_RANGE")]),
        ("2024-03-01,CLOSED,2024-07-01,2024-06-30,", [(2, "closedOn", "OUT_OF_RANGE")]),
        ("2024-07-01,CLOSED,,2024-06-30,", [(2, "detectedOn", "OUT_OF_RANGE")]),
    ],
)
async def test_values_that_fit_no_ended_record_are_problems(
    api: Client, company: Company, cells: str, expected: list[tuple[int, str, str]]
) -> None:
    async with unchanged(company):
        file = f"{ENDED}\nMAJOR,CERT_AUDIT,Old,{cells}\n"
        assert await problems(api, "findings", file) == expected


async def test_a_record_of_the_same_file_is_named_by_its_row(api: Client, company: Company) -> None:
    file = f"legacyReference,{ENDED}\nA-1,MAJOR,CERT_AUDIT,Old,2024-03-01,CLOSED,,2024-06-30,\n"
    file += "A-1,MAJOR,CERT_AUDIT,New,,,,,\n"
    for is_dry_run in (True, False):
        fields = {"csv": file, "isDryRun": is_dry_run, "duplicates": "UPDATE"}
        async with unchanged(company):
            (problem,) = (await api.do("findingsImport", COUNTED, **fields))["problems"]
        assert (problem["row"], problem["message"].partition(" and ")[0]) == (3, "Row 2 is CLOSED")


async def test_others_than_quality_import_no_ended_records_and_none_counts_as_work(
    api: Client, company: Company
) -> None:
    auditor = await company.hire(Role.LEAD_AUDITOR)
    file = f"{ENDED}\nMAJOR,CERT_AUDIT,Old,2024-03-01,CLOSED,,2024-06-30,\n"
    async with auditor.signed_in() as theirs, unchanged(company):
        assert await problems(theirs, "findings", file) == [(2, "status", "FORBIDDEN")]
    await taken(api, "findings", "grade,sourceType,title\nOFI,PROCESS,Present\n")
    action = "title,kind,dueOn,owner,finding,status,completedAt,completionNote"
    row = f"Old,CORRECTION,2024-05-01,{company.owner.email},OFI-2026-0001,DONE,2024-04-30,Done."
    async with unchanged(company):
        wrong = await problems(api, "actions", f"{action}\n{row}\n")
        assert wrong == [(2, "finding", "BAD_USER_INPUT")]
