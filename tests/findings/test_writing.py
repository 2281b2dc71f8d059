"""Findings are written down and changed, and what does not fit changes nothing."""

from datetime import date, timedelta
from typing import Any

import pytest

from qgp.kit import clock
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.findings.finding_commands import WHOLE, FindingCommands, at, done, read
from tests.standards import standard_commands
from tests.standards.standard_commands import errors_of

FACTS = """grade sourceType status title statement evidenceText requirementText severity detectedOn
    disposition rootCause isSystemic reopenCount responseDueOn closureDueOn version
    site { code } department { code } detectedBy { id } owner { id } causeCategory { code }
    repeatOf { reference } primaryClause { isPrimary clause { number } }
    clauses { isPrimary clause { number } } viewerCanUpdate viewerCanRegrade"""


async def test_a_finding_starts_as_a_draft(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    bare = {"grade": "OFI", "sourceType": "KPI", "title": "Faster"}
    finding = (await done(api, "findingCreate", **bare))["finding"]
    record = await read(api, finding, FACTS)
    assert record == {
        **bare,
        **dict.fromkeys(("statement", "evidenceText", "requirementText", "severity")),
        **dict.fromkeys(("disposition", "rootCause", "responseDueOn", "closureDueOn")),
        **dict.fromkeys(("site", "department", "owner", "causeCategory", "repeatOf")),
        "status": "DRAFT",
        "detectedOn": str(clock.today()),
        "detectedBy": {"id": company.owner.id},
        "isSystemic": False,
        "reopenCount": 0,
        "version": 1,
        "primaryClause": None,
        "clauses": [],
        "viewerCanUpdate": True,
        "viewerCanRegrade": True,
    }


async def test_a_finding_returns_every_field_that_was_sent(
    api: Client, finding_commands: FindingCommands
) -> None:
    first = await finding_commands.write()
    said = {"requirementText": "Gauges are labelled.", "severity": 5, "detectedOn": "2026-01-31"}
    said |= {"disposition": "REWORK", "rootCause": "None looks.", "isSystemic": True}
    ids: dict[str, Any] = {
        "siteId": finding_commands.ids["site"],
        "departmentId": finding_commands.ids["department"],
    }
    ids |= {"causeCategoryId": finding_commands.ids["cause"], "repeatOfId": first["id"]}
    ids |= {
        "detectedById": finding_commands.ids["owner"],
        "clauseIds": [finding_commands.clauses["3"]],
    }
    record = await read(api, await finding_commands.write(**said, **ids), FACTS)
    assert {name: record[name] for name in said} == said
    owner = {"id": finding_commands.ids["owner"]}
    assert (record["detectedBy"], record["owner"]) == (owner, owner)
    assert (record["site"], record["department"]) == ({"code": "HQ"}, {"code": "QA"})
    assert record["causeCategory"] == {"code": "METHOD"}
    assert record["repeatOf"] == {"reference": first["reference"]}
    primary = {"isPrimary": True, "clause": {"number": "1"}}
    assert record["primaryClause"] == primary
    assert record["clauses"] == [primary, {"isPrimary": False, "clause": {"number": "3"}}]


async def test_the_grade_makes_the_reference_which_stays(
    api: Client, finding_commands: FindingCommands
) -> None:
    rows = [(await finding_commands.write(grade=grade))["reference"] for grade in
             ("MAJOR", "OBSERVATION", "OFI", "GOOD_PRACTICE", "MINOR")]  # fmt: skip
    year = clock.now().year
    kinds = ("NC", "OBS", "OFI", "GP")
    assert rows == [*[f"{kind}-{year}-0001" for kind in kinds], f"NC-{year}-0002"]
    document = "query ($r: String!) { finding(by: {reference: $r}) { id version grade } }"
    finding = (await api.ask(document, r=rows[1]))["finding"]
    regraded = {"grade": "MAJOR", "reason": "It happened."}
    payload = await done(api, "findingRegrade", **at(finding, **regraded))
    assert payload["finding"]["reference"] == rows[1]
    again = (await api.ask(document, r=rows[1]))["finding"]
    assert (again["grade"], again["version"]) == ("MAJOR", 2)


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"severity": 0}, ("OUT_OF_RANGE", "severity")),
        ({"severity": 6}, ("OUT_OF_RANGE", "severity")),
        ({"title": " "}, ("REQUIRED", "title")),
        ({"detectedOn": "2100-01-01"}, ("OUT_OF_RANGE", "detectedOn")),
        ({"clauseIds": ["{one}"]}, ("BAD_USER_INPUT", "clauseIds")),
        ({"clauseIds": ["{two}", "{two}"]}, ("BAD_USER_INPUT", "clauseIds")),
        ({"clauseIds": ["{two}", "cls_" + "0" * 32]}, ("NOT_FOUND", "clauseIds")),
        ({"clauseIds": ["{owner}"]}, ("BAD_USER_INPUT", "clauseIds")),
        ({"primaryClauseId": "{withdrawn}"}, ("BAD_USER_INPUT", "primaryClauseId")),
        ({"primaryClauseId": "cls_" + "0" * 32}, ("NOT_FOUND", "primaryClauseId")),
        ({"repeatOfId": "fnd_" + "0" * 32}, ("NOT_FOUND", "repeatOfId")),
        ({"causeCategoryId": "cau_" + "0" * 32}, ("NOT_FOUND", "causeCategoryId")),
        ({"ownerId": "usr_" + "0" * 32}, ("NOT_FOUND", "ownerId")),
    ],
)
async def test_what_does_not_fit_is_not_written(
    api: Client,
    company: Company,
    finding_commands: FindingCommands,
    facts: dict[str, Any],
    error: tuple[str, str],
) -> None:
    gone = await done(
        api, "clauseWithdraw", "clause { id }", id=finding_commands.clauses["3"], expectedVersion=1
    )
    ids_by_name = {
        "one": finding_commands.clauses["1"],
        "two": finding_commands.clauses["2"],
        **finding_commands.ids,
    }
    ids_by_name["withdrawn"] = gone["clause"]["id"]

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format_map(ids_by_name) if isinstance(value, str) else value

    values = {**WHOLE, "primaryClauseId": finding_commands.clauses["1"]}
    values |= {name: filled(value) for name, value in facts.items()}
    finding = await finding_commands.write()
    async with unchanged(company):
        assert errors_of(await api.do("findingCreate", **values)) == [error]
        changes = {name: values[name] for name in facts}
        assert errors_of(await api.do("findingUpdate", **at(finding, **changes))) == [error]


async def test_no_finding_after_its_transition_deadline_cites_a_superseded_edition(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """By the date of detection: of a new finding, of a row, when clauses or the date change."""
    older, deadline = finding_commands.ids["standard"], {"transitionDeadline": "2026-06-30"}
    newer = await standard_commands.write(api, "1", edition="2", supersedesId=older, **deadline)
    successor = await standard_commands.clause(api, newer, "1")
    for version, step in enumerate(("standardActivate", "standardSupersede"), start=1):
        await done(api, step, "standard { id }", id=older, expectedVersion=version)
    late, timely = {"detectedOn": "2026-07-01"}, {"detectedOn": "2026-06-30"}
    finding = await finding_commands.write(**timely)
    another = await finding_commands.write(**late, primaryClauseId=successor)
    former = {"primaryClauseId": finding_commands.clauses["1"]}
    further = {"clauseIds": [finding_commands.clauses["2"]]}
    async with unchanged(company):
        for mutation, values, path in (
            ("findingCreate", {**WHOLE, **late, **former}, "primaryClauseId"),
            ("findingCreate", {**WHOLE, "primaryClauseId": successor, **further}, "clauseIds"),
            ("findingUpdate", at(finding, **late), "detectedOn"),
            ("findingUpdate", at(finding, **late, **further), "detectedOn"),
            ("findingUpdate", at(another, **further), "clauseIds"),
            ("findingUpdate", at(another, **former), "primaryClauseId"),
        ):
            refused = await api.do(mutation, **values)
            assert errors_of(refused) == [("BAD_USER_INPUT", path)], (mutation, values)
        assert "HOUSE:1, which is superseded and was valid until 2026-06-30" in str(refused)
        csv = "grade,sourceType,title,primaryClause\nMINOR,AUDIT,x,HOUSE:1 1\n"
        imported = await api.do("findingsImport", "created problemCount", csv=csv, isDryRun=False)
        assert imported == {"created": 0, "problemCount": 1, "errors": []}
    await done(api, "findingUpdate", **at(another, **timely, **former, **further))
    await done(api, "findingUpdate", **at(finding, **further))


async def test_an_update_changes_what_it_names(
    api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write(severity=2, siteId=finding_commands.ids["site"])
    changes = {"title": "Labels", "severity": None, "siteId": None, "isSystemic": True}
    finding = (await done(api, "findingUpdate", **at(finding, **changes)))["finding"]
    record = await read(api, finding, FACTS)
    assert {name: record[name] for name in ("title", "severity", "site", "isSystemic")} == {
        "title": "Labels",
        "severity": None,
        "site": None,
        "isSystemic": True,
    }
    assert (record["version"], record["statement"]) == (2, WHOLE["statement"])


@pytest.mark.parametrize(
    ("change", "numbers", "version"),
    [
        ({"clauseIds": ["2", "3"]}, ["1", "3", "2"], 2),
        ({"primaryClauseId": "2"}, ["2"], 2),
        ({"primaryClauseId": "3"}, ["3"], 2),
        ({"primaryClauseId": "2", "clauseIds": ["1"]}, ["2", "1"], 2),
        ({"primaryClauseId": None}, ["3"], 2),
        ({"clauseIds": []}, ["1"], 2),
        ({"primaryClauseId": "1", "clauseIds": ["3"]}, ["1", "3"], 1),
    ],
)
async def test_the_clauses_of_a_draft_are_changed(
    api: Client,
    finding_commands: FindingCommands,
    change: dict[str, Any],
    numbers: list[str],
    version: int,
) -> None:
    """A change of the clauses is a version of the finding."""
    finding = await finding_commands.write(clauseIds=[finding_commands.clauses["3"]])
    ids_by_name: dict[Any, Any] = {**finding_commands.clauses, None: None}
    values = {
        name: [ids_by_name[n] for n in value] if isinstance(value, list) else ids_by_name[value]
        for name, value in change.items()
    }
    kept = "clauseIds" not in change and change.get("primaryClauseId") == "2"
    finding = (await done(api, "findingUpdate", **at(finding, **values)))["finding"]
    record = await read(api, finding, "version clauses { isPrimary clause { number } }")
    rows = [row["clause"]["number"] for row in record["clauses"]]
    assert rows == [*numbers, *(["3"] if kept else [])]
    assert [row["isPrimary"] for row in record["clauses"]].count(True) == (
        0 if change.get("primaryClauseId", "1") is None else 1
    )
    assert record["version"] == version


async def test_an_issued_nonconformity_keeps_what_it_was_issued_with(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen")
    for name in ("statement", "evidenceText", "primaryClauseId"):
        async with unchanged(company):
            payload = await api.do("findingCorrect", **at(finding, reason="So.", **{name: None}))
            assert errors_of(payload) == [("REQUIRED", name)]
    async with unchanged(company):
        payload = await api.do("findingUpdate", **at(finding, ownerId=None))
        assert errors_of(payload) == [("REQUIRED", "ownerId")]


async def test_a_containment_text_and_a_reason_for_none_exclude_each_other(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    both = {"containmentText": "Locked away.", "noContainmentReason": "No need."}
    async with unchanged(company):
        payload = await api.do("findingUpdate", **at(finding, **both))
        assert errors_of(payload) == [("BAD_USER_INPUT", "noContainmentReason")]
    for change in ({"containmentText": "Locked away."},
                   {"containmentText": None, "noContainmentReason": "No need."}):  # fmt: skip
        finding = (await done(api, "findingUpdate", **at(finding, **change)))["finding"]
    record = await read(api, finding, "containmentText noContainmentReason")
    assert record == {"containmentText": None, "noContainmentReason": "No need."}


async def test_a_finding_does_not_repeat_itself(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    async with unchanged(company):
        payload = await api.do("findingUpdate", **at(finding, repeatOfId=finding["id"]))
        assert errors_of(payload) == [("BAD_USER_INPUT", "repeatOfId")]


@pytest.mark.parametrize("ended", ["CLOSED", "ACCEPTED", "VOID"])
async def test_what_has_ended_takes_no_changes(
    api: Client, company: Company, finding_commands: FindingCommands, ended: str
) -> None:
    steps = {"CLOSED": "findingClose", "ACCEPTED": "findingGrantConcession", "VOID": "findingVoid"}
    finding = await finding_commands.walk("findingOpen", steps[ended], grade="OFI")
    assert finding["status"] == ended
    async with unchanged(company):
        for mutation, change in (
            ("findingUpdate", {"title": "x"}),
            ("findingRegrade", {"grade": "MINOR", "reason": "x"}),
        ):
            payload = await api.do(mutation, **at(finding, **change))
            assert errors_of(payload) == [("BAD_USER_INPUT", "id")]


async def test_due_days_follow_the_grade_and_the_day_of_the_opening(
    api: Client, finding_commands: FindingCommands
) -> None:
    fields = "openedOn responseDueOn closureDueOn version id"
    finding = await finding_commands.walk("findingOpen", grade="OBSERVATION")
    opened = clock.today()
    record = await read(api, finding, fields)
    assert (record["responseDueOn"], record["closureDueOn"]) == (None, None)
    assert record["openedOn"] == str(opened)
    for grade, days in (("MINOR", (60, 180)), ("OFI", None), ("MAJOR", (30, 180))):
        change = {"grade": grade, "reason": "Seen again."}
        record = (await done(api, "findingRegrade", **at(record, **change)))["finding"]
        record = await read(api, record, fields)
        due = [date.fromisoformat(d) if d else None for d in
               (record["responseDueOn"], record["closureDueOn"])]  # fmt: skip
        assert due == [opened + timedelta(d) for d in days or ()] or due == [None, None]


async def test_days_are_the_organizations(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """Somewhere it is always another day than in Greenwich."""
    zone = "Pacific/Kiritimati" if clock.now().hour >= 10 else "Etc/GMT+12"
    id = f"org_{company.organization_id.hex}"
    change = {"id": id, "expectedVersion": 1, "timeZone": zone}
    await done(api, "organizationUpdate", "organization { id }", **change)
    row = await finding_commands.walk("findingOpen")
    row = await read(api, row, "detectedOn openedOn responseDueOn")
    day = clock.today(zone)
    assert day != clock.today()
    due = str(day + timedelta(60))
    assert row == {"detectedOn": str(day), "openedOn": str(day), "responseDueOn": due}


async def test_an_issued_finding_becomes_a_nonconformity_with_a_clause_alone(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen", grade="OFI", primaryClauseId=None)
    change = {"grade": "MINOR", "reason": "Worse than thought."}
    async with unchanged(company):
        payload = await api.do("findingRegrade", **at(finding, **change))
        assert errors_of(payload) == [("BAD_USER_INPUT", "grade")]
        same = await api.do("findingRegrade", **at(finding, **change | {"grade": "OFI"}))
        assert errors_of(same) == [("BAD_USER_INPUT", "grade")]
    first = {"primaryClauseId": finding_commands.clauses["1"], "reason": "Cited now."}
    finding = (await done(api, "findingCorrect", **at(finding, **first)))["finding"]
    await done(api, "findingRegrade", **at(finding, **change))


async def test_the_same_intent_is_written_once(
    api: Client, finding_commands: FindingCommands
) -> None:
    first = await finding_commands.write(
        idempotencyKey="once", clauseIds=[finding_commands.clauses["2"]]
    )
    again = await finding_commands.write(
        idempotencyKey="once", clauseIds=[finding_commands.clauses["2"]]
    )
    assert again["id"] == first["id"]
    assert (await api.ask("{ findings { totalCount } }"))["findings"]["totalCount"] == 1


async def test_a_stale_version_changes_nothing(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    async with unchanged(company):
        payload = await api.do("findingUpdate", **{**at(finding), "expectedVersion": 9}, title="x")
        assert errors_of(payload) == [("STALE_VERSION", "expectedVersion")]
