"""Commands on comments: say, say better, take back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from qgp.comments.model import Comment, CommentMention, CommentVisibility
from qgp.comments.policy import OUTSIDERS, READ
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, NotFound
from qgp.kit.links import Links
from qgp.kit.policy import QUALITY
from qgp.kit.subjects import Subject, columns_of, get_visible
from qgp.kit.work import Work
from qgp.users.facts import visible_roles

_MENTIONS = Links(CommentMention, "comment_id", "user_id", 50, "mentionIds")


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
            open than what it answers; or see `_mention`.
        Forbidden: somebody from outside writes what they could not read.
    """
    await get_visible(work, subject_id)
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
    about = columns_of(subject_id)
    comment = Comment(body=body, visibility=visibility, parent_id=parent_id, **about)
    await work.add(comment)
    await _mention(work, comment, mention_ids or ())
    return comment


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
        Invalid: it is deleted, or see `_mention`.
    """
    comment = await _standing(work, id, expected_version)
    if comment.created_by_id != work.caller.user_id:
        raise Forbidden("Only who wrote it changes it. Answer it instead.", "id")
    changes: dict[str, Any] = {"edited_at": clock.now()}
    if body is not None:
        changes["body"] = body
    if mention_ids is not None:
        await _mention(work, comment, mention_ids)
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
    await _MENTIONS.rewrite(work, comment.id, ())
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


async def _mention(work: Work, comment: Comment, user_ids: Sequence[UUID]) -> None:
    """Let a comment mention these users and no others.

    Raises:
        Invalid: somebody twice, more than 50, or people from outside in an internal comment.
        NotFound: no such user is visible to the caller.
    """
    if comment.visibility is CommentVisibility.INTERNAL:
        roles = await visible_roles(work, user_ids)
        if OUTSIDERS & set(roles.values()):
            message = "People from outside do not see internal comments. Mention others."
            raise Invalid(message, "mentionIds")
    await _MENTIONS.rewrite(work, comment.id, user_ids)
