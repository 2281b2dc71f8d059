"""How processes are filtered and ordered."""

from qgp.kit.gql import EnumFilter, IDFilter, StringFilter, filters, ordering, related, where
from qgp.organizations.policy import READ as READ_PLACES
from qgp.organizations.types import DepartmentFilter
from qgp.processes import model
from qgp.processes.enums import ProcessKind


@filters(model.Process)
class ProcessFilter:
    """Conditions on a process."""

    id: IDFilter | None = where("The process itself.")
    code: StringFilter | None = where("Its code.")
    name: StringFilter | None = where("Its name.")
    kind: EnumFilter[ProcessKind] | None = where("What it is for.")
    owner_id: IDFilter | None = where("Who answers for it.")
    department_id: IDFilter | None = where("The department that it runs in.")
    department: DepartmentFilter | None = related(
        "department_id", READ_PLACES, "The department that it runs in."
    )
    parent_id: IDFilter | None = where(
        "The process that it is a part of; `isNull: true` finds the widest."
    )


ProcessOrder = ordering("Process", code="code", name="name", kind="kind")
