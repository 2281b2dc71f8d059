"""What the mutations on audit programmes take."""

import datetime

import strawberry

from qgp.audits.terms import AuditType
from qgp.kit.gql import PROSE, given, key_field, version_field

_STANDARDS = "All standards whose requirements it covers; at most 50."
_MONTH = "The first day of the month it is planned for, e.g. 2027-03-01; within the period."
_REASON = "Why, for the trail; needed while the programme is ACTIVE."


class AuditProgrammeCreateFields:
    """Fields of a new record beside those of its type."""

    standard_ids: list[strawberry.ID] = given(_STANDARDS, id_of="std", default_factory=list)


class AuditProgrammeUpdateFields:
    """Fields of a change beside those of the type."""

    standard_ids: strawberry.Maybe[list[strawberry.ID]] = given(_STANDARDS, id_of="std")
    reason: str | None = given(_REASON, most=2000, default=None)


class ProgrammeItemCreateFields:
    """Fields of a new record beside those of its type."""

    reason: str | None = given(_REASON, most=2000, default=None)


class ProgrammeItemUpdateFields:
    """Fields of a change beside those of the type."""

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
