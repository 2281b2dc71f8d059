"""What makes an action, through a mutation or a file."""

from datetime import date

import strawberry

from qgp.actions.enums import ActionKind, ActionPriority
from qgp.kit.gql import PROSE, given, key_field


@strawberry.input(description="Something that somebody has to do until a day.")
class ActionCreateInput:
    """Something to do."""

    title: str = given("What is to be done, 1 to 200 characters.")
    description: str | None = given("How, where, with whom.", most=PROSE, default=None)
    kind: ActionKind = given("What it is for.")
    priority: ActionPriority = given("How much it matters.", default=ActionPriority.MEDIUM)
    owner_id: strawberry.ID = given("Who does it.", id_of="usr")
    due_on: date = given("The day until which it is to be done.")
    finding_id: strawberry.ID | None = given(
        "The finding it follows from, if it is part of no CAPA; up to ACTION.",
        id_of="fnd",
        default=None,
    )
    capa_id: strawberry.ID | None = given(
        "The CAPA it is part of; up to VERIFICATION.", id_of="cap", default=None
    )
    audit_id: strawberry.ID | None = given(
        "The audit it is handed out for, such as to prepare or to follow it up, if it follows from "
        "none of its findings; until the audit ends.",
        id_of="aud",
        default=None,
    )
    is_verification_required: bool = given(
        "Whether somebody else has to see that it is done.", default=False
    )
    position: int = given("Its place among the actions of its parent.", default=0)
    idempotency_key: str | None = key_field()
