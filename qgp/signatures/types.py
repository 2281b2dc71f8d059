"""GraphQL types of electronic signatures and their verification."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry

from qgp.kit.audit import AuditEntry
from qgp.kit.former_names import present_action, present_action_sql
from qgp.kit.gql import (
    FILTER,
    LISTED,
    Node,
    Recorded,
    belongs_to,
    column,
    expression,
    object_type,
    record,
    subject_field,
)
from qgp.kit.signing import Meaning
from qgp.kit.subjects import subjects_of
from qgp.signatures import model, policy
from qgp.signatures.loaders import signature_by_id
from qgp.signatures.model import SignatureMethod, SignatureState
from qgp.signatures.refs import SignatureRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

_STATES = sa.Enum(SignatureState, native_enum=False, length=40, values_callable=list)


def _next_version(row: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions on the audit trail entry of the version after the signed one."""
    tables = {one.model.prefix: one.model.__tablename__ for one in subjects_of(model.Signature)}
    return (
        AuditEntry.organization_id == row.organization_id,
        AuditEntry.entity == sa.case(tables, value=row.subject_type, else_=""),
        AuditEntry.entity_id == row.subject_id,
        AuditEntry.entity_version == row.subject_version + 1,
    )


def _superseded_at(row: Any) -> sa.ColumnElement[Any]:
    """Return the instant of the first change after the signature; null if there is none."""
    return sa.select(AuditEntry.at).where(*_next_version(row)).correlate(row).scalar_subquery()


def _state_of(row: Any) -> sa.ColumnElement[Any]:
    """Return VALID or SUPERSEDED."""
    is_past = _superseded_at(row).is_not(None)
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
        policy.READ, _state_of, "State: VALID, or SUPERSEDED by a later version of the record."
    )
    superseded_at: datetime | None = expression(
        policy.READ,
        _superseded_at,
        "Instant of the first change of the record after the signature; null while VALID.",
    )
    content_sha256: str = column(
        "SHA-256 of the signed content, in hexadecimal: the record's own fields as canonical JSON; "
        "of an audit also its team, its responses and samples from the review on, and the findings "
        "that its report was issued with."
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
        "when the signature is SUPERSEDED, or directly in the database."
    )
