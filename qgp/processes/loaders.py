"""Loaders and register of processes, and the lazy name of their type."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from qgp.kit.facts import table_of
from qgp.kit.loader import Register, one
from qgp.processes import model
from qgp.processes.policy import READ

if TYPE_CHECKING:
    from qgp.processes.types import Process

ProcessRef = Annotated["Process", strawberry.lazy("qgp.processes.types")]

process_by_id = one(model.Process, READ)
process_by_code = one(model.Process, READ, by=model.Process.code, example="BUY")
processes_unfiltered = table_of(model.Process, "name", "owner_id", "department_id")

processes = Register(model.Process, READ, ("code",))
