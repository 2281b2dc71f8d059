"""Audit programmes as clients see them."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from qgp.audits.loaders import audits, standing_audit_of_item
from qgp.audits.refs import AuditRef
from qgp.kit import clock
from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    AvailableTransition,
    Connection,
    Info,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    has_many,
    listing,
    record,
    transitions,
    viewer_can_on,
)
from qgp.kit.loader import linked_by
from qgp.kit.shared_terms import AuditMethod
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import ProcessRef, process_by_id
from qgp.programmes import model, policy, workflow
from qgp.programmes.facts import related
from qgp.programmes.facts.priority import Standing, priority
from qgp.programmes.loaders import programme_by_id, programme_items
from qgp.programmes.model import AuditProgrammeStatus, ProgrammeItemRisk
from qgp.programmes.refs import AuditProgrammeRef, ProgrammeItemRef
from qgp.standards.loaders import clause_by_id, standard_by_id
from qgp.standards.refs import ClauseRef, StandardRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.AuditProgramme)
class AuditProgramme(Authored, Recorded, Node):
    """What is audited in a period, and why."""

    reference: str = column("PRG-, the year and a number; it never changes.", LISTED)
    title: str = column("What it is called.", EDITABLE | LISTED)
    status: AuditProgrammeStatus = column("Where it stands.", LISTED)
    method: AuditMethod = column(
        "How its audits come by evidence, unless one says otherwise.", EDITABLE | FILTER
    )
    period_start_on: date = column("The first day of its period.", EDITABLE | LISTED)
    period_end_on: date = column("The last day of its period.", EDITABLE | LISTED)
    objectives: str | None = column(
        "What it is to show or bring about.", EDITABLE, max_length=PROSE
    )
    risk_basis: str | None = column(
        "What speaks for looking here rather than there.", EDITABLE, max_length=PROSE
    )
    approved_on: date | None = column("When it was approved; null in DRAFT.", LISTED)
    closed_on: date | None = column("When it was closed.", LISTED)
    owner: UserRef | None = belongs_to(
        user_by_id,
        "Who answers for it.",
        EDITABLE | FILTER,
        note="May change the programme, whatever their role.",
    )
    approved_by: UserRef | None = belongs_to(
        user_by_id, "Who approved it; neither who wrote it nor its owner.", FILTER
    )
    standards: list[StandardRef] = has_many(
        linked_by(
            model.AuditProgrammeStandard.standard_id,
            standard_by_id,
            by=model.AuditProgrammeStandard.programme_id,
            read=policy.READ_STANDARDS,
            order=("code", "id"),
            is_order_of_target=True,
        ),
        "The standards that it covers, by code.",
        FILTER,
    )
    items: Connection[ProgrammeItemRef] = listing(
        programme_items,
        "What it plans, by month, dropped items included; at most 500.",
        FILTER,
        parent=model.ProgrammeItem.programme_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.PROGRAMME)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_changeable, "change the programme and its items now"
    )


@record(model.AuditProgrammeStandard)
class AuditProgrammeStandard(Authored, Recorded, Node):
    """A standard whose requirements a programme covers."""

    programme: AuditProgrammeRef | None = belongs_to(programme_by_id, "The programme.", LISTED)
    standard: StandardRef | None = belongs_to(standard_by_id, "The standard.", LISTED)


async def _standing(root: Any, info: Info) -> Standing:
    ((majors, minors, last),) = await info.context.load(related.standings, root.id)
    day = last and last.astimezone(ZoneInfo(info.context.caller.zone)).date()
    return Standing(majors, minors, day)


async def _priority(root: Any, info: Info) -> int:
    today = clock.today(info.context.caller.zone)
    return priority(root.risk, await _standing(root, info), today)


async def _majors(root: Any, info: Info) -> int:
    return (await _standing(root, info)).majors


async def _minors(root: Any, info: Info) -> int:
    return (await _standing(root, info)).minors


async def _last_audited_on(root: Any, info: Info) -> date | None:
    return (await _standing(root, info)).last_audited_on


_WHERE = (
    "findings that you see of the target, or of what lies below it, detected in the last 24 months."
)


@record(
    model.ProgrammeItem,
)
class ProgrammeItem(Authored, Recorded, Node):
    """One thing that a programme has audited: a target, which is what all of clause, site,
    department and process have in common, and a month.
    """

    planned_month: date = column(
        "The first day of the month it is planned for.",
        EDITABLE | LISTED,
        note="Within the period, e.g. 2027-03-01.",
    )
    risk: ProgrammeItemRisk = column(
        "How much is at stake there, as whoever plans sees it.", EDITABLE | LISTED
    )
    note: str | None = column(
        "What is to be looked at in particular.", EDITABLE | FILTER, max_length=PROSE
    )
    dropped_on: date | None = column("When it was dropped; null while it stands.", LISTED)
    drop_reason: str | None = column("Why nobody will audit it.")
    priority: int = computed(
        _priority,
        "How pressing it is as of now, 0 to 100, the sum of three parts. Risk: LOW 10, MEDIUM 25, "
        "HIGH 40. Last result: 15 for each open MAJOR and 5 for each open MINOR that you see, 30 "
        "at the most. "
        "Time: 30 if the target was never audited, or not for 36 months, else 30/36 for each "
        "whole month since, rounded down.",
    )
    open_major_count: int = computed(_majors, f"Open MAJOR {_WHERE}")
    open_minor_count: int = computed(_minors, f"Open MINOR {_WHERE}")
    last_audited_on: date | None = computed(
        _last_audited_on,
        "When the fieldwork of the last audit that you see and that covers the target ended; null "
        "for never. An "
        "audit covers clauses, sites and departments below its own, and all sites without one.",
    )
    programme: AuditProgrammeRef | None = belongs_to(
        programme_by_id, "The programme.", CREATE | FILTER, note="DRAFT or ACTIVE."
    )
    clause: ClauseRef | None = belongs_to(
        clause_by_id, "The clause, with all below it; null for any.", EDITABLE | FILTER
    )
    site: SiteRef | None = belongs_to(site_by_id, "The site; null for any.", EDITABLE | FILTER)
    department: DepartmentRef | None = belongs_to(
        department_by_id, "The department; null for any.", EDITABLE | FILTER
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "The process; null for any.", EDITABLE | FILTER
    )
    audit: AuditRef | None = belongs_to(
        standing_audit_of_item,
        "The audit that carries it out, unless it is CANCELLED; null while none does, or hidden.",
        key="id",
    )
    audits: Connection[AuditRef] = listing(
        audits,
        "All audits that were to carry it out, the oldest first; all but one are CANCELLED.",
        FILTER,
        order=("created_at",),
        parent=standing_audit_of_item.by,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_item_changeable, "change the item now"
    )
    viewer_can_plan_audit: bool = viewer_can_on(
        policy.PLAN,
        related.is_free,
        "plan or link an audit for it now: none carries it out, and its programme is ACTIVE",
    )
