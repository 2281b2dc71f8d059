"""GraphQL types of electronic signatures and their verification."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry

from qgp.kit.former_names import present_action, present_action_sql
from qgp.kit.gql import (
    FILTER,
    LISTED,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    expression,
    object_type,
    record,
    subject_field,
)
from qgp.kit.signing import Meaning
from qgp.signatures import model, policy
from qgp.signatures.facts.superseding import superseded_at
from qgp.signatures.loaders import signature_by_id
from qgp.signatures.model import SignatureMethod, SignatureState
from qgp.signatures.refs import SignatureRef
from qgp.signatures.types.superseding import (
    MOST_CHANGES,
    SupersedingChange,
    changes_of_signature,
)
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

_STATES = sa.Enum(SignatureState, native_enum=False, length=40, values_callable=list)


def _state_of(row: Any) -> sa.ColumnElement[Any]:
    """Return VALID or SUPERSEDED."""
    is_past = superseded_at(row).is_not(None)
    state = sa.case((is_past, SignatureState.SUPERSEDED.value), else_=SignatureState.VALID.value)
    return sa.type_coerce(state, _STATES)


@record(model.Signature)
class Signature(Authored, Recorded, Node):
    """Electronic signature of one version of a record (21 CFR 11.50 and 11.70)."""

    signer: UserRef | None = belongs_to(user_by_id, "Signer.", FILTER)
    printed_name: str = column(
        "Printed name of the signer at the time of signing (21 CFR 11.50 a 1)."
    )
    meaning: Meaning = column("Meaning of the signature (21 CFR 11.50 a 3).", LISTED)
    statement: str = column(
        "Signed statement: the record, its version and the meaning, as a sentence."
    )
    signed_at: datetime = column(
        "Instant of signing, by the server's clock (21 CFR 11.50 a 2).", LISTED
    )
    auth_method: SignatureMethod = column("Method by which the signer was authenticated.")
    action: str = expression(
        policy.READ,
        present_action_sql,
        "Mutation that took the signature, by its current name: a transition or `recordSign`.",
        of_row=present_action,
    )
    subject: Node | None = subject_field("Signed record, in its current version.")
    subject_version: int = column("Signed version of the record.", FILTER)
    state: SignatureState = expression(
        policy.READ,
        _state_of,
        "State: VALID while the signed content stays, SUPERSEDED once it has changed. Status, due "
        "dates and the version are not part of it.",
    )
    superseded_at: datetime | None = expression(
        policy.READ,
        superseded_at,
        "Instant of the first change of the signed content; null while VALID.",
    )
    superseding_changes: list[SupersedingChange] = computed(
        changes_of_signature,
        "Changes of the signed content since, oldest first; empty while VALID. Changes of records "
        "hidden from you are left out.",
        most=MOST_CHANGES,
    )
    content_sha256: str = column(
        "SHA-256 of the signed content, in hexadecimal: by table and id, the sealed fields of the "
        "record and of the rows that belong to it, as canonical JSON. An audit's signature seals "
        "the report with its team, responses and samples, and the content of its findings; a "
        "verification that closes a finding or CAPA also the evidence about it."
    )
    previous_sha256: str | None = column(
        "`sha256` of the previous signature of the same record; null for the first."
    )
    sha256: str = column(
        "SHA-256 of the signature itself, `previousSha256` included, in hexadecimal."
    )


@object_type
class SignatureVerification:
    """Result of the verification of an electronic signature."""

    signature_id: strawberry.Private[UUID]
    signature: SignatureRef | None = belongs_to(signature_by_id, "The signature.")
    is_intact: bool = column("Whether the signature is unaltered since the time of signing.")
    is_content_unchanged: bool = column(
        "Whether the record has the signed content now. False if it was changed by a mutation, "
        "which makes the signature SUPERSEDED, or directly in the database."
    )
