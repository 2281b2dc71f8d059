"""What no audit covers: clause by clause, site by site, in one statement."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qgp.audits.model.terms import AuditStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.programmes.facts.coverage import CoveragePage
from qgp.programmes.model import AuditProgrammeStatus
from qgp.programmes.types.coverage_gap import share_of
from qgp.standards.model import Clause
from qgp.standards.model.terms import ClauseExclusion, ClauseLevel
from tests import factories
from tests.company import Client, Company, Hiring
from tests.matrix import role_cases
from tests.programmes.programme_records import ProgrammeRecords

GAP = """query ($of: CoverageGapBy!, $siteIds: [ID!], $years: Int = 3, $asOf: Date, $first: Int,
    $after: String, $last: Int, $before: String) {
    coverageGap(of: $of, siteIds: $siteIds, years: $years, asOf: $asOf) {
        sinceOn asOf requirements covered gap coveredPct
        gaps(first: $first, after: $after, last: $last, before: $before) { totalCount
            nodes { clause { number } site { code } } edges { cursor }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
END = date(2029, 12, 31)


@pytest.fixture
async def clauses(programme_records: ProgrammeRecords) -> list[Clause]:
    """A chapter with two requirements, below the second a third; the chapter is none."""
    top = await programme_records.clause()
    await programme_records.change(top, is_requirement=False)
    first, second = [await programme_records.clause_below(top, number) for number in ("1", "2")]
    return [top, first, second, await programme_records.clause_below(second)]


def of(row: Any) -> dict[str, str]:
    """Name what is looked at: a clause's standard, or a programme."""
    if isinstance(row, Clause):
        return {"standardId": f"std_{row.standard_id.hex}"}
    return {"programmeId": row.public_id}


async def gap(api: Client, row: Any, **more: Any) -> Any:
    """Ask for the gap of a cycle that ends with 2029."""
    return (await api.ask(GAP, of=of(row), **{"asOf": str(END), **more}))["coverageGap"]


def cells(coverage: Any) -> list[tuple[str, str | None]]:
    """Return clause and site of each gap."""
    return [
        (row["clause"]["number"], row["site"] and row["site"]["code"])
        for row in coverage["gaps"]["nodes"]
    ]


async def test_without_audits_everything_is_open(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    for code in ("B", "A"):
        await programme_records.site(code=code)
    await programme_records.clause()  # of another standard
    gone = await programme_records.clause_below(clauses[0], "9")
    await programme_records.change(gone, withdrawn_at=clock.now())
    coverage = await gap(api, clauses[0])
    assert cells(coverage) == [(n, s) for n in ("1.1", "1.2", "1.2.1") for s in ("A", "B")]
    assert coverage["gaps"]["totalCount"] == 6
    assert {name: coverage[name] for name in ("sinceOn", "asOf")} == {
        "sinceOn": "2027-01-01",
        "asOf": "2029-12-31",
    }
    totals = ("requirements", "covered", "gap", "coveredPct")
    assert [coverage[name] for name in totals] == [6, 0, 6, "0"]


async def test_an_audit_covers_its_clause_and_site_with_all_below(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    top = await programme_records.site(code="A")
    below = await programme_records.site(top, "B")
    await programme_records.site(below, "C")
    await programme_records.site(code="D")
    _, first, second, _ = clauses
    await programme_records.audit(
        clause=second, site_id=below.id, planned_start_on=END, planned_end_on=END
    )
    coverage = await gap(api, first)
    left = [("1.1", s) for s in "ABCD"] + [(n, s) for n in ("1.2", "1.2.1") for s in "AD"]
    assert cells(coverage) == left
    assert (coverage["covered"], coverage["coveredPct"]) == (4, "33.3")
    await programme_records.audit(
        checklist=await programme_records.checklist_about(first), site_id=top.id
    )
    assert cells(await gap(api, first)) == [
        ("1.1", "D"), *[(n, s) for n in ("1.2", "1.2.1") for s in "AD"],
    ]  # fmt: skip
    await programme_records.audit(clause=clauses[0])  # of the whole organization
    coverage = await gap(api, first)
    assert (coverage["gap"], coverage["coveredPct"], cells(coverage)) == (0, "100", [])
    assert coverage["requirements"] == 12


@pytest.mark.parametrize(
    ("requirements", "covered", "share"),
    [(0, 0, None), (3, 1, "33.3"), (3, 2, "66.6"), (3000, 2999, "99.9"), (7, 7, "100")],
)
def test_what_is_not_quite_covered_is_not_whole(
    requirements: int, covered: int, share: str | None
) -> None:
    percentage = share_of(CoveragePage(requirements, covered, []))
    assert percentage == (None if share is None else Decimal(share))


async def test_an_audit_counts_on_its_day(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    """As done, else as planned, within the cycle; cancelled or without a day never."""
    await programme_records.site(code="A")
    top = clauses[0]

    async def counts(status: str, **facts: Any) -> bool:
        row = await programme_records.audit(AuditStatus(status), clause=top, **facts)
        coverage = await gap(api, top)
        async with programme_records.working() as work:  # out of the way for the next
            (again,) = [await work.get(type(row), row.id)]
            again.enter(AuditStatus.CANCELLED)
            await work.flush()
        assert coverage["covered"] in {0, 3}
        return bool(coverage["covered"])

    def noon(day: str) -> Any:
        return datetime.fromisoformat(f"{day}T12:00:00+00:00")

    for status in AuditStatus:
        done_at = None if status in _OPEN else noon("2028-05-05")
        assert await counts(status, completed_at=done_at) is (status != "CANCELLED"), status
    planned = {"planned_start_on": None, "planned_end_on": None}
    assert not await counts("PLANNED", **planned)
    for day, expected in (
        ("2026-12-31", False),
        ("2027-01-01", True),
        ("2029-12-31", True),
        ("2030-01-01", False),
    ):
        at = date.fromisoformat(day)
        assert await counts("SCHEDULED", planned_start_on=at, planned_end_on=at) is expected
        assert await counts("CLOSED", completed_at=noon(day)) is expected
    wide = (await gap(api, top, years=4, asOf="2028-02-29"))["sinceOn"]
    assert wide == "2024-03-01"
    assert (await gap(api, top, years=1, asOf="2028-02-29"))["sinceOn"] == "2027-03-01"


_OPEN = {"PLANNED", "SCHEDULED", "IN_PROGRESS", "CANCELLED"}


async def test_what_does_not_apply_needs_no_audit(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    """As the assessment of the site says, or else the overall one."""
    site, other = await programme_records.site(code="A"), await programme_records.site(code="B")
    _, first, second, third = clauses

    async def assess(clause: Clause, where: Any, *, applies: bool) -> None:
        why = None if applies else "No such thing here."
        facts = {"site_id": where and where.id, "is_applicable": applies, "justification": why}
        async with programme_records.working() as work:
            await work.add(factories.clause_assessment(clause.id, **facts))

    await assess(first, None, applies=False)
    await assess(first, site, applies=True)
    await assess(second, other, applies=False)
    await assess(third, None, applies=False)
    coverage = await gap(api, first)
    assert cells(coverage) == [("1.1", "A"), ("1.2", "A")]
    assert coverage["requirements"] == 2
    await programme_records.change(third, exclusion=ClauseExclusion.NEVER)
    assert (await gap(api, first))["requirements"] == 4


async def test_what_holds_for_the_organization_counts_once_and_without_a_site(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    """Covered by an audit at any site, excluded by the overall assessment alone."""
    sites = [await programme_records.site(code=code) for code in "ABC"]
    _, first, second, third = clauses
    for clause in (first, third):
        await programme_records.change(clause, level=ClauseLevel.ORGANIZATION)
    coverage = await gap(api, first)
    assert cells(coverage) == [("1.1", None), *[("1.2", s) for s in "ABC"], ("1.2.1", None)]
    assert [coverage[name] for name in ("requirements", "covered", "gap")] == [5, 0, 5]
    at_a_site = await gap(api, first, siteIds=[sites[0].public_id, sites[1].public_id])
    assert cells(at_a_site) == [("1.2", "A"), ("1.2", "B")]
    await programme_records.audit(clause=first, site_id=sites[2].id)
    off = {"is_applicable": False, "justification": "No such thing."}
    async with programme_records.working() as work:
        for site in sites:
            await work.add(factories.clause_assessment(third.id, site_id=site.id, **off))
    coverage = await gap(api, first)
    assert cells(coverage) == [*[("1.2", s) for s in "ABC"], ("1.2.1", None)]
    assert coverage["covered"] == 1
    async with programme_records.working() as work:
        await work.add(factories.clause_assessment(third.id, **off))
    assert (await gap(api, first))["requirements"] == 4
    await programme_records.audit(clause=second, site_id=sites[1].id)
    assert cells(await gap(api, first, first=1)) == [("1.2", "A")]


async def test_iso_27001_at_three_sites_has_173_requirements(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    """98 of the organization as a whole, and 25 at each of the sites."""
    for code in "ABC":
        await programme_records.site(code=code)
    adopted = await api.do(
        "standardAdopt", "standard { id }", familyCode="ISO27001", edition="2022"
    )
    of_it = {"standardId": adopted["standard"]["id"]}
    coverage = (await api.ask(GAP, of=of_it, first=2))["coverageGap"]
    assert (coverage["requirements"], coverage["gap"]) == (98 + 3 * 25, 173)
    assert cells(coverage) == [("4.1", None), ("4.2", None)]


async def test_without_sites_the_organization_is_one_place(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    coverage = await gap(api, clauses[0])
    assert cells(coverage) == [("1.1", None), ("1.2", None), ("1.2.1", None)]
    await programme_records.audit(clause=clauses[2])
    coverage = await gap(api, clauses[0])
    assert (cells(coverage), coverage["covered"]) == ([("1.1", None)], 2)


async def test_a_programme_asks_for_its_standards_and_ends_the_cycle(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    await programme_records.site(code="A")
    other = await programme_records.clause()
    standards = (clauses[0].standard_id, other.standard_id)
    row = await programme_records.programme(AuditProgrammeStatus.ACTIVE, standards=standards)
    await programme_records.audit(
        clause=clauses[1], planned_start_on=date(2027, 6, 1), planned_end_on=None
    )
    coverage = await gap(api, row, asOf=None)
    assert (coverage["sinceOn"], coverage["asOf"]) == ("2025-01-01", "2027-12-31")
    assert cells(coverage) == [("1.2", "A"), ("1.2.1", "A"), ("1", "A")]  # standard by standard
    assert coverage["covered"] == 1
    empty = await gap(api, await programme_records.programme())
    assert (empty["requirements"], empty["coveredPct"], cells(empty)) == (0, None, [])
    today = clock.today()
    assert (await gap(api, clauses[0], asOf=None))["asOf"] == str(today)


async def test_coverage_is_limited_to_the_requested_sites(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    site, other = await programme_records.site(code="A"), await programme_records.site(code="B")
    await programme_records.audit(clause=clauses[1], site_id=other.id)
    coverage = await gap(api, clauses[0], siteIds=[other.public_id])
    assert cells(coverage) == [("1.2", "B"), ("1.2.1", "B")]
    both = await gap(api, clauses[0], siteIds=[other.public_id, site.public_id])
    assert (both["requirements"], both["gap"]) == (6, 5)
    none = await gap(api, clauses[0], siteIds=["sit_" + "0" * 32])
    assert (none["requirements"], none["coveredPct"]) == (0, None)


async def test_its_pages_are_one_list_both_ways(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    for code in "ABC":
        await programme_records.site(code=code)
    whole = cells(await gap(api, clauses[0]))
    for size in (1, 2, 4, 9, 20):
        for count, cursor, more, end in (
            ("first", "after", "hasNextPage", "endCursor"),
            ("last", "before", "hasPreviousPage", "startCursor"),
        ):
            listed: list[Any] = []
            place, goes_on = None, True
            while goes_on:
                page = await gap(api, clauses[0], **{count: size, cursor: place})
                assert page["gaps"]["totalCount"] == page["requirements"] == 9
                listed = listed + cells(page) if count == "first" else cells(page) + listed
                place, goes_on = page["gaps"]["pageInfo"][end], page["gaps"]["pageInfo"][more]
            assert listed == whole, (size, count)


async def test_a_cursor_fits_one_question(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    await programme_records.site(code="A")
    place = (await gap(api, clauses[0], first=1))["gaps"]["pageInfo"]["endCursor"]
    other = await programme_records.clause()
    for row, more in (
        (clauses[0], {"years": 2}),
        (clauses[0], {"asOf": "2028-01-01"}),
        (other, {}),
    ):
        variables = {"of": of(row), "asOf": str(END), "first": 1, "after": place, **more}
        assert await api.refusal(GAP, **variables) == "CURSOR_MISMATCH"
    for wrong in ({"years": 0}, {"years": 11}, {"first": 101}, {"first": 1, "last": 1}):
        assert await api.refusal(GAP, of=of(clauses[0]), **wrong) == "BAD_USER_INPUT"
    sites = ["sit_" + "0" * 32] * 101
    assert await api.refusal(GAP, of=of(clauses[0]), siteIds=sites) == "BAD_USER_INPUT"


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_sees_all_audits_sees_the_gap(
    company: Company, programme_records: ProgrammeRecords, clauses: list[Clause], role: Role
) -> None:
    async with (await company.hire(role)).signed_in() as api:
        if role in {Role.EMPLOYEE, Role.SUPPLIER_CONTACT}:
            assert await api.refusal(GAP, of=of(clauses[0])) == "FORBIDDEN"
        else:
            assert (await gap(api, clauses[0]))["requirements"] == 3


async def test_nobody_sees_the_gap_of_another_organization(
    programme_records: ProgrammeRecords, clauses: list[Clause], hire: Hiring
) -> None:
    row = await programme_records.programme(standards=(clauses[0].standard_id,))
    async with (await hire.company()).owner.signed_in() as other:
        assert await gap(other, clauses[0]) is None
        assert await gap(other, row) is None


async def test_coverage_takes_one_statement_for_any_number_of_rows(
    api: Client, programme_records: ProgrammeRecords, clauses: list[Clause]
) -> None:
    """The programme or standard is looked up, the gap is one, clauses and sites one each."""
    counts = []
    for number in (1, 20):
        async with programme_records.together():
            for place in range(number):
                await programme_records.clause_below(clauses[0], str(10 * number + place))
                await programme_records.site()
        await gap(api, clauses[0], first=100)
        counts.append(len(api.statements))
    assert counts[0] == counts[1]
    data = await api.ask(
        "query ($of: CoverageGapBy!) { coverageGap(of: $of) { requirements gap coveredPct } }",
        of=of(clauses[0]),
    )
    assert data["coverageGap"]["requirements"] == 24 * 21
    assert sum("cells" in text for text in api.statements) == 1
