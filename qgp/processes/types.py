"""GraphQL type and mutations of processes."""

from qgp.kit.gql import (
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    create,
    listing,
    record,
    update,
    viewer_can,
)
from qgp.organizations.loaders import department_by_id
from qgp.organizations.refs import DepartmentRef
from qgp.processes import model, policy
from qgp.processes.loaders import ProcessRef, process_by_id, processes
from qgp.processes.model import ProcessKind
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.Process)
class Process(Authored, Recorded, Node):
    """A set of interrelated activities that turns inputs into results (ISO 9000:2015, 3.4.1)."""

    code: str = column("Short code, unique in the organization.", EDITABLE | LISTED, max_length=40)
    name: str = column("Its name.", EDITABLE | LISTED)
    kind: ProcessKind = column("Kind of process.", EDITABLE | LISTED)
    inputs: str | None = column("Inputs.", EDITABLE, max_length=PROSE)
    outputs: str | None = column("Outputs.", EDITABLE, max_length=PROSE)
    owner: UserRef | None = belongs_to(
        user_by_id, "Process owner, who is not on the team of its audits.", EDITABLE | FILTER
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id, "Department in which the process runs.", EDITABLE | FILTER
    )
    parent: ProcessRef | None = belongs_to(
        process_by_id, "Parent process; null at the top.", EDITABLE | FILTER
    )
    children: Connection[ProcessRef] = listing(
        processes, "Direct sub-processes by code.", parent=model.Process.parent_id
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the process")


process_create = create(Process, policy.MANAGE)
process_update = update(Process, policy.MANAGE)
