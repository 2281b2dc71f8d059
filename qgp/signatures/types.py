"""Signatures as clients see them."""

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
    """Return the conditions on the entry that tells of the version after the signed one."""
    tables = {one.model.prefix: one.model.__tablename__ for one in subjects_of(model.Signature)}
    return (
        AuditEntry.organization_id == row.organization_id,
        AuditEntry.entity == sa.case(tables, value=row.subject_type, else_=""),
        AuditEntry.entity_id == row.subject_id,
        AuditEntry.entity_version == row.subject_version + 1,
    )


def _superseded_at(row: Any) -> sa.ColumnElement[Any]:
    """Return when the record was changed after it was signed; null if it was not."""
    return sa.select(AuditEntry.at).where(*_next_version(row)).correlate(row).scalar_subquery()


def _state_of(row: Any) -> sa.ColumnElement[Any]:
    """Return the state of a signature."""
    is_past = _superseded_at(row).is_not(None)
    state = sa.case((is_past, SignatureState.SUPERSEDED.value), else_=SignatureState.VALID.value)
    return sa.type_coerce(state, _STATES)


@record(model.Signature)
class Signature(Authored, Recorded, Node):
    """Who signed a record, in which version, and what they meant by it."""

    signer: UserRef | None = belongs_to(user_by_id, "Who signed.", FILTER)
    printed_name: str = column("The signer's name as it was then.")
    meaning: Meaning = column("What they meant by it.", LISTED)
    statement: str = column("What they said by it, in a sentence.")
    signed_at: datetime = column("When, by the server's clock.", LISTED)
    auth_method: SignatureMethod = column("How they proved who they are.")
    action: str = expression(
        policy.READ,
        present_action_sql,
        "The mutation that took it, by its present name: a step of the record, or `recordSign`.",
        of_row=present_action,
    )
    subject: Node | None = subject_field("The record that was signed, as it is now.")
    subject_version: int = column("The version that was signed.", FILTER)
    state: SignatureState = expression(
        policy.READ, _state_of, "Whether the record still says the same."
    )
    superseded_at: datetime | None = expression(
        policy.READ, _superseded_at, "When the record was changed after it; null while it was not."
    )
    content_sha256: str = column(
        "SHA-256 of what was signed, in hexadecimal: the record's own fields as canonical JSON; "
        "of an audit also its team, its answers and samples from the review on, and which findings "
        "it was issued with."
    )
    previous_sha256: str | None = column(
        "`sha256` of the signature before it on the same record; null for the first."
    )
    sha256: str = column("SHA-256 of the signature itself, the one before it included.")


@object_type
class SignatureVerification:
    """What comparing a signature with what it seals came to."""

    signature_id: strawberry.Private[UUID]
    signature: SignatureRef | None = belongs_to(signature_by_id, "The signature.")
    is_intact: bool = column("Whether the signature is what was written when it was signed.")
    is_content_unchanged: bool = column(
        "Whether the record says now what was signed; not, if it was changed since, "
        "by a command (then the signature is SUPERSEDED) or past the server."
    )
