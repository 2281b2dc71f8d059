"""The way from one edition to the next: what changed, and what is still open."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.standards.commands.portions import PORTION
from qgp.standards.model import ClauseAssessment
from qgp.standards.model.terms import (
    ChangeKind,
    ClauseExclusion,
    Conformity,
    MappingBasis,
    MappingStatus,
    StandardStatus,
)
from tests import factories
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.standards import standard_commands

GAP = """query ($older: ID!, $newer: ID!) { transitionGap(olderId: $older, newerId: $newer) {
    older { code } newer { code } counts { changeKind count openCount }
    changes(first: 100) { totalCount nodes { changeKind toClause { id number } } } } }"""
EDITIONS = {
    "ISO9001": {
        "UNCHANGED": (62, 0),
        "RENUMBERED": (2, 2),
        "EXTENDED": (2, 2),
    },
    "ISO14001": {
        "UNCHANGED": (27, 0),
        "RENUMBERED": (5, 5),
        "EXTENDED": (2, 2),
        "NEW": (2, 2),
    },
}


async def gap(api: Client, older: str, newer: str) -> Any:
    return (await api.ask(GAP, older=older, newer=newer))["transitionGap"]


def counts(gap: Any) -> dict[str, tuple[int, int]]:
    rows = gap["counts"]
    assert sum(row["count"] for row in rows) == gap["changes"]["totalCount"]
    return {row["changeKind"]: (row["count"], row["openCount"]) for row in rows}


@pytest.mark.parametrize(("family", "expected"), EDITIONS.items())
async def test_what_is_new_extended_or_renumbered_stays_open_until_it_conforms(
    api: Client, family: str, expected: dict[str, tuple[int, int]]
) -> None:
    newer = await standard_commands.adopt(api, f"{family}:2026")
    older = await standard_commands.adopt(api, f"{family}:2015")
    analysis = await gap(api, older, newer)
    assert (analysis["older"]["code"], analysis["newer"]["code"]) == (
        f"{family}:2015",
        f"{family}:2026",
    )
    assert counts(analysis) == expected
    left: dict[str, list[str]] = {}  # kinds of change by target; a clause may be one of two changes
    for change in analysis["changes"]["nodes"]:
        if change["changeKind"] != "UNCHANGED":
            left.setdefault(change["toClause"]["id"], []).append(change["changeKind"])
    present = expected
    for clause_id, kinds in left.items():
        row: dict[str, Any] = {
            "clauseId": clause_id,
            "conformity": "MAJOR_GAP",
            "implementation": "PARTIAL",
        }
        await api.do("clausesAssess", items=[row])
        if present == expected:
            assert counts(await gap(api, older, newer)) == expected
        row |= {"conformity": "CONFORM", "expectedVersion": 1}
        await api.do("clausesAssess", items=[row])
        present = {k: (n, still - kinds.count(k)) for k, (n, still) in present.items()}
        assert counts(await gap(api, older, newer)) == present
    after = counts(await gap(api, older, newer))
    assert after == {kind: (count, 0) for kind, (count, _) in expected.items()}


async def test_a_rejected_change_does_not_count(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = (
        """{ clauseMappings(filter: {changeKind: {eq: EXTENDED}}) { nodes { id version } } }"""
    )
    for row in (await api.ask(document))["clauseMappings"]["nodes"]:
        done = await api.do("clauseMappingReject", id=row["id"], expectedVersion=row["version"])
        assert done["errors"] == []
    assert counts(await gap(api, older, newer)) == {"UNCHANGED": (62, 0), "RENUMBERED": (2, 2)}


async def test_the_newer_edition_supersedes_the_older_in_the_library(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = "query ($id: ID!) { standard(by: {id: $id}) { supersedes { id } } }"
    superseded = [
        (await api.ask(document, id=id))["standard"]["supersedes"] for id in (older, newer)
    ]
    assert superseded == [None, {"id": older}]


async def test_superseding_carries_assessments_over_to_be_reviewed(api: Client) -> None:
    """Of UNCHANGED and RENUMBERED clauses, unless the newer edition is assessed already."""
    newer, older = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2026, 2015)]
    site = (await api.do("siteCreate", "site { id }", code="HQ", name="HQ"))["site"]["id"]
    done = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
    partly = {"implementation": "PARTIAL", "conformity": "MINOR_GAP", "targetOn": "2027-01-01"}
    for number, facts in (
        ("4.1", done),
        ("5.1.1", done),  # EXTENDED
        ("6.1.2", partly),  # RENUMBERED, in two
        ("8.3.1", {"isApplicable": False, "justification": "No design."}),
        ("8.6", done),
        ("8.6", {"siteId": site, **partly}),
    ):
        clause = await standard_commands.clause(api, older, number)
        assert (await api.do("clauseAssess", clauseId=clause, **facts))["errors"] == []
    assessed = await standard_commands.clause(api, newer, "4.1")
    await api.do("clauseAssess", clauseId=assessed, conformity="MAJOR_GAP")
    moved = await api.do("standardSupersede", id=older, expectedVersion=1)
    assert moved["errors"] == []
    rows = await carried(api, newer)
    assert {key: (row["conformity"], row["carriedFrom"]) for key, row in rows.items()} == {
        ("6.1.2", None): ("MINOR_GAP", source("6.1.2")),
        ("6.1.3", None): ("MINOR_GAP", source("6.1.2")),
        ("8.3.1", None): ("NOT_ASSESSED", source("8.3.1")),
        ("8.6", None): ("CONFORM", source("8.6")),
        ("8.6", "HQ"): ("MINOR_GAP", source("8.6")),
    }
    assert counts(await gap(api, older, newer))["RENUMBERED"] == (2, 2)
    shown = "clauseAssessment { isReviewRequired version }"
    reviewed = []
    for key, changes in (
        (("6.1.2", None), {"targetOn": None}),  # planning is no review
        (("6.1.2", None), {**done, "targetOn": None}),
        (("8.6", None), {}),
    ):
        version = 2 if changes.get("conformity") else 1
        row = {"id": rows[key]["id"], "expectedVersion": version}
        payload = await api.do("clauseAssessmentUpdate", shown, **row, **changes)
        reviewed.append(payload["clauseAssessment"]["isReviewRequired"])
    assert reviewed == [True, False, False]
    assert (*await carried(api, newer),) == (("6.1.3", None), ("8.3.1", None), ("8.6", "HQ"))
    assert counts(await gap(api, older, newer))["RENUMBERED"] == (2, 1)


async def test_an_edition_adopted_once_the_former_is_superseded_takes_its_assessments(
    api: Client,
) -> None:
    older = await standard_commands.adopt(api, "ISO14001:2015")
    facts = {"implementation": "PARTIAL", "conformity": "MAJOR_GAP"}
    clause = await standard_commands.clause(api, older, "9.3")
    await api.do("clauseAssess", clauseId=clause, **facts)
    await api.do("standardSupersede", id=older, expectedVersion=1)
    newer = await standard_commands.adopt(api, "ISO14001:2026")
    assert [number for number, _ in await carried(api, newer)] == ["9.3.1", "9.3.2", "9.3.3"]
    await api.do("standardUpdate", id=newer, expectedVersion=1, supersedesId=older)
    assert len(await carried(api, newer)) == 3


async def test_the_least_favourable_of_several_assessments_is_carried_over(
    api: Client, company: Company
) -> None:
    """An exclusion that the newer clause does not allow is not, nor a rejected change."""
    change: dict[str, Any] = {
        "basis": MappingBasis.EDITION_CHANGE,
        "change_kind": ChangeKind.RENUMBERED,
    }
    async with work_of(company) as work:
        older = await work.add(factories.standard(StandardStatus.ACTIVE))
        newer = await work.add(factories.standard(supersedes_id=older.id))
        one, two, three, four = [
            await work.add(factories.clause(older.id, number=number, sort_key=number))
            for number in "1234"
        ]
        merged = await work.add(factories.clause(newer.id))
        fixed, other = [
            await work.add(factories.clause(newer.id, number=number, sort_key=number, **facts))
            for number, facts in (("2", {"exclusion": ClauseExclusion.NEVER}), ("3", {}))
        ]
        for start, end in ((one, merged), (two, merged), (three, fixed)):
            await work.add(factories.clause_mapping(start, end, **change))
        await work.add(factories.clause_mapping(four, other, MappingStatus.REJECTED, **change))
        for clause, conformity in ((one, Conformity.CONFORM), (two, Conformity.MAJOR_GAP)):
            await work.add(factories.clause_assessment(clause.id, conformity=conformity))
        off = {"is_applicable": False, "justification": "No such thing."}
        await work.add(factories.clause_assessment(three.id, **off))
        await work.add(factories.clause_assessment(four.id))
    await api.do("standardSupersede", id=older.public_id, expectedVersion=1)
    rows = await carried(api, newer.public_id)
    assert [(key, row["conformity"]) for key, row in rows.items()] == [(("1", None), "MAJOR_GAP")]


def source(number: str) -> dict[str, Any]:
    return {"clause": {"number": number, "standard": {"code": "ISO9001:2015"}}}


async def carried(api: Client, standard: str) -> dict[tuple[str, str | None], Any]:
    """Return the assessments still to be reviewed, by clause and site, in their order."""
    document = """query ($filter: ClauseAssessmentFilter) { clauseAssessments(filter: $filter) {
        nodes { id conformity clause { number } site { code }
        carriedFrom { clause { number standard { code } } } } } }"""
    of_it = {"isReviewRequired": {"eq": True}, "clause": {"standardId": {"eq": standard}}}
    rows = (await api.ask(document, filter=of_it))["clauseAssessments"]["nodes"]
    keyed = {(row["clause"]["number"], row["site"] and row["site"]["code"]): row for row in rows}
    return dict(sorted(keyed.items(), key=lambda item: (item[0][0], item[0][1] or "")))


async def test_editions_of_two_families_have_no_gap(api: Client) -> None:
    one, other = [await standard_commands.adopt(api, f"{family}:2015") for family in EDITIONS]
    assert await api.refusal(GAP, older=one, newer=other) == "BAD_USER_INPUT"
    assert await gap(api, one, one.replace(one[4:12], "00000000")) is None


async def test_both_editions_are_read_in_one_statement(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = """query ($older: ID!, $newer: ID!) {
        transitionGap(olderId: $older, newerId: $newer) { older { code } newer { code } } }"""
    await api.ask(document, older=older, newer=newer)
    assert len([statement for statement in api.statements if "FROM standards" in statement]) == 1


async def test_assessments_of_more_clauses_than_one_portion_are_carried_over(
    api: Client, company: Company
) -> None:
    """Each once; no statement reads or writes more than a portion."""
    count = 2 * PORTION + 1
    change: dict[str, Any] = {
        "basis": MappingBasis.EDITION_CHANGE,
        "change_kind": ChangeKind.UNCHANGED,
    }
    async with work_of(company) as work:
        older = await work.add(factories.standard(StandardStatus.ACTIVE))
        newer = await work.add(factories.standard(supersedes_id=older.id))
        starts, ends = [
            [factories.clause(standard.id, number=f"{n}", sort_key=f"{n:03}") for n in range(count)]
            for standard in (older, newer)
        ]
        await work.add(*starts, *ends)
        pairs = zip(starts, ends, strict=True)
        await work.add(*[factories.clause_mapping(start, end, **change) for start, end in pairs])
        await work.add(*[factories.clause_assessment(start.id) for start in starts])
    moved = await api.do("standardSupersede", id=older.public_id, expectedVersion=1)
    assert moved["errors"] == []
    inserts = [each for each in api.statements if "INSERT INTO clause_assessments" in each]
    assert len(inserts) == 3
    carried: Any = sa.select(ClauseAssessment.clause_id, ClauseAssessment.carried_from_id)
    async with work_of(company) as work:
        rows = await work.tuples(carried.where(ClauseAssessment.is_review_required))
    assert {each.clause_id for each in rows} == {each.id for each in ends}
    assert len({each.carried_from_id for each in rows}) == len(rows) == count


async def test_an_organization_declares_how_clauses_of_its_standard_changed(
    api: Client, company: Company
) -> None:
    """So that the gap counts the changes, and assessments are carried over, also later."""
    older = await standard_commands.write(api, "1", "2", "3", "4")
    chapter = {"isRequirement": False}
    await standard_commands.write_clause(api, older, "9", **chapter)
    for number in ("1", "2", "4"):
        clause = await standard_commands.clause(api, older, number)
        facts = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
        assert (await api.do("clauseAssess", clauseId=clause, **facts))["errors"] == []
    edition = {"edition": "2", "supersedesId": older}
    newer = await standard_commands.write(api, "1", "2", "5", "6", **edition)
    stranger = await standard_commands.write(api, "1", family="OTHER")
    at = {("old", n): await standard_commands.clause(api, older, n) for n in "12349"}
    at |= {("new", n): await standard_commands.clause(api, newer, n) for n in "1256"}
    at["other", "1"] = await standard_commands.clause(api, stranger, "1")

    async def declare(kind: str, start: Any = None, end: Any = None) -> Any:
        ends = {"fromClauseId": start and at[start], "toClauseId": end and at[end]}
        facts = {"changeKind": kind, "relation": "EQUAL", "strength": 100}
        return await api.do("clauseMappingPropose", **ends, **facts)

    async with unchanged(company):
        for kind, start, end, expected in (
            ("RENUMBERED", None, ("new", "5"), ("REQUIRED", "fromClauseId")),
            ("REMOVED", None, None, ("REQUIRED", "fromClauseId")),
            ("UNCHANGED", ("old", "1"), None, ("REQUIRED", "toClauseId")),
            ("NEW", ("old", "1"), ("new", "1"), ("BAD_USER_INPUT", "fromClauseId")),
            ("REMOVED", ("old", "1"), ("new", "1"), ("BAD_USER_INPUT", "toClauseId")),
            ("RENUMBERED", ("old", "9"), ("new", "5"), ("BAD_USER_INPUT", "fromClauseId")),
            ("RENUMBERED", ("new", "1"), ("old", "1"), ("BAD_USER_INPUT", "toClauseId")),
            ("RENUMBERED", ("old", "1"), ("other", "1"), ("BAD_USER_INPUT", "toClauseId")),
            ("REMOVED", ("other", "1"), None, ("BAD_USER_INPUT", "fromClauseId")),
        ):
            payload = await declare(kind, start, end)
            assert standard_commands.errors_of(payload) == [expected], (kind, start, end)
    for kind, start, end in (
        ("UNCHANGED", ("old", "1"), ("new", "1")),
        ("NEW", None, ("new", "2")),
        ("NEW", None, ("new", "5")),  # withdrawn by the next
        ("RENUMBERED", ("old", "2"), ("new", "5")),
        ("REMOVED", ("old", "3"), None),
    ):
        assert (await declare(kind, start, end))["errors"] == [], kind
    again = await declare("RENUMBERED", ("old", "2"), ("new", "5"))
    assert standard_commands.errors_of(again) == [("ALREADY_EXISTS", "toClauseId")]
    assert counts(await gap(api, older, newer)) == {
        "UNCHANGED": (1, 0),
        "RENUMBERED": (1, 1),
        "NEW": (1, 1),
        "REMOVED": (1, 0),
    }
    await api.do("standardActivate", id=older, expectedVersion=1)
    await api.do("standardSupersede", id=older, expectedVersion=2)
    assert (*await carried(api, newer),) == (("1", None), ("5", None))
    change = {"changeKind": "RENUMBERED", "relation": "EQUAL", "strength": 100}
    ends = {"fromClauseId": at["old", "4"], "toClauseId": at["new", "6"]}
    rows = [ends | change, change | {"toClauseId": at["new", "6"]}]
    shown = "results { clauseMapping { changeKind } errors { code path } }"
    results = (await api.do("clauseMappingsPropose", shown, items=rows))["results"]
    assert results == [
        {"clauseMapping": {"changeKind": "RENUMBERED"}, "errors": []},
        {
            "clauseMapping": None,
            "errors": [{"code": "REQUIRED", "path": ["items", "1", "fromClauseId"]}],
        },
    ]
    assert (*await carried(api, newer),) == (("1", None), ("5", None), ("6", None))
