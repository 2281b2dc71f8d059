"""Coverage gap: requirements that no audit covers, by site (ISO 9001:2015, 9.2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts.coverage import clauses_by_site
from qgp.kit.listing import Key, Order
from qgp.kit.loader import Reads
from qgp.kit.paging import PageBounds
from qgp.kit.policy import Permission, Principal
from qgp.organizations.facts import sites_unfiltered
from qgp.programmes.facts.hierarchy import with_descendants
from qgp.standards.facts import (
    assessments_unfiltered,
    clauses_unfiltered,
    requirements_unfiltered,
)

_REQUIREMENTS, _SITES = requirements_unfiltered(), sites_unfiltered()
_CELL = (_REQUIREMENTS.c.id, _SITES.c.id)
KEYS = (
    Key(_REQUIREMENTS.c.standard_key),
    Key(_REQUIREMENTS.c.sort_key),
    Key(_REQUIREMENTS.c.id),
    Key(_SITES.c.sort_key, nullable=True),
)


@dataclass(frozen=True)
class Cycle:
    """An audit cycle: standards, sites and period.

    Attributes:
        site_ids: None for all sites, and the organization as a whole.
        after: the day before the first one that counts.
        until: the last day that counts.
        zone: time zone of the days.
    """

    standard_ids: Sequence[UUID]
    site_ids: Sequence[UUID] | None
    after: date
    until: date
    zone: str = "UTC"


@dataclass(frozen=True)
class Gap:
    """A requirement that no audit covers, at a site.

    Attributes:
        site_id: None for one of the organization as a whole, and where there are no sites.
    """

    clause_id: UUID
    site_id: UUID | None


@dataclass(frozen=True)
class CoveragePage:
    """Totals of a cycle, and the gaps of one page, with one more if there is a next page.

    Attributes:
        gaps: each with its order keys.
    """

    requirements: int
    covered: int
    gaps: Sequence[Sequence[Any]]

    @property
    def gap(self) -> int:
        """Number of requirements at sites that no audit covers."""
        return self.requirements - self.covered


TOTALS = PageBounds(0)


@dataclass(frozen=True, eq=False)
class Coverage:
    """Loads the pages of a coverage gap; the totals come with any page."""

    cycle: Cycle
    order: Order
    read: Permission

    async def fetch(self, reads: Reads, keys: list[PageBounds]) -> list[CoveragePage]:
        """Return the coverage for each page, in one statement for each page."""
        pages_bounds = [bounds for bounds in keys if bounds != TOTALS] or [TOTALS]
        pages = {bounds: await self._page(reads, bounds) for bounds in pages_bounds}
        return [pages.get(bounds, pages[pages_bounds[0]]) for bounds in keys]

    async def _page(self, reads: Reads, bounds: PageBounds) -> CoveragePage:
        rows = await reads.tuples(statement(self.cycle, self.order, bounds, reads.caller))
        total, covered = rows[0][:2]
        return CoveragePage(total, covered, [gap(row) for row in rows if row[2] is not None])


def statement(cycle: Cycle, order: Order, bounds: PageBounds, caller: Principal) -> Any:
    """Select the totals of a cycle, and beside them each gap of a page: at least one row.

    Business rule (ISO 9001:2015, 9.2.2): a requirement at a site is covered if an audit names its
    clause or one above it, or asks about it in its checklist, at that site, at one above it, or for
    the whole organization; a requirement of the organization as a whole, at any site. In SQL, with
    the names of the tables here:

        WITH cells  AS (each applicable requirement × site, or once, with is_covered),
             totals AS (SELECT count(*), count(*) FILTER (WHERE is_covered) FROM cells)
        SELECT totals.*, page.*
        FROM totals LEFT JOIN (the cells that are not covered, of one page) AS page ON true

    Audits count that the caller may read.

    The columns: requirements, covered, then clause, site and order keys of a gap, or nulls.
    """
    is_covered = _is_audited(cycle, caller)
    cells = _required(cycle, is_covered.label("is_covered")).cte("cells")
    is_met = sa.func.count().filter(cells.c.is_covered)
    totals: Any = sa.select(sa.func.count().label("n"), is_met.label("met")).select_from(cells)
    totals = totals.cte("totals")
    columns = (_REQUIREMENTS.c.id.label("clause_id"), _SITES.c.id.label("site_id"))
    page = order.apply(_required(cycle, *columns).where(~is_covered), bounds).subquery("page")
    rows = sa.select(totals.c.n, totals.c.met, *page.c)
    rows = rows.select_from(totals.join(page, sa.true(), isouter=True))
    return rows.order_by(*order.around(page.c, bounds))


def gap(row: Any) -> Sequence[Any]:
    """Return the gap of one row of the statement, and its order keys."""
    _, _, clause_id, site_id, *keys = row
    return Gap(clause_id, site_id), *keys


def _required(cycle: Cycle, *columns: Any) -> Any:
    """Select each applicable requirement at each site; once where it holds for all of them."""
    is_of_site = ~_REQUIREMENTS.c.is_organization_wide
    is_in_scope = sa.true() if cycle.site_ids is None else _SITES.c.id.in_(cycle.site_ids)
    cells: Any = sa.select(*columns).select_from(_REQUIREMENTS)
    joined = sa.and_(is_of_site, is_in_scope)
    cells = cells.join(_SITES, joined, isouter=cycle.site_ids is None)
    return cells.where(_REQUIREMENTS.c.standard_id.in_(cycle.standard_ids), _applies())


# Each cell is looked up in sets that are made once: a join would depend on how well their sizes
# are guessed, and nothing is known of them.
def _is_in(pairs: Any, *cell: Any) -> sa.ColumnElement[bool]:
    return sa.func.coalesce(sa.tuple_(*cell).in_(pairs), sa.false(), type_=sa.Boolean)


def _applies() -> sa.ColumnElement[bool]:
    """Return the condition that a requirement applies at a site, assessed there or else overall.

    A requirement of the organization as a whole has no site in its cell, so the overall assessment
    counts. One that may not be excluded applies, whatever an older assessment states.
    """
    assessed = assessments_unfiltered().c
    at_site: Any = sa.select(assessed.clause_id, assessed.site_id)
    at_site = at_site.where(assessed.site_id.is_not(None))
    overall: Any = sa.select(assessed.clause_id).where(assessed.site_id.is_(None))
    off = ~assessed.is_applicable
    by_all = sa.and_(_is_in(overall.where(off), _REQUIREMENTS.c.id), ~_is_in(at_site, *_CELL))
    is_excluded = sa.or_(_is_in(at_site.where(off), *_CELL), by_all)
    return sa.or_(~_REQUIREMENTS.c.is_excludable, ~is_excluded)


def _is_audited(cycle: Cycle, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an audit covers a requirement at a site."""
    reached, sites = _audited_clauses(cycle, caller), sites_unfiltered()
    each = sa.select(sites.c.id.label("key"), sites.c.id.label("id"))
    below = with_descendants(each, sites_unfiltered(), "sites_below")
    of_site: Any = sa.select(reached.c.id, below.c.id).select_from(reached)
    of_site = of_site.join(below, below.c.key == reached.c.key)
    everywhere: Any = sa.select(reached.c.id)
    of_all = everywhere.where(reached.c.key.is_(None))
    return sa.or_(
        _is_in(of_all, _REQUIREMENTS.c.id),
        _is_in(of_site, *_CELL),
        sa.and_(_REQUIREMENTS.c.is_organization_wide, _is_in(everywhere, _REQUIREMENTS.c.id)),
    )


def _audited_clauses(cycle: Cycle, caller: Principal) -> Any:
    """Return a table `key`, `id`: sites, null for all, and audited clauses with all below."""
    clauses = clauses_by_site(caller, after=cycle.after, until=cycle.until, zone=cycle.zone)
    start = sa.select(clauses.c.key, clauses.c.clause_id.label("id"))
    return with_descendants(start, clauses_unfiltered(), "reached")
