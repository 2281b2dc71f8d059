"""Table of delegations."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from qgp.kit.assignment import assigned
from qgp.kit.errors import Invalid
from qgp.kit.model import Record, check, in_order, ref


class Delegation(Record):
    """Delegation: for some days, a user represents another one who is absent."""

    __tablename__ = "delegations"
    prefix = "dlg"
    removable = True
    delegator_id: Mapped[UUID] = ref("users", serves="delegations of a user, for overlaps")
    delegate_id: Mapped[UUID] = assigned(serves="users whom a delegate represents")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str | None]
    __table_args__: Any = (
        check(
            "persons",
            "delegate_id <> delegator_id",
            Invalid(
                "The delegate is the absent user. Nobody represents themselves; choose another "
                "delegate.",
                "delegateId",
            ),
        ),
        in_order(
            "days",
            "starts_on",
            "ends_on",
            "endsOn is before startsOn. The last day of a delegation is on or after the first; "
            "send another endsOn.",
        ),
    )
