"""How audit programmes and their items are filtered and ordered."""

from qgp.audits.filters import AuditFilter
from qgp.audits.policy import READ as READ_AUDITS
from qgp.kit.gql import (
    DateFilter,
    EnumFilter,
    IDFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.organizations.policy import READ as READ_PLACES
from qgp.organizations.types import DepartmentFilter, SiteFilter
from qgp.processes.filters import ProcessFilter
from qgp.processes.policy import READ as READ_PROCESSES
from qgp.programmes import model
from qgp.programmes.enums import AuditMethod, AuditProgrammeStatus, ProgrammeItemRisk
from qgp.programmes.policy import READ, READ_ITEMS, READ_STANDARDS
from qgp.standards.filters import ClauseFilter, StandardFilter
from qgp.standards.policy import READ as READ_LIBRARY
from qgp.users.policy import READ as READ_USERS
from qgp.users.types import UserFilter


@filters(model.AuditProgrammeStandard)
class AuditProgrammeStandardFilter:
    """Conditions on a standard that a programme covers."""

    programme_id: IDFilter | None = where("The programme.")
    standard_id: IDFilter | None = where("The standard.")
    standard: StandardFilter | None = related("standard_id", READ_LIBRARY, "The standard.")


@filters(model.ProgrammeItem)
class ProgrammeItemFilter:
    """Conditions on an item of a programme."""

    id: IDFilter | None = where("The item.")
    programme_id: IDFilter | None = where("The programme.")
    programme: "AuditProgrammeFilter | None" = related("programme_id", READ, "The programme.")
    planned_month: DateFilter | None = where("The first day of the month it is planned for.")
    risk: EnumFilter[ProgrammeItemRisk] | None = where("How much is at stake.")
    note: StringFilter | None = where("What is to be looked at.")
    dropped_on: DateFilter | None = where("When it was dropped; `isNull: true` finds what stands.")
    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ_LIBRARY, "The clause.")
    site_id: IDFilter | None = where("The site.")
    site: SiteFilter | None = related("site_id", READ_PLACES, "The site.")
    department_id: IDFilter | None = where("The department.")
    department: DepartmentFilter | None = related("department_id", READ_PLACES, "The department.")
    process_id: IDFilter | None = where("The process.")
    process: ProcessFilter | None = related("process_id", READ_PROCESSES, "The process.")
    audits: AuditFilter | None = some(
        "programme_item_id", READ_AUDITS, "At least one of its audits fits, CANCELLED or not."
    )


@filters(model.AuditProgramme)
class AuditProgrammeFilter:
    """Conditions on an audit programme."""

    id: IDFilter | None = where("The programme.")
    reference: StringFilter | None = where("Its reference, e.g. PRG-2026-0001.")
    title: StringFilter | None = where("Its title.")
    status: EnumFilter[AuditProgrammeStatus] | None = where("Where it stands.")
    method: EnumFilter[AuditMethod] | None = where("How its audits come by evidence.")
    period_start_on: DateFilter | None = where("The first day of its period.")
    period_end_on: DateFilter | None = where("The last day of its period.")
    approved_on: DateFilter | None = where("When it was approved.")
    closed_on: DateFilter | None = where("When it was closed.")
    owner_id: IDFilter | None = where("Who answers for it.")
    owner: UserFilter | None = related("owner_id", READ_USERS, "Who answers for it.")
    approved_by_id: IDFilter | None = where("Who approved it.")
    standards: AuditProgrammeStandardFilter | None = some(
        "programme_id", READ_STANDARDS, "At least one of its standards fits."
    )
    items: ProgrammeItemFilter | None = some(
        "programme_id", READ_ITEMS, "At least one of its items fits."
    )


AuditProgrammeOrder = ordering(
    "AuditProgramme",
    reference="reference",
    title="title",
    status="status",
    period_start_on="period_start_on",
    period_end_on="period_end_on",
    approved_on="approved_on",
    closed_on="closed_on",
)
AuditProgrammeStandardOrder = ordering(
    "AuditProgrammeStandard", programme="programme_id", standard="standard_id"
)
ProgrammeItemOrder = ordering(
    "ProgrammeItem", planned_month="planned_month", risk="risk", dropped_on="dropped_on"
)
