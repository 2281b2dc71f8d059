"""Table of processes (ISO 9001:2015, 4.4)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from qgp.kit.assignment import assigned
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.hierarchy import below_itself
from qgp.kit.indexes import Serves
from qgp.kit.model import Record, check, ref, unique
from qgp.kit.text_keys import sortable


class ProcessKind(DescribedEnum):
    """Kind of process."""

    CORE = "CORE", "Core process, which provides products and services to customers."
    SUPPORT = "SUPPORT", "Support process, which provides resources to other processes."
    MANAGEMENT = "MANAGEMENT", "Management process, which plans, directs and improves."


class Process(Record):
    """A set of interrelated activities that turns inputs into results (ISO 9000:2015, 3.4.1)."""

    __tablename__ = "processes"
    prefix = "prc"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable(is_indexed=False)
    kind: Mapped[ProcessKind]
    inputs: Mapped[str | None]
    outputs: Mapped[str | None]
    owner_id: Mapped[UUID | None] = assigned(open_in=lambda _: sa.true(), serves=Serves.OPEN_WORK)
    department_id: Mapped[UUID | None] = ref("departments")
    parent_id: Mapped[UUID | None] = ref("processes", serves=Serves.LIST)

    __table_args__: Any = (
        unique("code", kind="process"),
        check("tree", "parent_id <> id", below_itself("process")),
    )
