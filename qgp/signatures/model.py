"""Electronic signatures, linked to the signed content and immutable (21 CFR 11.70)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import audit_content
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, ref, unique
from qgp.kit.signing import Meaning
from qgp.kit.subjects import About


class SignatureState(DescribedEnum):
    """State of an electronic signature."""

    VALID = "VALID", "The signed content is unchanged."
    SUPERSEDED = (
        "SUPERSEDED",
        "The signed content has changed since; the signature stays binding for the version that "
        "was signed.",
    )


class SignatureMethod(DescribedEnum):
    """Method by which the signer was authenticated (21 CFR 11.200)."""

    PASSWORD = "PASSWORD", "Password, entered at the time of signing by the signed-in user."


_REPETITION = "repetition"


class Signature(About, Record):
    """Electronic signature of one version of a record.

    Attributes:
        sealed: manifest of the signed content, see `kit.sealing`. Null for signatures of releases
            before 0043, which covered all columns; of these, their `content_sha256` cannot be
            computed again once the record has moved on, and their content is judged by the columns
            that a signature of the same kind seals now.
    """

    __tablename__ = "signatures"
    prefix = "sig"

    meaning: Mapped[Meaning]
    printed_name: Mapped[str]
    statement: Mapped[str]
    action: Mapped[str]
    subject_version: Mapped[int]
    sealed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    content_sha256: Mapped[str]
    signed_at: Mapped[datetime]
    auth_method: Mapped[SignatureMethod]
    previous_sha256: Mapped[str | None]
    sha256: Mapped[str]
    signer_id: Mapped[UUID] = ref("users")

    __table_args__: Any = (
        index("ix_signatures_latest", "signed_at", "id", serves=Serves.ORDER),
        index("ix_signatures_of_signer", "signer_id", "signed_at", "id", serves=Serves.FILTER),
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


def content_digest(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the signed content of a record, in hexadecimal."""
    return _digest(content)


def signature_digest(signature: Signature) -> str:
    """Return the SHA-256 of a signature's own columns except `sha256`, in hexadecimal."""
    columns = audit_content.content(signature)
    return _digest({name: value for name, value in columns.items() if name != "sha256"})


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(audit_content.canonical(content).encode()).hexdigest()
