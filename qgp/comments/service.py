"""Commands on comments: create, change, delete."""

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

COMMENTED = "commented"  # event of the subject
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
    """Add a comment to a record, or a reply to a comment.

    Args:
        work: the unit of work.
        subject_id: the record.
        body: Markdown.
        visibility: None for that of the parent, or else the default of the caller's role.
        parent_id: the comment that it replies to.
        mention_ids: users to mention.

    Raises:
        NotFound: the record, the parent or a user is hidden from the caller.
        Invalid: the parent is a reply, deleted or INTERNAL beside an EXTERNAL reply; or see
            `_mention`.
        Forbidden: an external role writes an INTERNAL comment.
    """
    subject = await get_visible(work, subject_id)
    parent = None if parent_id is None else await _parent(work, parent_id, subject_id)
    is_external = work.caller.role in OUTSIDERS
    if visibility is None:
        default = CommentVisibility.EXTERNAL if is_external else CommentVisibility.INTERNAL
        visibility = parent.visibility if parent else default
    if is_external and visibility is CommentVisibility.INTERNAL:
        message = f"Your role {work.caller.role.value} writes no INTERNAL comments. Choose "
        "EXTERNAL."
        raise Forbidden(message, "visibility")
    if parent and parent.visibility is CommentVisibility.INTERNAL is not visibility:
        message = (
            "A reply to an INTERNAL comment is INTERNAL. Choose INTERNAL, or start another thread."
        )
        raise Invalid(message, "visibility")
    about = columns_of(subject_id)
    comment = Comment(body=body, visibility=visibility, parent_id=parent_id, **about)
    await work.add(comment)
    await _mention(work, comment, mention_ids or ())
    work.emit(subject, COMMENTED, related=comment)
    return comment


async def update(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    body: str | None = None,
    mention_ids: Sequence[UUID] | None = None,
) -> Comment:
    """Change a comment; the former text is redacted in the audit trail.

    Args:
        work: the unit of work.
        id: the comment.
        expected_version: as the caller read it.
        body: None for no change.
        mention_ids: None for no change.

    Raises:
        Forbidden: the caller is not its author.
        Invalid: it is deleted, or see `_mention`.
    """
    comment = await _not_deleted(work, id, expected_version)
    if comment.created_by_id != work.caller.user_id:
        message = "You did not write this comment, and only its author changes it. Reply to it "
        "instead."
        raise Forbidden(message, "id")
    changes: dict[str, Any] = {"edited_at": clock.now()}
    if body is not None:
        changes["body"] = body
    if mention_ids is not None:
        await _mention(work, comment, mention_ids)
    return await work.redact(comment, changes, "body")


async def delete(work: Work, *, id: UUID, expected_version: int) -> Comment:
    """Delete a comment: its text is redacted, its replies stay.

    Raises:
        Forbidden: the caller is neither its author nor in quality.
        Invalid: it is deleted already.
    """
    comment = await _not_deleted(work, id, expected_version)
    is_author = comment.created_by_id == work.caller.user_id
    if not is_author and work.caller.role not in QUALITY:
        message = (
            "You did not write this comment, and only its author or quality deletes it. Ask one of "
            "them."
        )
        raise Forbidden(message, "id")
    await _MENTIONS.rewrite(work, comment.id, ())
    return await work.redact(comment, {"body": None, "deleted_at": clock.now()}, "body")


async def _parent(work: Work, id: UUID, subject: Subject) -> Comment:
    """Return the comment of the subject that a reply is for, locked."""
    parent = await work.get(Comment, id, path="parentId", read=READ)
    if parent.parent_id is not None:
        message = "The parent is a reply itself. Reply to the first comment of its thread."
        raise Invalid(message, "parentId")
    if parent.deleted_at is not None:
        raise Invalid("The parent comment is deleted. Start another thread.", "parentId")
    if (parent.subject_type, parent.subject_id) != (subject.kind, subject.id):
        raise NotFound("No Comment with this id is about the record.", "parentId")
    return parent


async def _not_deleted(work: Work, id: UUID, expected_version: int) -> Comment:
    """Return a comment that is visible to the caller and not deleted, locked."""
    comment = await work.get(Comment, id, expected_version=expected_version, read=READ)
    if comment.deleted_at is not None:
        raise Invalid("This comment is deleted and cannot be changed. Write a new one.", "id")
    return comment


async def _mention(work: Work, comment: Comment, user_ids: Sequence[UUID]) -> None:
    """Replace the mentions of a comment.

    Raises:
        Invalid: a user twice, more than 50, or an external role in an INTERNAL comment.
        NotFound: no such user is visible to the caller.
    """
    if comment.visibility is CommentVisibility.INTERNAL:
        roles = await visible_roles(work, user_ids)
        if OUTSIDERS & set(roles.values()):
            message = (
                "External auditors and supplier contacts do not see INTERNAL comments. Mention "
                "other users."
            )
            raise Invalid(message, "mentionIds")
    await _MENTIONS.rewrite(work, comment.id, user_ids)
