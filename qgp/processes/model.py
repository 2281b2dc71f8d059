"""The process map of an organization (ISO 9001:2015, 4.4)."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, ref, unique
from qgp.kit.text_keys import sortable
from qgp.kit.trees import tree
from qgp.processes.terms import ProcessKind


def _code_taken() -> AlreadyExists:
    return AlreadyExists("Another process has this code. Choose a different one.", "code")


class Process(Record):
    """A set of activities that turns inputs into a result.

    Attributes:
        code: short and unique in the organization.
        owner_id: who answers for it, and does not audit it.
        parent_id: the process that it is a part of; null for the widest.
    """

    __tablename__ = "processes"
    prefix = "prc"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable()
    kind: Mapped[ProcessKind]
    inputs: Mapped[str | None]
    outputs: Mapped[str | None]
    owner_id: Mapped[UUID | None] = ref("users")
    department_id: Mapped[UUID | None] = ref("departments")
    parent_id: Mapped[UUID | None] = ref("processes")

    __table_args__: Any = (
        unique("code", error=_code_taken),
        tree("process"),
    )
