"""Redaction of texts in the audit trail: entries hold salted digests, texts are stored apart.

Redaction deletes text and salt. The digest stays, so that the chain still verifies, and without the
salt nobody can test guesses against it. An entry of the same record documents each redaction.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.indexes import index
from qgp.kit.model import ANY_RECORD, Owned, Record
from qgp.kit.text_keys import REDACTABLE

DIGEST = "salted_sha256"  # key of a digest that replaces a text in an entry
REDACTED = "redacted"  # key of the columns whose texts an entry redacts
SALT_BYTES = 16


class AuditText(Owned):
    """Text whose digest an entry of the audit trail holds.

    Attributes:
        digest: SHA-256 of salt and text, in hexadecimal.
        entity, entity_id, entity_version: the entry that holds the digest.
        field: the column of the record.
    """

    __tablename__ = "audit_texts"
    digest: Mapped[str] = mapped_column(primary_key=True)
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    entity_version: Mapped[int]
    field: Mapped[str]
    salt: Mapped[bytes]
    content: Mapped[str]
    __table_args__ = (
        index("ix_audit_texts_of_record", "entity", "entity_id", serves="texts of a record"),
    )


_TEXTS = cast(sa.Table, AuditText.__table__)


@cache
def redactable_columns(kind: type[Record]) -> frozenset[str]:
    """Return the names of the columns with redactable texts."""
    columns = sa.inspect(kind).column_attrs
    return frozenset(one.key for one in columns if one.columns[0].info.get(REDACTABLE))


def digest_of(salt: bytes, text: str) -> str:
    """Return the digest of a text in entries, in hexadecimal."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def seal_texts(
    row: Record, version: int, changes: dict[str, Any], redacted: Collection[str]
) -> list[dict[str, Any]]:
    """Replace redactable texts in `changes` by digests; return the rows of `AuditText`.

    Args:
        row: the record.
        version: its version after the change.
        changes: by column, values before and after; changed in place.
        redacted: columns whose former texts are redacted, so that the text before is not stored.
    """
    kept = []
    for field in sorted(redactable_columns(type(row)) & changes.keys()):
        pair = [_sealed(row, version, field, text) for text in changes[field]]
        changes[field] = [text and {DIGEST: text["digest"]} for text in pair]
        kept.extend(pair[1:] if field in redacted else pair)
    if redacted:
        changes[REDACTED] = [None, sorted(redacted)]
    return [text for text in kept if text is not None]


def _sealed(row: Record, version: int, field: str, text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    salt = secrets.token_bytes(SALT_BYTES)
    return {
        "organization_id": row.organization_id,
        "digest": digest_of(salt, text),
        "entity": row.__tablename__,
        "entity_id": row.id,
        "entity_version": version,
        "field": field,
        "salt": salt,
        "content": text,
    }


def remove_texts(session: orm.Session, row: Record, fields: Collection[str]) -> None:
    """Delete the stored texts of a record's columns, those of this transaction included."""
    of_row = {"organization_id": row.organization_id, "entity": row.__tablename__}
    of_row |= {"entity_id": row.id}
    conditions = [_TEXTS.c[name] == value for name, value in of_row.items()]
    session.connection().execute(sa.delete(_TEXTS).where(*conditions, _TEXTS.c.field.in_(fields)))
    pending: list[dict[str, Any]] = session.info.get("texts", [])
    session.info["texts"] = [
        text for text in pending if text["entity_id"] != row.id or text["field"] not in fields
    ]


def keep_texts(session: orm.Session) -> None:
    """Store the texts of this transaction."""
    if texts := session.info.pop("texts", None):
        session.connection().execute(sa.insert(_TEXTS), texts)


def digests_in(changes: Any) -> Iterator[tuple[str, int, str]]:
    """Yield column, side (0 before, 1 after) and digest of each text of an entry."""
    for field, pair in changes.items() if isinstance(changes, Mapping) else ():
        for side, value in enumerate(pair if isinstance(pair, Sequence) else ()):
            if (digest := digest_in(value)) is not None:
                yield field, side, digest


def digest_in(value: Any) -> str | None:
    """Return the digest in a value of an entry, or None where the value is no digest."""
    digest = value.get(DIGEST) if isinstance(value, Mapping) and len(value) == 1 else None
    return digest if isinstance(digest, str) else None


def redacted_in(changes: Mapping[str, Any]) -> Sequence[str]:
    """Return the columns whose former texts a change redacted."""
    match changes.get(REDACTED):
        case [None, [*fields]]:
            return fields
    return ()
