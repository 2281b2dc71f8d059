"""Assessments of clauses (ISO 9001:2015, 4.3; ISO/IEC 27001:2022, 6.1.3)."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.organizations.model import Organization
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.matrix import role_cases
from tests.standards import standard_commands

FACTS = """clauseAssessment { isApplicable justification justificationBasis implementation
    conformity maturity targetOn version clause { number } site { code } owner { id } }"""
ASSESSORS = {
    *(Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER),
    *(Role.LEAD_AUDITOR, Role.PROCESS_OWNER),
}
PLAIN: dict[str, Any] = {
    "isApplicable": True,
    "justification": None,
    "justificationBasis": [],
    "implementation": "NOT_STARTED",
    "conformity": "NOT_ASSESSED",
    "maturity": None,
    "targetOn": None,
    "version": 1,
    "clause": {"number": "1"},
    "site": None,
    "owner": None,
}


@pytest.fixture
async def ids(api: Client, company: Company) -> dict[str, str]:
    """Ids of a clause, a chapter, a site and the owner, by name."""
    standard = await standard_commands.write(api, "1")
    site = await api.do("siteCreate", "site { id }", code="HQ", name="Head office")
    return {
        "clauseId": await standard_commands.clause(api, standard, "1"),
        "chapter": await standard_commands.write_clause(api, standard, "2", isRequirement=False),
        "siteId": site["site"]["id"],
        "ownerId": company.owner.id,
    }


async def test_an_assessment_starts_from_nothing_known(api: Client, ids: dict[str, str]) -> None:
    payload = await api.do("clauseAssess", FACTS, clauseId=ids["clauseId"])
    assert payload == {"clauseAssessment": PLAIN, "errors": []}


async def test_an_assessment_returns_every_field_that_was_sent(
    api: Client, ids: dict[str, str]
) -> None:
    facts = {
        "isApplicable": False,
        "justification": "Nothing is designed here.",
        "justificationBasis": ["RISK", "LEGAL"],
        "implementation": "PARTIAL",
        "conformity": "MINOR_GAP",
        "maturity": 5,
        "targetOn": "2026-12-31",
    }
    where = {name: ids[name] for name in ("clauseId", "siteId", "ownerId")}
    payload = await api.do("clauseAssess", FACTS, **facts, **where)
    named = {"site": {"code": "HQ"}, "owner": {"id": ids["ownerId"]}}
    assert payload == {"clauseAssessment": PLAIN | facts | named, "errors": []}


async def test_one_clause_is_assessed_once_overall_and_once_per_site(
    api: Client, company: Company, ids: dict[str, str]
) -> None:
    clause, site = ids["clauseId"], ids["siteId"]
    for where in ({}, {"siteId": site}):
        assert (await api.do("clauseAssess", clauseId=clause, **where))["errors"] == []
        async with unchanged(company):
            again = await api.do("clauseAssess", clauseId=clause, **where)
            assert standard_commands.errors_of(again) == [("ALREADY_EXISTS", "clauseId")]
    document = """query ($id: ID!) { clause(by: {id: $id}) { assessment { site { code } }
        assessments { totalCount nodes { site { code } } } } }"""
    record = (await api.ask(document, id=clause))["clause"]
    assert record["assessment"] == {"site": None}
    assert record["assessments"] == {
        "totalCount": 2,
        "nodes": [{"site": None}, {"site": {"code": "HQ"}}],
    }


@pytest.mark.parametrize(
    ("facts", "code", "path"),
    [
        ({"isApplicable": False}, "REQUIRED", "justification"),
        ({"isApplicable": False, "justification": " "}, "REQUIRED", "justification"),
        ({"maturity": 6}, "OUT_OF_RANGE", "maturity"),
        ({"maturity": -1}, "OUT_OF_RANGE", "maturity"),
        ({"clauseId": "{chapter}"}, "BAD_USER_INPUT", "clauseId"),
        ({"siteId": "{ownerId}"}, "BAD_USER_INPUT", "siteId"),
    ],
)
async def test_a_wrong_assessment_changes_nothing(
    api: Client,
    company: Company,
    ids: dict[str, str],
    facts: dict[str, Any],
    code: str,
    path: str,
) -> None:
    facts = {k: v.format_map(ids) if isinstance(v, str) else v for k, v in facts.items()}
    async with unchanged(company):
        payload = await api.do("clauseAssess", FACTS, **{"clauseId": ids["clauseId"], **facts})
        assert standard_commands.errors_of(payload) == [(code, path)]
        assert payload["clauseAssessment"] is None


@pytest.mark.parametrize("maturity", range(6))
async def test_maturity_runs_from_0_to_5(api: Client, ids: dict[str, str], maturity: int) -> None:
    payload = await api.do("clauseAssess", FACTS, clauseId=ids["clauseId"], maturity=maturity)
    assert payload["clauseAssessment"]["maturity"] == maturity


async def test_a_later_assessment_keeps_the_rules(
    api: Client, company: Company, ids: dict[str, str]
) -> None:
    first = await api.do("clauseAssess", "clauseAssessment { id }", clauseId=ids["clauseId"])
    id = first["clauseAssessment"]["id"]
    for facts, code, path in (
        ({"isApplicable": False}, "REQUIRED", "justification"),
        ({"maturity": 9}, "OUT_OF_RANGE", "maturity"),
        ({"conformity": "CONFORM"}, "BAD_USER_INPUT", "conformity"),
    ):
        async with unchanged(company):
            late = await api.do("clauseAssessmentUpdate", id=id, expectedVersion=1, **facts)
            assert standard_commands.errors_of(late) == [(code, path)]
    payload = await api.do(
        "clauseAssessmentUpdate",
        FACTS,
        id=id,
        expectedVersion=1,
        conformity="CONFORM",
        implementation="PARTIAL",
        justificationBasis=["CONTRACT"],
    )
    changed = {"conformity": "CONFORM", "implementation": "PARTIAL", "version": 2}
    changed["justificationBasis"] = ["CONTRACT"]
    assert payload == {"clauseAssessment": PLAIN | changed, "errors": []}


EXCLUDED = {"isApplicable": False, "justification": "No such thing here."}
MAY_GO = {
    "ISO9001:2015": "6.3 7.1.5.2 8.3.1",
    "ISO14001:2015": "",
    "ISO45001:2018": "",
    "ISO27001:2022": "A.5.1 A.7.4 A.8.30",
}
MAY_NOT = {
    "ISO9001:2015": "4.1 5.1.2 9.2.2 10.2.1",
    "ISO14001:2015": "4.3 6.1.2 8.1 10.3",
    "ISO45001:2018": "6.1.2.3 8.1.4.3",
    "ISO27001:2022": "4.3 6.1.3 7.5.3 8.3 9.3.2 10.2",
}


@pytest.mark.parametrize("code", MAY_GO)
async def test_a_clause_is_excluded_only_where_the_standard_allows(
    api: Client, company: Company, code: str
) -> None:
    standard = await standard_commands.adopt(api, code)
    site = await api.do("siteCreate", "site { id }", code="HQ", name="Head office")
    for number in MAY_GO[code].split():
        id = await standard_commands.clause(api, standard, number)
        assert (await api.do("clauseAssess", clauseId=id, **EXCLUDED))["errors"] == []
    for number in MAY_NOT[code].split():
        id = await standard_commands.clause(api, standard, number)
        async with unchanged(company):
            for where in ({}, {"siteId": site["site"]["id"]}):
                refused = await api.do("clauseAssess", clauseId=id, **EXCLUDED, **where)
                assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "isApplicable")]
        first = await api.do("clauseAssess", "clauseAssessment { id }", clauseId=id)
        async with unchanged(company):
            later = {"id": first["clauseAssessment"]["id"], "expectedVersion": 1, **EXCLUDED}
            refused = await api.do("clauseAssessmentUpdate", **later)
            assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "isApplicable")]


async def test_a_control_needs_a_justification_for_inclusion_too(
    api: Client, company: Company
) -> None:
    standard = await standard_commands.adopt(api, "ISO27001:2022")
    id = await standard_commands.clause(api, standard, "A.8.13")
    async with unchanged(company):
        for facts in ({}, {"isApplicable": False}):
            refused = await api.do("clauseAssess", clauseId=id, **facts)
            assert standard_commands.errors_of(refused) == [("REQUIRED", "justification")]
    first = await api.do(
        "clauseAssess", "clauseAssessment { id }", clauseId=id, justification="Risk 7."
    )
    async with unchanged(company):
        later = {"id": first["clauseAssessment"]["id"], "expectedVersion": 1}
        refused = await api.do("clauseAssessmentUpdate", **later, justification=None)
        assert standard_commands.errors_of(refused) == [("REQUIRED", "justification")]


async def test_what_a_shipped_edition_fixes_is_not_changed(api: Client, company: Company) -> None:
    standard = await standard_commands.adopt(api, "ISO27001:2022")
    id = await standard_commands.clause(api, standard, "A.5.1")
    async with unchanged(company):
        for name, value in (
            ("isRequirement", False),
            ("level", "SITE"),
            ("exclusion", "NEVER"),
            ("controlTheme", None),
        ):
            refused = await api.do("clauseUpdate", id=id, expectedVersion=1, **{name: value})
            assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", name)]
        refused = await api.do("clauseWithdraw", id=id, expectedVersion=1)
        assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "id")]


async def test_a_clause_of_ones_own_may_be_excluded_unless_it_says_otherwise(
    api: Client, company: Company, ids: dict[str, str]
) -> None:
    id = ids["clauseId"]
    shown = "clause { level exclusion }"
    first = await api.do("clauseAssess", "clauseAssessment { id }", clauseId=id, **EXCLUDED)
    change = {"id": id, "expectedVersion": 1, "exclusion": "NEVER"}
    async with unchanged(company):
        refused = await api.do("clauseUpdate", **change)
        assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "exclusion")]
    again = {"id": first["clauseAssessment"]["id"], "expectedVersion": 1}
    await api.do("clauseAssessmentUpdate", **again, isApplicable=True)
    payload = await api.do("clauseUpdate", shown, **change)
    assert payload == {"clause": {"level": "SITE", "exclusion": "NEVER"}, "errors": []}


async def test_many_clauses_are_assessed_at_once_each_for_itself(
    api: Client, company: Company
) -> None:
    """A row reassesses by the version that it read; refused ones leave the others alone."""
    standard = await standard_commands.adopt(api, "ISO27001:2022")
    site = await api.do("siteCreate", "site { id }", code="HQ", name="Head office")
    clauses = [
        await standard_commands.clause(api, standard, number)
        for number in ("A.5.1", "A.5.2", "A.5.3", "4.1", "4")
    ]
    shown = "results { clauseAssessment { version conformity maturity } errors { code path } }"
    why = {"justification": "Risk 7."}
    rows: list[dict[str, Any]] = [
        {"clauseId": clauses[0], **why, "maturity": 2},
        {"clauseId": clauses[1]},
        {"clauseId": clauses[2], "siteId": site["site"]["id"], **why},
        {"clauseId": clauses[3], "isApplicable": False, **why},
        {"clauseId": clauses[4]},
        {"clauseId": clauses[1], **why, "expectedVersion": 1},
        {"clauseId": clauses[3], "isApplicable": None},
    ]
    answer = await api.do("clausesAssess", shown, items=rows)
    refusals = [
        [(e["code"], ".".join(e["path"])) for e in row["errors"]] for row in answer["results"]
    ]
    assert refusals == [
        [],
        [("REQUIRED", "items.1.justification")],
        [],
        [("BAD_USER_INPUT", "items.3.isApplicable")],
        [("BAD_USER_INPUT", "items.4.clauseId")],
        [("NOT_FOUND", "items.5.expectedVersion")],
        [("REQUIRED", "items.6.isApplicable")],
    ]
    done = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
    rows = [
        {"clauseId": clauses[0], "expectedVersion": 1, **done},
        {"clauseId": clauses[2], "siteId": site["site"]["id"], **done},
        {"clauseId": clauses[0], "expectedVersion": 1, "maturity": 5},
    ]
    answer = await api.do("clausesAssess", shown, items=rows)
    current = {"version": 2, "conformity": "CONFORM", "maturity": 2}
    unassessed = {"version": 1, "conformity": "NOT_ASSESSED", "maturity": None}
    assert answer["results"] == [
        {"clauseAssessment": current, "errors": []},
        {
            "clauseAssessment": unassessed,
            "errors": [{"code": "CONFLICT", "path": ["items", "1", "expectedVersion"]}],
        },
        {
            "clauseAssessment": current,
            "errors": [{"code": "STALE_VERSION", "path": ["items", "2", "expectedVersion"]}],
        },
    ]


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_may_assess(company: Company, ids: dict[str, str], role: Role) -> None:
    document = (
        "mutation ($input: ClauseAssessInput!) { clauseAssess(input: $input) { errors { code } } }"
    )
    arguments = {"clauseId": ids["clauseId"]}
    async with (await company.hire(role)).signed_in() as api:
        if role in ASSESSORS:
            assert await api.ask(document, input=arguments) == {"clauseAssess": {"errors": []}}
            return
        async with unchanged(company):
            assert await api.refusal(document, input=arguments) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("days", "implementation", "overdue"),
    [
        (-1, "PARTIAL", True),
        (-1, "IMPLEMENTED", False),
        (0, "PLANNED", False),
        (1, "NOT_STARTED", False),
        (None, "NOT_STARTED", False),
    ],
)
async def test_an_assessment_is_overdue_the_day_after_its_target(
    api: Client, ids: dict[str, str], days: int | None, implementation: str, overdue: bool
) -> None:
    target = None if days is None else (clock.today() + timedelta(days=days)).isoformat()
    payload = await api.do(
        "clauseAssess",
        "clauseAssessment { id isOverdue }",
        clauseId=ids["clauseId"],
        targetOn=target,
        implementation=implementation,
    )
    assert payload["clauseAssessment"]["isOverdue"] is overdue
    listed = "{ clauseAssessments { nodes { isOverdue } } }"
    assert (await api.ask(listed))["clauseAssessments"]["nodes"] == [{"isOverdue": overdue}]


async def test_overdue_is_decided_in_the_time_zone_of_the_organization(
    api: Client, company: Company, ids: dict[str, str]
) -> None:
    """At any instant there is a zone in which the day is not the one of UTC."""
    async with work_of(company) as work:
        organization = await work.get(Organization, company.organization_id)
        away = "Pacific/Kiritimati" if clock.now().hour >= 10 else "Pacific/Pago_Pago"
        await work.change(organization, {"time_zone": away})
    days = {shift: (clock.today(away) + timedelta(days=shift)).isoformat() for shift in (-1, 0)}
    for shift, overdue in ((-1, True), (0, False)):
        payload = await api.do(
            "clauseAssess",
            "clauseAssessment { isOverdue }",
            clauseId=ids["clauseId"],
            targetOn=days[shift],
            siteId=ids["siteId"] if shift else None,
        )
        assert payload["clauseAssessment"]["isOverdue"] is overdue
