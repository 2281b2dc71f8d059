"""What the mutations on audit programmes take."""

import datetime

import strawberry

from qgp.kit.gql import PROSE, given, key_field, version_field
from qgp.programmes.enums import AuditMethod, AuditType, ProgrammeItemRisk

_STANDARDS = "All standards whose requirements it covers; at most 50."
_MONTH = "The first day of the month it is planned for, e.g. 2027-03-01; within the period."
_REASON = "Why, for the trail; needed while the programme is ACTIVE."


@strawberry.input(description="An audit programme, to be drafted.")
class AuditProgrammeCreateInput:
    """An audit programme."""

    title: str = given("What it is called, 1 to 200 characters.")
    method: AuditMethod = given("How its audits come by evidence, unless one says otherwise.")
    period_start_on: datetime.date = given("The first day of its period.")
    period_end_on: datetime.date = given("The last day of its period.")
    objectives: str | None = given("What it is to show or bring about.", most=PROSE, default=None)
    risk_basis: str | None = given(
        "What speaks for looking here rather than there.", most=PROSE, default=None
    )
    owner_id: strawberry.ID = given(
        "Who answers for it and may change it, whatever their role.", id_of="usr"
    )
    standard_ids: list[strawberry.ID] = given(_STANDARDS, id_of="std", default_factory=list)
    idempotency_key: str | None = key_field()


@strawberry.input(
    description="Changes to an audit programme that is DRAFT or ACTIVE; what you leave out stays, "
    "null clears."
)
class AuditProgrammeUpdateInput:
    """Changes to an audit programme."""

    id: strawberry.ID = given("The programme.", id_of="prg")
    expected_version: int = version_field()
    title: strawberry.Maybe[str] = given("What it is called.")
    method: strawberry.Maybe[AuditMethod] = given("How its audits come by evidence.")
    period_start_on: strawberry.Maybe[datetime.date] = given("The first day of its period.")
    period_end_on: strawberry.Maybe[datetime.date] = given("The last day of its period.")
    objectives: strawberry.Maybe[str | None] = given("What it is to show.", most=PROSE)
    risk_basis: strawberry.Maybe[str | None] = given(
        "What speaks for looking here rather than there.", most=PROSE
    )
    owner_id: strawberry.Maybe[strawberry.ID] = given("Who answers for it.", id_of="usr")
    standard_ids: strawberry.Maybe[list[strawberry.ID]] = given(_STANDARDS, id_of="std")
    reason: str | None = given(_REASON, most=2000, default=None)


@strawberry.input(
    description="Something to be audited: at least one of clause, site, department and process."
)
class ProgrammeItemCreateInput:
    """Something to be audited."""

    programme_id: strawberry.ID = given("The programme, DRAFT or ACTIVE.", id_of="prg")
    planned_month: datetime.date = given(_MONTH)
    risk: ProgrammeItemRisk = given("How much is at stake there.")
    note: str | None = given("What is to be looked at.", most=PROSE, default=None)
    clause_id: strawberry.ID | None = given(
        "The clause, with all below it.", id_of="cls", default=None
    )
    site_id: strawberry.ID | None = given("The site.", id_of="sit", default=None)
    department_id: strawberry.ID | None = given("The department.", id_of="dep", default=None)
    process_id: strawberry.ID | None = given("The process.", id_of="prc", default=None)
    reason: str | None = given(_REASON, most=2000, default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(
    description="Changes to an item; what you leave out stays, null clears. Once an audit carries "
    "it out, its target stays."
)
class ProgrammeItemUpdateInput:
    """Changes to an item."""

    id: strawberry.ID = given("The item, not dropped.", id_of="pgi")
    expected_version: int = version_field()
    planned_month: strawberry.Maybe[datetime.date] = given(_MONTH)
    risk: strawberry.Maybe[ProgrammeItemRisk] = given("How much is at stake there.")
    note: strawberry.Maybe[str | None] = given("What is to be looked at.", most=PROSE)
    clause_id: strawberry.Maybe[strawberry.ID | None] = given("The clause.", id_of="cls")
    site_id: strawberry.Maybe[strawberry.ID | None] = given("The site.", id_of="sit")
    department_id: strawberry.Maybe[strawberry.ID | None] = given("The department.", id_of="dep")
    process_id: strawberry.Maybe[strawberry.ID | None] = given("The process.", id_of="prc")
    reason: str | None = given(_REASON, most=2000, default=None)


@strawberry.input(
    description="The audit that carries an item out. Clause, site, department (else the "
    "process's) and process come from the item, the standard from the clause, else all of the "
    "programme, the method from the programme; what is left open can be filled in later "
    "(auditUpdate)."
)
class ProgrammeItemPlanAuditInput:
    """The audit that carries an item out."""

    id: strawberry.ID = given("The item, of an ACTIVE programme.", id_of="pgi")
    expected_version: int = version_field()
    title: str | None = given(
        "What it is about; else the programme's title with what the item looks at.", default=None
    )
    type: AuditType | None = given(
        "What is audited; else PROCESS where the item names a process, or SYSTEM.", default=None
    )
    scope: str | None = given("What it looks at.", most=PROSE, default=None)
    planned_start_on: datetime.date | None = given(
        "Its first day; the first of the planned month else.", default=None
    )
    planned_end_on: datetime.date | None = given(
        "Its last day; the last of the planned month else.", default=None
    )
    template_version_id: strawberry.ID | None = given(
        "The checklist it goes by; PUBLISHED.", id_of="tpv", default=None
    )
    lead_auditor_id: strawberry.ID | None = given(
        "Who leads it; nobody of the audited department, nor the owner of the process.",
        id_of="usr",
        default=None,
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="An audit that is planned already, to carry an item out.")
class ProgrammeItemLinkAuditInput:
    """An audit that is planned already."""

    id: strawberry.ID = given("The item, of an ACTIVE programme.", id_of="pgi")
    expected_version: int = version_field()
    audit_id: strawberry.ID = given("The audit, PLANNED and yours to change.", id_of="aud")
    idempotency_key: str | None = key_field()
