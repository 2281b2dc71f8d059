"""Texts that can be redacted: the trail seals a salted digest, text and salt stand beside it.

Redaction removes text and salt. The digest stays, so that the chain verifies as it was sealed, and
nobody can try words against it. Where a text was removed, an entry of the same record says so.
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

from qgp.kit.model import ANY_RECORD, Owned, Record

DIGEST = "salted_sha256"  # key of what stands in an entry for a text
REDACTED = "redacted"  # key of what an entry says of the texts that it removed
SALT_BYTES = 16
_MARK = "redactable"
REDACTABLE = {_MARK: True}  # info of a text that the trail can be made to forget: `Work.redact`


class AuditText(Owned):
    """A text that the trail holds as a digest.

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
        sa.Index("ix_audit_texts_of_record", "organization_id", "entity", "entity_id"),
    )


_TEXTS = cast(sa.Table, AuditText.__table__)


@cache
def redactable_columns(kind: type[Record]) -> frozenset[str]:
    """Return the names of the columns whose texts stand beside the trail."""
    columns = sa.inspect(kind).column_attrs
    return frozenset(one.key for one in columns if _MARK in one.columns[0].info)


def digest_of(salt: bytes, text: str) -> str:
    """Return what the trail seals in place of a text."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def seal_texts(
    row: Record, version: int, changes: dict[str, Any], redacted: Collection[str]
) -> list[dict[str, Any]]:
    """Put digests in the place of redactable texts and return the rows to keep beside the trail.

    Args:
        row: the record.
        version: what the change makes of it.
        changes: by column, before and after; changed in place.
        redacted: columns whose former texts are removed, so that the text before is not kept.
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
    """Delete the texts of a record's columns, those of this transaction included."""
    of_row = {"organization_id": row.organization_id, "entity": row.__tablename__}
    of_row |= {"entity_id": row.id}
    conditions = [_TEXTS.c[name] == value for name, value in of_row.items()]
    session.connection().execute(sa.delete(_TEXTS).where(*conditions, _TEXTS.c.field.in_(fields)))
    pending: list[dict[str, Any]] = session.info.get("texts", [])
    session.info["texts"] = [
        text for text in pending if text["entity_id"] != row.id or text["field"] not in fields
    ]


def keep_texts(session: orm.Session) -> None:
    """Write the texts of this transaction beside the trail."""
    if texts := session.info.pop("texts", None):
        session.connection().execute(sa.insert(_TEXTS), texts)


def digests_in(changes: Any) -> Iterator[tuple[str, int, str]]:
    """Yield column, side (0 before, 1 after) and digest of each text that an entry seals."""
    for field, pair in changes.items() if isinstance(changes, Mapping) else ():
        for side, value in enumerate(pair if isinstance(pair, Sequence) else ()):
            if (digest := digest_in(value)) is not None:
                yield field, side, digest


def digest_in(value: Any) -> str | None:
    """Return the digest that stands for a text, or None where the value is no digest."""
    digest = value.get(DIGEST) if isinstance(value, Mapping) and len(value) == 1 else None
    return digest if isinstance(digest, str) else None


def redacted_in(changes: Mapping[str, Any]) -> Sequence[str]:
    """Return the columns whose former texts a change removed."""
    match changes.get(REDACTED):
        case [None, [*fields]]:
            return fields
    return ()
