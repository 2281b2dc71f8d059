"""Changing the process map."""

import strawberry

from qgp.kit.gql import PROSE, command, given, key_field, version_field
from qgp.processes import policy, service
from qgp.processes.enums import ProcessKind
from qgp.processes.loaders import process_by_id


@strawberry.input(description="A new process.")
class ProcessCreateInput:
    """A new process."""

    code: str = given("Short unique code, 1 to 40 characters.", most=40)
    name: str = given("Its name, 1 to 200 characters.")
    kind: ProcessKind = given("What it is for.")
    inputs: str | None = given("What it begins with.", most=PROSE, default=None)
    outputs: str | None = given("What it results in.", most=PROSE, default=None)
    owner_id: strawberry.ID | None = given("Who answers for it.", id_of="usr", default=None)
    department_id: strawberry.ID | None = given(
        "The department that it runs in.", id_of="dep", default=None
    )
    parent_id: strawberry.ID | None = given(
        "The process that it is a part of.", id_of="prc", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a process; what you leave out stays, null clears.")
class ProcessUpdateInput:
    """Changes to a process."""

    id: strawberry.ID = given("The process.", id_of="prc")
    expected_version: int = version_field()
    code: strawberry.Maybe[str] = given("Short unique code.", most=40)
    name: strawberry.Maybe[str] = given("Its name.")
    kind: strawberry.Maybe[ProcessKind] = given("What it is for.")
    inputs: strawberry.Maybe[str | None] = given("What it begins with.", most=PROSE)
    outputs: strawberry.Maybe[str | None] = given("What it results in.", most=PROSE)
    owner_id: strawberry.Maybe[strawberry.ID | None] = given("Who answers for it.", id_of="usr")
    department_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The department that it runs in.", id_of="dep"
    )
    parent_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The process that it is a part of; it cannot lie below this one.", id_of="prc"
    )


process_create = command(
    service.create,
    takes=ProcessCreateInput,
    may=policy.MANAGE,
    returns=process_by_id,
    description="Add a process.",
    creates=True,
)
process_update = command(
    service.change,
    takes=ProcessUpdateInput,
    may=policy.MANAGE,
    returns=process_by_id,
    description="Change a process, or its place in the map.",
)
