"""Signatures, bound to the very content that was signed; written once, never changed."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped

from qgp.kit import audit
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, ref, unique
from qgp.kit.signing import Meaning
from qgp.kit.subjects import About, subject_index


class SignatureState(DescribedEnum):
    """Whether what was signed is still what the record says."""

    VALID = "VALID", "The record has not changed since."
    SUPERSEDED = "SUPERSEDED", "The record was changed later; what was signed is its past."


class SignatureMethod(DescribedEnum):
    """How a signer proved who they are."""

    PASSWORD = "PASSWORD", "The signer gave their password at the act, after signing in."


_REPETITION = "repetition"


class Signature(About, Record):
    """One signature."""

    __tablename__ = "signatures"
    prefix = "sig"

    meaning: Mapped[Meaning]
    printed_name: Mapped[str]
    statement: Mapped[str]
    action: Mapped[str]
    subject_version: Mapped[int]
    content_sha256: Mapped[str]
    signed_at: Mapped[datetime]
    auth_method: Mapped[SignatureMethod]
    previous_sha256: Mapped[str | None]
    sha256: Mapped[str]
    signer_id: Mapped[UUID] = ref("users", index=False)

    __table_args__: Any = (
        subject_index("signatures", "signed_at", "id"),
        sa.Index("ix_signatures_latest", "organization_id", "signed_at", "id"),
        sa.Index("ix_signatures_of_signer", "organization_id", "signer_id", "signed_at", "id"),
        sa.Column(_REPETITION, sa.Integer, nullable=False, server_default="0"),
        unique(
            "subject_id",
            "subject_version",
            "signer_id",
            "meaning",
            _REPETITION,
            name="uq_signatures_once",
            error=AlreadyExists(
                "You have signed this version of the record with this meaning already. Each person "
                "signs a version once with each meaning. Choose another meaning, or sign a later "
                "version.",
                "signature",
                "meaning",
            ),
        ),
    )

    @orm.declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version, "exclude_properties": {_REPETITION}}


def content_of(told: dict[str, Any]) -> str:
    """Return the seal of what is signed of a record."""
    return _seal(told)


def seal_of(signature: Signature) -> str:
    """Return what `sha256` has to be."""
    told = audit.content(signature)
    return _seal({name: value for name, value in told.items() if name != "sha256"})


def _seal(content: dict[str, Any]) -> str:
    return hashlib.sha256(audit.canonical(content).encode()).hexdigest()
