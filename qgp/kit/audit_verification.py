"""Verification of the audit trail: every hash of the chain is computed again and compared.

The database computed the hashes; Python computes them anew.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import audit, audit_content, redaction
from qgp.kit.audit import CONTENT_COLUMNS, GENESIS, AuditEntry, AuditHead
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.model import records
from qgp.kit.redaction import AuditText

PAGE = 500  # entries that are held at a time
_TEXT: Sequence[sa.ColumnElement[Any]] = tuple(sa.inspect(AuditText).columns)
Fetch = Callable[[Any], Awaitable[Sequence[Any]]]


class TrailProblem(DescribedEnum):
    """Kind of defect of the audit trail's hash chain."""

    MISSING = "MISSING", "No entry has this number: it was deleted, moved, or cut off the end."
    UNLINKED = "UNLINKED", "The entry does not follow the one before it, which was replaced."
    ALTERED = (
        "ALTERED",
        "The hash of the entry does not match its content: one of them was changed.",
    )
    DIFFERENT = (
        "DIFFERENT",
        "The columns of the entry do not match its hashed content: they were changed.",
    )
    TEXT_ALTERED = (
        "TEXT_ALTERED",
        "A stored text does not match its salted digest in the entry: one of them was changed.",
    )
    TEXT_MISSING = (
        "TEXT_MISSING",
        "A stored text is missing, and no entry of its record documents a redaction.",
    )
    BEYOND = (
        "BEYOND",
        "The entry is past the end of the chain: it was added, or the end was changed.",
    )


@dataclass(frozen=True)
class Broken:
    """First defect of a chain.

    Attributes:
        sequence: number of the entry, or the number that no entry has.
    """

    sequence: int
    problem: TrailProblem


@dataclass(frozen=True)
class Verdict:
    """Result of verifying a part of the chain.

    Attributes:
        checked: number of consecutive entries without a defect.
        head: number of the last entry by the chain's head; 0 for an empty chain.
        first_broken: the first defect; None where there is none.
    """

    checked: int
    head: int
    first_broken: Broken | None = None


async def verify(
    fetch: Fetch, organization_id: UUID, first: int = 1, last: int | None = None
) -> Verdict:
    """Verify an organization's chain page by page, with one page of it in memory.

    Detects entries that were edited, deleted, inserted or reordered, columns that differ from the
    hashed content, a truncated or extended end, and redactable texts that were changed, or removed
    without a redaction.

    Args:
        fetch: runs a statement inside the organization.
        organization_id: owner of the chain.
        first: number of the first entry, from 1.
        last: number of the last entry; None for the end of the chain.
    """
    head = next(iter(await fetch(sa.select(AuditHead.seq, AuditHead.hash))), None)
    end, seal = (0, GENESIS) if head is None else (head.seq, head.hash)
    walk = _Walk(organization_id, first, await _before(fetch, first))
    async for page in _pages(fetch, first, last):
        texts, owners = await _texts_of(fetch, page), await _owners_of(fetch, page)
        for entry in page:
            if problem := walk.problem_with(entry, texts, owners):
                return Verdict(walk.expected - first, end, Broken(walk.expected, problem))
    if last is None or last >= end:
        problem = walk.problem_at_end(end, seal)
    else:
        problem = TrailProblem.MISSING if walk.expected <= last else None
    broken = Broken(walk.expected, problem) if problem else None
    return Verdict(walk.expected - first, end, broken)


async def first_broken(session: AsyncSession) -> Broken | None:
    """Verify the whole chain of the session's organization; return its first defect, or None."""

    async def fetch(statement: sa.Select[Any]) -> Sequence[Any]:
        rows: Sequence[Any] = (await session.execute(statement)).all()
        return rows

    return (await verify(fetch, session.info["scope"].organization_id)).first_broken


@dataclass
class _Walk:
    """State of a verification.

    Attributes:
        organization_id: owner of the chain.
        expected: number of the next entry.
        previous: hash that it must refer to; None where the entry before it is missing.
    """

    organization_id: UUID
    expected: int
    previous: bytes | None

    def problem_with(self, entry: Any, texts: "_Texts", owners: "_Owners") -> TrailProblem | None:
        """Verify the next entry and advance, or return its defect."""
        if entry.seq != self.expected:
            return TrailProblem.MISSING
        if entry.previous_hash != self.previous:
            return TrailProblem.UNLINKED
        link = audit.entry_hash(self.organization_id, entry.seq, entry.previous_hash, entry.payload)
        if entry.hash != link:
            return TrailProblem.ALTERED
        is_same = audit_content.canonical(audit.entry_content(entry)) == entry.payload
        if not is_same or entry.part_of_id != owners.get(entry.entity_id):
            return TrailProblem.DIFFERENT
        if problem := texts.problem_with(entry):
            return problem
        self.expected, self.previous = self.expected + 1, entry.hash
        return None

    def problem_at_end(self, end: int, seal: bytes) -> TrailProblem | None:
        """Return the defect after the last verified entry; None where there is none."""
        if end >= self.expected:
            return TrailProblem.MISSING
        is_beyond = self.previous is None  # the verification began past the end
        fits = is_beyond or (end + 1, seal) == (self.expected, self.previous)
        return None if fits else TrailProblem.BEYOND


async def _before(fetch: Fetch, first: int) -> bytes | None:
    """Return the hash that the first entry must refer to."""
    if first == 1:
        return GENESIS
    entries = await fetch(sa.select(AuditEntry.hash).where(AuditEntry.seq == first - 1))
    return entries[0].hash if entries else None


@dataclass(frozen=True)
class _Texts:
    """Redactable texts of a page of entries.

    Attributes:
        kept: rows of `AuditText`, by digest.
        redacted_at: the last version of the record whose change removed the former texts of a
            column, by table, record and column.
    """

    kept: Mapping[str, Any]
    redacted_at: Mapping[tuple[str, UUID, str], int]

    def problem_with(self, entry: Any) -> TrailProblem | None:
        """Return the defect of the texts whose digests an entry holds; None where there is none."""
        for field, side, digest in redaction.digests_in(entry.changes):
            if text := self.kept.get(digest):
                place = (entry.entity, entry.entity_id, entry.entity_version, field)
                is_in_place = place == (
                    text.entity,
                    text.entity_id,
                    text.entity_version,
                    text.field,
                )
                if not is_in_place or redaction.digest_of(text.salt, text.content) != digest:
                    return TrailProblem.TEXT_ALTERED
            elif self._redacted_at(entry, field) < entry.entity_version + side:
                return TrailProblem.TEXT_MISSING
        return None

    def _redacted_at(self, entry: Any, field: str) -> int:
        return self.redacted_at.get((entry.entity, entry.entity_id, field), 0)


async def _texts_of(fetch: Fetch, page: Sequence[Any]) -> _Texts:
    """Read the texts whose digests a page of entries holds, and their redactions."""
    sealed = {
        digest: entry.entity_id
        for entry in page
        for _, _, digest in redaction.digests_in(entry.changes)
    }
    if not sealed:
        return _Texts({}, {})
    rows = await fetch(sa.select(*_TEXT).where(AuditText.digest.in_(sealed)))
    kept_texts = {row.digest: row for row in rows}
    missing = {id for digest, id in sealed.items() if digest not in kept_texts}
    return _Texts(kept_texts, await _redactions(fetch, missing) if missing else {})


_Owners = Mapping[UUID, UUID]  # by part, the record that it belongs to


async def _owners_of(fetch: Fetch, page: Sequence[Any]) -> _Owners:
    """Read from the creation of each part in a page of entries which record it belongs to."""
    columns = {
        kind: model.part_of for kind, model in records().items() if model.part_of is not None
    }
    parts = [entry for entry in page if entry.entity in columns]
    later = {entry.entity_id for entry in parts if entry.entity_version > 1}
    created = [entry for entry in parts if entry.entity_version == 1]
    if later:
        entry = AuditEntry
        creations = sa.select(entry.entity, entry.entity_id, entry.changes)
        of_later = entry.entity_id.in_(later), entry.entity.in_(columns), entry.entity_version == 1
        created += await fetch(creations.where(*of_later))
    return {row.entity_id: UUID(row.changes[columns[row.entity]][1]) for row in created}


async def _redactions(
    fetch: Fetch, entity_ids: Collection[UUID]
) -> Mapping[tuple[str, UUID, str], int]:
    """Return the record's version at the last redaction of each column."""
    entry, last = AuditEntry, dict[tuple[str, UUID, str], int]()
    statement = sa.select(entry.entity, entry.entity_id, entry.entity_version, entry.changes)
    of_records = statement.where(
        entry.entity_id.in_(entity_ids), entry.changes.has_key(redaction.REDACTED)
    )
    for row in await fetch(of_records.order_by(entry.entity_version)):
        for field in redaction.redacted_in(row.changes):
            last[row.entity, row.entity_id, field] = row.entity_version
    return last


async def _pages(fetch: Fetch, first: int, last: int | None) -> AsyncIterator[Sequence[Any]]:
    links = (
        *(AuditEntry.seq, AuditEntry.payload, AuditEntry.previous_hash, AuditEntry.hash),
        AuditEntry.part_of_id,
    )
    columns = [getattr(AuditEntry, name) for name in CONTENT_COLUMNS]
    page = sa.select(*links, *columns).order_by(AuditEntry.seq).limit(PAGE)
    if last is not None:
        page = page.where(AuditEntry.seq <= last)
    # From the first entry on, no entry may precede it either.
    entries = await fetch(page if first == 1 else page.where(AuditEntry.seq >= first))
    while entries:
        yield entries
        entries = await fetch(page.where(AuditEntry.seq > entries[-1].seq))
