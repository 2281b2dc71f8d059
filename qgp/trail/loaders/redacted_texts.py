"""Redactable texts of audit trail entries, in place of their digests; None if redacted."""

from asyncio import gather
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qgp.kit.context import Context
from qgp.kit.gql.field_changes import fields_of
from qgp.kit.loader import Reads
from qgp.kit.model import Record, records
from qgp.kit.policy import Permission
from qgp.kit.redaction import AuditText, digest_in, redactable_columns, redacted_in
from qgp.trail.policy import READ_HISTORY

BEFORE, AFTER = 0, 1


@dataclass(frozen=True)
class ReadableChanges:
    """Changes of an entry, with texts in place of their digests.

    Attributes:
        changes: values before and after by column; None for a redacted text.
        redacted: column and side of each redacted text.
    """

    changes: Mapping[str, Any]
    redacted: frozenset[tuple[str, int]]


@dataclass(frozen=True, eq=False)
class _TextByDigest:
    """Loader of texts by digest; None for a redacted text."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[str]) -> list[str | None]:
        """Return the texts in the order of the digests."""
        columns: tuple[Any, ...] = (AuditText.digest, AuditText.content)
        statement = sa.select(*columns)
        texts = dict(await reads.tuples(statement.where(AuditText.digest.in_(keys))))
        return [texts.get(key) for key in keys]


text_by_digest = _TextByDigest(READ_HISTORY)


async def readable(
    context: Context, kind: str, changes: Mapping[str, Any], row: Record | None
) -> ReadableChanges:
    """Return the changes of an entry with its redactable texts.

    Older entries hold the texts themselves, which are shown while the record still has them.

    Args:
        kind: the table of the record.
        changes: of the entry, by column.
        row: the record in its present version; None if it is deleted or not needed.
    """
    shown, redacted = dict(changes), set()
    for column in sorted(redactable_columns(records()[kind]) & changes.keys()):
        texts = await gather(*[_text(context, value, row, column) for value in changes[column]])
        shown[column] = texts
        for side, (value, text) in enumerate(zip(changes[column], texts, strict=True)):
            if value is not None and text is None:
                redacted.add((column, side))
    return ReadableChanges(shown, frozenset(redacted))


def needs_record(kind: str, changes: Mapping[str, Any]) -> bool:
    """Return whether an entry holds a redactable text itself, which the record decides on."""
    columns = redactable_columns(records()[kind]) & changes.keys()
    return any(isinstance(value, str) for column in columns for value in changes[column])


def redacted_at_end(entries: Sequence[ReadableChanges]) -> frozenset[str]:
    """Return the columns whose value after the last of these entries was redacted."""
    redacted: set[str] = set()
    for entry in entries:
        redacted -= entry.changes.keys()
        redacted |= {column for column, side in entry.redacted if side == AFTER}
    return frozenset(redacted)


def redacted_fields(kind: str, changes: Mapping[str, Any]) -> Iterator[str]:
    """Yield the API names of the fields whose former texts a change redacted."""
    fields = fields_of(kind)
    yield from (fields[column].name for column in redacted_in(changes) if column in fields)


async def _text(context: Context, value: Any, row: Record | None, column: str) -> str | None:
    digest = digest_in(value)
    if digest is not None:
        return await context.load(text_by_digest, digest)
    return value if row is not None and getattr(row, column) == value else None
