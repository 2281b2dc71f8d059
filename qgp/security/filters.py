"""How the security log is filtered and ordered."""

from qgp.kit.gql import (
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    where,
)
from qgp.security.enums import SecurityEventKind
from qgp.security.model import SecurityEvent
from qgp.users import policy as users
from qgp.users.types import UserFilter


@filters(SecurityEvent)
class SecurityEventFilter:
    """Conditions on an event of the security log."""

    kind: EnumFilter[SecurityEventKind] | None = where("The kind of refusal.")
    actor_id: IDFilter | None = where("The user who was refused.")
    actor: UserFilter | None = related("actor_id", users.READ, "The user who was refused.")
    action: StringFilter | None = where("The mutation that was refused.")
    code: StringFilter | None = where("The error's code.")
    reason: StringFilter | None = where("The error's message.")
    record_id: StringFilter | None = where("The id of the record that the command named.")
    request_id: StringFilter | None = where("The request of the first refusal.")
    first_at: DateTimeFilter | None = where("When it was refused first.")
    last_at: DateTimeFilter | None = where("When it was refused last.")
    occurrences: IntFilter | None = where("How often it was refused.")


SecurityEventOrder = ordering(
    "SecurityEvent",
    is_dated=False,
    first_at="first_at",
    last_at="last_at",
    occurrences="occurrences",
    action="action",
)
