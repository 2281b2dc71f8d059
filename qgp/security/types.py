"""GraphQL type of security events."""

from datetime import datetime

import strawberry

from qgp.kit.gql import FILTER, LISTED, belongs_to, column, computed, record
from qgp.kit.security_log import SecurityEventKind
from qgp.security.model import SecurityEvent as Event
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(Event)
class SecurityEvent:
    """Refusals of one kind to one user by one mutation within an hour (UTC)."""

    kind: SecurityEventKind = column("Kind of refusal.", FILTER)
    actor: UserRef | None = belongs_to(user_by_id, "User who was refused.", FILTER)
    action: str = column("Mutation that was refused.", LISTED)
    code: str = column(
        "Code of the error: FORBIDDEN, TRANSITION_NOT_ALLOWED, INVALID_CREDENTIALS or "
        "RATE_LIMITED.",
        FILTER,
    )
    reason: str = column("Message of the first refusal, at most 1,000 characters.", FILTER)
    record_id: strawberry.ID | None = computed(
        lambda root: root.record_id,
        "Id of the record that the first refused command named; null if it named none.",
        FILTER,
    )
    request_id: str | None = column("`X-Request-ID` of the first refused request.", FILTER)
    first_at: datetime = column("Instant of the first refusal, by the server's clock.", LISTED)
    last_at: datetime = column("Instant of the latest refusal, by the server's clock.", LISTED)
    occurrences: int = column("Number of refusals within the hour, at least 1.", LISTED)
