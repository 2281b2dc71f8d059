"""GraphQL type and query field of the coverage gap."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit import clock, ids
from qgp.kit.context import Context
from qgp.kit.errors import OutOfRange, between, require_at_most
from qgp.kit.gql import (
    ComputedPage,
    Connection,
    Info,
    Requires,
    argument,
    belongs_to,
    computed,
    computed_listing,
    input_type,
    object_type,
)
from qgp.kit.listing import Order
from qgp.kit.paging import PageBounds
from qgp.organizations.loaders import site_by_id
from qgp.organizations.refs import SiteRef
from qgp.programmes.facts import coverage
from qgp.programmes.facts.coverage import TOTALS, Coverage, CoveragePage, Cycle
from qgp.programmes.loaders import programme_by_id
from qgp.programmes.model import AuditProgrammeStandard
from qgp.programmes.policy import READ_COVERAGE
from qgp.standards.loaders import clause_by_id, standard_by_id
from qgp.standards.refs import ClauseRef

USUAL_YEARS, MOST_YEARS, MOST_SITES = 3, 10, 100


@input_type(one_of=True)
class CoverageGapBy:
    """Source of the requirements: exactly one of the fields."""

    standard_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="Requirements of a standard of your library."
    )
    programme_id: strawberry.Maybe[strawberry.ID] = strawberry.field(
        description="Requirements of the standards that an audit programme covers."
    )


@object_type
class CoverageGapCell:
    """A requirement that no audit covers."""

    clause: ClauseRef | None = belongs_to(clause_by_id, "The requirement.")
    site: SiteRef | None = belongs_to(
        site_by_id,
        "The site; null if the clause is of level ORGANIZATION, or your organization has no site.",
    )


@dataclass(frozen=True)
class CoverageCycle:
    """Source object of `CoverageGap`: an audit cycle with the order of its gaps."""

    cycle: Cycle
    order: Order

    async def load_page(self, context: Context, bounds: PageBounds) -> CoveragePage:
        """Return the totals and the gaps of one page, from one statement."""
        key = ("coverage", self.order.purpose)
        return await context.shared(
            key, lambda: Coverage(self.cycle, self.order, READ_COVERAGE), bounds
        )


def _total(of: Callable[[CoveragePage], Any], description: str) -> Any:
    async def resolve(root: Any, info: Info) -> Any:
        return of(await root.load_page(info.context, TOTALS))

    return computed(resolve, description)


def share_of(coverage: CoveragePage) -> Decimal | None:
    """Return the covered share in percent, rounded down; None without any requirement."""
    if not coverage.requirements:
        return None
    return Decimal(1000 * coverage.covered // coverage.requirements) / 10


async def _gaps(root: CoverageCycle, context: Context, bounds: PageBounds) -> ComputedPage:
    page = await root.load_page(context, bounds)
    return ComputedPage(page.gaps, root.order, page.gap)


@object_type
class CoverageGap:
    """Coverage of the requirements of standards by audits (ISO 9001:2015, 9.2.2).

    Counted are the audits visible to you that are not CANCELLED, on the day their fieldwork was
    completed, or else their planned first day; an audit without either does not count. It covers
    a clause if it, or a question of its checklist, names the clause or one above it; and its site
    with all sites below, or all sites if it has none. Requirements are the clauses in use with
    `isRequirement`, except where the assessment of the site, or else the overall one, states that
    they are not applicable and their `exclusion` is JUSTIFIED. A clause of level SITE counts at
    each site. A clause of level ORGANIZATION counts once, by its overall assessment; any audit of
    it covers it, at whatever site.
    """

    since_on: datetime.date = computed(
        lambda root: root.cycle.after + datetime.timedelta(days=1), "First day of the audit cycle."
    )
    as_of: datetime.date = computed(lambda root: root.cycle.until, "Last day of the audit cycle.")
    requirements: int = _total(
        lambda page: page.requirements,
        "Number of applicable requirements: those of level SITE once for each site, the others "
        "once.",
    )
    covered: int = _total(lambda page: page.covered, "Number of these that an audit covers.")
    gap: int = _total(lambda page: page.gap, "Number of these that no audit covers.")
    covered_pct: Decimal | None = _total(
        share_of,
        "Covered share in percent, 0 to 100 with one decimal, rounded down; null without any "
        "requirement.",
    )
    gaps: Connection[CoverageGapCell] = computed_listing(
        _gaps, "Requirements that no audit covers, by standard, clause and site."
    )


async def _gap(
    info: Info,
    of: Annotated[CoverageGapBy, argument("Source of the requirements.")],
    site_ids: Annotated[
        list[strawberry.ID] | None,
        argument(
            "Sites, at most 100, without the clauses of level ORGANIZATION; all sites and the "
            "organization as a whole if absent."
        ),
    ] = UNSET,
    years: Annotated[
        int | None, argument("Length of the audit cycle in years, 1 to 10.")
    ] = USUAL_YEARS,
    as_of: Annotated[
        datetime.date | None,
        argument("Last day of the audit cycle; if absent, the programme's last day, or today."),
    ] = UNSET,
) -> Any:
    context = info.context
    named = await _named(context, of)
    if named is None:
        return None
    standard_ids, end = named
    years = USUAL_YEARS if years is None else years
    if not 1 <= years <= MOST_YEARS:
        raise OutOfRange(
            f"years is {years}. An audit cycle is 1 to {MOST_YEARS} years long; send another "
            "number.",
            "years",
            constraint=between(1, MOST_YEARS),
        )
    until, sites = as_of or end, _sites(site_ids)
    cycle = Cycle(standard_ids, sites, _before(until, years), until, context.caller.zone)
    order = Order.of(
        coverage.KEYS,
        context.signing_key,
        list="coverageGap",
        organization=context.caller.organization_id,
        of=cycle.standard_ids,
        sites=cycle.site_ids,
        days=[cycle.after, cycle.until],
    )
    return CoverageCycle(cycle, order)


async def _named(context: Context, of: CoverageGapBy) -> tuple[list[UUID], datetime.date] | None:
    """Return the ids of the standards, and the default last day of the cycle."""
    if of.standard_id is not None:
        id = ids.decode("std", of.standard_id.value, "of", "standardId")
        standard = await context.load(standard_by_id, id)
        return None if standard is None else ([id], clock.today(context.caller.zone))
    assert of.programme_id is not None
    id = ids.decode("prg", of.programme_id.value, "of", "programmeId")
    programme = await context.load(programme_by_id, id)
    if programme is None:
        return None
    link = AuditProgrammeStandard
    covers = sa.select(link.standard_id).where(link.programme_id == id).order_by(link.standard_id)
    return list(await context.rows(covers)), programme.period_end_on


def _sites(site_ids: Any) -> list[UUID] | None:
    if site_ids is UNSET or site_ids is None:
        return None
    require_at_most(
        MOST_SITES,
        len(site_ids),
        f"siteIds has too many entries. At most {MOST_SITES} sites are allowed; send fewer.",
        "siteIds",
    )
    return sorted(ids.decode("sit", id, "siteIds") for id in set(site_ids))


def _before(day: datetime.date, years: int) -> datetime.date:
    """Return the same day some years before; 28 February for 29 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def coverage_gap() -> Any:
    """Return the query field `coverageGap`."""
    return strawberry.field(
        _gap,
        description="Coverage of requirements by audits in an audit cycle, by clause and site "
        "(ISO 9001:2015, 9.2.2).",
        graphql_type=CoverageGap | None,
        extensions=[Requires(READ_COVERAGE)],
    )
