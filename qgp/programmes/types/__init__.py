"""GraphQL types of audit programmes and their items."""

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
from qgp.programmes.facts.priority import AuditResults, priority
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
    """Arrangements for a set of audits in a period (ISO 9000:2015, 3.13.4)."""

    reference: str = column("Reference number, e.g. PRG-2026-0001.", LISTED)
    title: str = column("Title.", EDITABLE | LISTED)
    status: AuditProgrammeStatus = column("Status.", LISTED)
    method: AuditMethod = column(
        "Audit method of its audits, unless an audit sets another.", EDITABLE | FILTER
    )
    period_start_on: date = column("First day of the period.", EDITABLE | LISTED)
    period_end_on: date = column(
        "Last day of the period, on or after `periodStartOn`.", EDITABLE | LISTED
    )
    objectives: str | None = column(
        "Objectives of the audit programme (ISO 19011:2018, 5.2).", EDITABLE, max_length=PROSE
    )
    risk_basis: str | None = column(
        "Risks and opportunities on which the programme is based (ISO 19011:2018, 5.3).",
        EDITABLE,
        max_length=PROSE,
    )
    approved_on: date | None = column("Date of approval; null in DRAFT.", LISTED)
    closed_on: date | None = column("Date of closing; null before.", LISTED)
    owner: UserRef | None = belongs_to(
        user_by_id,
        "Owner, the person managing the audit programme.",
        EDITABLE | FILTER,
        note="May change the programme with any role.",
    )
    approved_by: UserRef | None = belongs_to(
        user_by_id,
        "User who approved it, neither its creator nor its owner; null in DRAFT.",
        FILTER,
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
        "Standards that the programme covers, by code.",
        FILTER,
    )
    items: Connection[ProgrammeItemRef] = listing(
        programme_items,
        "Items by `plannedMonth`, dropped ones included; at most 500.",
        FILTER,
        parent=model.ProgrammeItem.programme_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.PROGRAMME)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_changeable, "change the programme and its items now"
    )


@record(model.AuditProgrammeStandard, named=("standard.code",))
class AuditProgrammeStandard(Authored, Recorded, Node):
    """A standard that an audit programme covers."""

    programme: AuditProgrammeRef | None = belongs_to(programme_by_id, "The programme.", LISTED)
    standard: StandardRef | None = belongs_to(standard_by_id, "The standard.", LISTED)


async def _standing(root: Any, info: Info) -> AuditResults:
    ((majors, minors, last),) = await info.context.load(related.audit_results, root.id)
    day = last and last.astimezone(ZoneInfo(info.context.caller.zone)).date()
    return AuditResults(majors, minors, day)


async def _priority(root: Any, info: Info) -> int:
    today = clock.today(info.context.caller.zone)
    return priority(root.risk, await _standing(root, info), today)


async def _majors(root: Any, info: Info) -> int:
    return (await _standing(root, info)).majors


async def _minors(root: Any, info: Info) -> int:
    return (await _standing(root, info)).minors


async def _last_audited_on(root: Any, info: Info) -> date | None:
    return (await _standing(root, info)).last_audited_on


_WHERE = "findings of the target or below it, detected in the last 24 months, visible to you."


@record(model.ProgrammeItem, named=("plannedMonth",))
class ProgrammeItem(Authored, Recorded, Node):
    """A planned audit of a programme: a month, and a target, the intersection of clause, site,
    department and process.
    """

    planned_month: date = column(
        "First day of the planned month.",
        EDITABLE | LISTED,
        note="Within the period of the programme, e.g. 2027-03-01.",
    )
    risk: ProgrammeItemRisk = column(
        "Risk of the target, as assessed in planning.", EDITABLE | LISTED
    )
    note: str | None = column("Points of emphasis.", EDITABLE | FILTER, max_length=PROSE)
    dropped_on: date | None = column("Date it was dropped; null if it was not.", LISTED)
    drop_reason: str | None = column("Reason for dropping it; null if it was not dropped.")
    priority: int = computed(
        _priority,
        "Priority as of now, 0 to 100, the sum of three parts. Risk: LOW 10, MEDIUM 25, HIGH "
        "40. Last result: 15 for each open MAJOR and 5 for each open MINOR visible to you, at "
        "most 30. Time: 30 if the target was never audited, or not for 36 months, else 30/36 "
        "for each whole month since, rounded down.",
    )
    open_major_count: int = computed(_majors, f"Open MAJOR {_WHERE}")
    open_minor_count: int = computed(_minors, f"Open MINOR {_WHERE}")
    last_audited_on: date | None = computed(
        _last_audited_on,
        "Completion of the fieldwork of the last audit that covers the target and is visible "
        "to you; null for never. An audit covers clauses, sites and departments below its "
        "own, and all sites if it has none.",
    )
    programme: AuditProgrammeRef | None = belongs_to(
        programme_by_id, "The programme.", CREATE | FILTER, note="DRAFT or ACTIVE."
    )
    clause: ClauseRef | None = belongs_to(
        clause_by_id, "Clause, with all below it; null for any.", EDITABLE | FILTER
    )
    site: SiteRef | None = belongs_to(
        site_by_id, "Site, with all below it; null for any.", EDITABLE | FILTER
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id, "Department, with all below it; null for any.", EDITABLE | FILTER
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "Process; null for any.", EDITABLE | FILTER
    )
    audit: AuditRef | None = belongs_to(
        standing_audit_of_item,
        "Audit of the item that is not CANCELLED; null if none, or hidden from you.",
        key="id",
    )
    audits: Connection[AuditRef] = listing(
        audits,
        "Audits of the item, oldest first; all but the current one are CANCELLED.",
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
        "plan or link an audit for it now: it has none that is not CANCELLED, and its "
        "programme is ACTIVE",
    )
