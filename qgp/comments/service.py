"""Commands on comments: say, say better, take back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.comments.policy import OUTSIDERS, READ
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, NotFound, TooLong, max_items
from qgp.kit.policy import QUALITY
from qgp.kit.subjects import Subject, columns_of, seen
from qgp.kit.work import Work
from qgp.users.facts import visible_roles


async def create(
    work: Work,
    *,
    subject_id: Subject,
    body: str,
    visibility: CommentVisibility | None = None,
    parent_id: UUID | None = None,
    mention_ids: Sequence[UUID] | None = None,
) -> Comment:
    """Say something about a record, or answer what was said.

    Args:
        work: the unit of work.
        subject_id: the record.
        body: Markdown.
        visibility: None takes that of the comment it answers, or else what the caller may write.
        parent_id: the comment it answers.
        mention_ids: users whom it calls.

    Raises:
        NotFound: the caller does not see the record, the comment, or a user.
        Invalid: it answers an answer, a deleted comment or one about another record; it is more
            open than what it answers; or see `_require_mentionable`.
        Forbidden: somebody from outside writes what they could not read.
    """
    await seen(work, subject_id)
    parent = None if parent_id is None else await _answered(work, parent_id, subject_id)
    is_outside = work.caller.role in OUTSIDERS
    if visibility is None:
        own = CommentVisibility.EXTERNAL if is_outside else CommentVisibility.INTERNAL
        visibility = parent.visibility if parent else own
    if is_outside and visibility is CommentVisibility.INTERNAL:
        raise Forbidden("You write what everybody may read. Choose EXTERNAL.", "visibility")
    if parent and parent.visibility is CommentVisibility.INTERNAL is not visibility:
        told = "What is INTERNAL is answered INTERNAL. Start another thread to say it openly."
        raise Invalid(told, "visibility")
    users = mention_ids or ()
    await _require_mentionable(work, visibility, users)
    about = columns_of(subject_id)
    said = Comment(body=body, visibility=visibility, parent_id=parent_id, **about)
    await work.add(said)
    await _rewrite_mentions(work, said, users)
    return said


async def update(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    body: str | None = None,
    mention_ids: Sequence[UUID] | None = None,
) -> Comment:
    """Say it better; the trail keeps that it was changed, not what was said before.

    Args:
        work: the unit of work.
        id: the comment.
        expected_version: as the caller read it.
        body: None keeps it.
        mention_ids: None keeps them.

    Raises:
        Forbidden: somebody else said it.
        Invalid: it is deleted, or see `_require_mentionable`.
    """
    comment = await _standing(work, id, expected_version)
    if comment.created_by_id != work.caller.user_id:
        raise Forbidden("Only who wrote it changes it. Answer it instead.", "id")
    changes: dict[str, Any] = {"edited_at": clock.now()}
    if body is not None:
        changes["body"] = body
    if mention_ids is not None:
        await _require_mentionable(work, comment.visibility, mention_ids)
        await _rewrite_mentions(work, comment, mention_ids)
    return await work.redact(comment, changes, "body")


async def delete(work: Work, *, id: UUID, expected_version: int) -> Comment:
    """Take it back: the words go, the place of the answers stays.

    Raises:
        Forbidden: the caller neither wrote it nor looks after quality.
        Invalid: it is deleted already.
    """
    comment = await _standing(work, id, expected_version)
    is_own = comment.created_by_id == work.caller.user_id
    if not is_own and work.caller.role not in QUALITY:
        raise Forbidden("Only who wrote it deletes it, or who looks after quality.", "id")
    await _rewrite_mentions(work, comment, ())
    return await work.redact(comment, {"body": None, "deleted_at": clock.now()}, "body")


async def _answered(work: Work, id: UUID, subject: Subject) -> Comment:
    """Return the comment that an answer is to stand below."""
    found = await work.get(Comment, id, path="parentId", read=READ)
    if found.parent_id is not None:
        raise Invalid("This is an answer. Answer the comment that it answers.", "parentId")
    if found.deleted_at is not None:
        raise Invalid("This comment is deleted. Start another thread.", "parentId")
    if (found.subject_type, found.subject_id) != (subject.kind, subject.id):
        raise NotFound("No Comment with this id is about the record.", "parentId")
    return found


async def _standing(work: Work, id: UUID, expected_version: int) -> Comment:
    """Return a comment that the caller sees, locked."""
    comment = await work.get(Comment, id, expected_version=expected_version, read=READ)
    if comment.deleted_at is not None:
        raise Invalid("This comment is deleted.", "id")
    return comment


MOST_MENTIONS = 50


async def _require_mentionable(
    work: Work, visibility: CommentVisibility, user_ids: Sequence[UUID]
) -> None:
    """Check whom a comment is to mention.

    Raises:
        Invalid: somebody twice, more than 50, or people from outside in an internal comment.
        NotFound: no such user is visible to the caller.
    """
    if len(user_ids) > MOST_MENTIONS:
        raise TooLong(
            f"A comment mentions at most {MOST_MENTIONS} users.",
            "mentionIds",
            constraint=max_items(MOST_MENTIONS),
        )
    if len(set(user_ids)) < len(user_ids):
        raise Invalid("Mention each user once.", "mentionIds")
    roles = await visible_roles(work, user_ids)
    if set(user_ids) - roles.keys():
        raise NotFound("No User with this id is visible to you.", "mentionIds")
    if visibility is CommentVisibility.INTERNAL and OUTSIDERS & set(roles.values()):
        message = "People from outside do not see internal comments. Mention others."
        raise Invalid(message, "mentionIds")


async def _rewrite_mentions(work: Work, comment: Comment, user_ids: Sequence[UUID]) -> bool:
    """Let a comment mention these and no others; say whether anything differs."""
    here = await work.rows(
        sa.select(CommentMention).where(CommentMention.comment_id == comment.id).with_for_update()
    )
    gone = [row for row in here if row.user_id not in user_ids]
    known = {row.user_id for row in here}
    new = [CommentMention(comment_id=comment.id, user_id=id) for id in user_ids if id not in known]
    for row in gone:
        await work.remove(row)
    if new:
        await work.add(*new)
    return bool(gone or new)
