"""Commands on audit templates and their versions (ISO 9001:2015, 9.2.2)."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import class_mapper

from qgp.kit import clock, ids
from qgp.kit.errors import AlreadyExists, Invalid, OutOfRange, between
from qgp.kit.model import Record
from qgp.kit.text_keys import DERIVED
from qgp.kit.work import Work
from qgp.templates.commands.points import fits
from qgp.templates.facts import Outline, outline_of_version
from qgp.templates.model import (
    AuditTemplate,
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.model.terms import ScoringMethod, TemplateVersionStatus

RESTORED = "restored"  # event of a template

_FIRST_SCORING = ScoringMethod.PERCENT
_GOING_ON = (TemplateVersionStatus.DRAFT, TemplateVersionStatus.IN_APPROVAL)


async def archive(work: Work, *, id: UUID, expected_version: int) -> AuditTemplate:
    """Archive a template; audits that use it are not affected.

    Raises:
        Invalid: it is archived already.
    """
    template = await work.get(AuditTemplate, id, expected_version=expected_version)
    if template.archived_at is not None:
        raise Invalid(
            f"{template.reference} is archived already. Only a template in use can be archived; "
            "leave it as it is.",
            "id",
        )
    return await work.change(template, {"archived_at": clock.now()})


async def restore(work: Work, *, id: UUID, expected_version: int) -> AuditTemplate:
    """Restore an archived template.

    Raises:
        Invalid: it is not archived.
    """
    template = await work.get(AuditTemplate, id, expected_version=expected_version)
    if template.archived_at is None:
        raise Invalid(
            f"{template.reference} is not archived. Only an archived template can be restored; "
            "leave it as it is.",
            "id",
        )
    restored = await work.change(template, {"archived_at": None})
    work.emit(restored, RESTORED)
    return restored


async def draft(work: Work, *, template_id: UUID) -> TemplateVersion:
    """Create the next DRAFT as a copy of the published version, or else of the latest one.

    The first one is empty.

    Raises:
        AlreadyExists: a version is DRAFT or IN_APPROVAL.
        Invalid: the template is archived.
        NotFound: no such template in this organization.
    """
    template = await work.get(AuditTemplate, template_id, path="templateId")
    if template.archived_at is not None:
        message = (
            f"{template.reference} is archived. Only a template in use gets a new version; "
            "restore it first (auditTemplateRestore)."
        )
        raise Invalid(message, "templateId")
    versions = await work.rows(
        sa.select(TemplateVersion)
        .where(TemplateVersion.template_id == template_id)
        .order_by(TemplateVersion.number.desc())
    )
    for version in versions:
        if version.status in _GOING_ON:
            message = (
                f"Version {version.number} of {template.reference} is {version.status.value}. A "
                "template has one version that is not published; continue with that one."
            )
            raise AlreadyExists(message, "templateId")
    if not versions:
        first = {"number": 1, "status": TemplateVersionStatus.DRAFT, "scoring": _FIRST_SCORING}
        return await work.add(TemplateVersion(template_id=template_id, **first))
    is_published = [v for v in versions if v.status is TemplateVersionStatus.PUBLISHED]
    return await clone(work, [*is_published, *versions][0], versions[0].number + 1)


async def change_version(
    work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> TemplateVersion:
    """Change the scoring and response requirements of a DRAFT.

    Raises:
        Invalid: it is not DRAFT, a mark is not 0 to 100, or the conditional mark is not below the
            pass mark.
    """
    version = await work.get_open(TemplateVersion, id, expected_version=expected_version)
    for name, path in (("pass_mark", "passMark"), ("conditional_mark", "conditionalMark")):
        mark = changes.get(name)
        if mark is not None and not (0 <= mark <= 100 and fits(mark)):
            raise OutOfRange(
                "This mark is out of range. A mark is from 0 to 100, with up to 3 decimals; "
                "send another.",
                path,
                constraint=between(0, 100),
            )
    _in_order(
        changes.get("pass_mark", version.pass_mark),
        changes.get("conditional_mark", version.conditional_mark),
    )
    return await work.change(version, changes)


def _in_order(pass_mark: Decimal | None, conditional_mark: Decimal | None) -> None:
    if conditional_mark is None:
        return
    if pass_mark is None or conditional_mark >= pass_mark:
        raise OutOfRange(
            "conditionalMark is not below passMark. It is below the pass mark; lower it.",
            "conditionalMark",
            constraint=between(under="passMark"),
        )


_OWN = {
    *("organization_id", "id", "version"),
    *("created_at", "created_by_id", "updated_at", "updated_by_id"),
}
_OF_VERSION: tuple[str, ...] = (
    "scoring",
    "pass_mark",
    "conditional_mark",
    "is_na_allowed",
    "template_id",
)
_OF_VERSION += ("is_comment_required_on_fail", "is_photo_required_on_fail")


async def clone(work: Work, source: TemplateVersion, number: int) -> TemplateVersion:
    """Create a DRAFT with the content of a version."""
    outline = await work.load(outline_of_version, source.id)
    facts = {name: getattr(source, name) for name in _OF_VERSION}
    version = TemplateVersion(number=number, status=TemplateVersionStatus.DRAFT, **facts)
    await work.add(version)
    await _parts(work, outline, version.id)
    return version


async def _parts(work: Work, outline: Outline, version_id: UUID) -> None:
    """Copy the sections with their questions, each after the one that its condition refers to."""
    clauses = sa.select(QuestionClause).join(Question, Question.id == QuestionClause.question_id)
    questions = outline.all_questions
    new = {row.id: ids.uuid7() for row in (*outline.sections, *questions)}
    among = [question.id for question in questions]
    linked = await work.rows(
        clauses.where(QuestionClause.question_id.in_(among)).order_by(QuestionClause.id)
    )
    for section in outline.sections:
        keys = {"id": new[section.id], "template_version_id": version_id}
        await work.add(_copy(section, **keys, **_condition(section, new)))
        for question in outline.questions[section.id]:
            keys = {"id": new[question.id], "template_version_id": version_id}
            work.session.add(
                _copy(question, **keys, section_id=new[section.id], **_condition(question, new))
            )
        await work.flush()
    for option in (option for question in questions for option in outline.options[question.id]):
        work.session.add(_copy(option, question_id=new[option.question_id]))
    for link in linked:
        work.session.add(_copy(link, question_id=new[link.question_id]))
    await work.flush()


def _condition(row: Section | Question, new: dict[UUID, UUID]) -> dict[str, Any]:
    target = row.visible_if_question_id
    return {"visible_if_question_id": None if target is None else new[target]}


def _copy(row: Section | Question | QuestionOption | QuestionClause, **changes: Any) -> Record:
    kind = type(row)
    columns = class_mapper(kind).column_attrs
    names = {column.key for column in columns if DERIVED not in column.columns[0].info} - _OWN
    return kind(**{name: getattr(row, name) for name in names} | changes)


async def publish(work: Work, version: TemplateVersion) -> TemplateVersion:
    """Publish a version, and retire the published one.

    Raises:
        TransitionNotAllowed: the caller submitted it, or the template is archived.
    """
    await work.get(AuditTemplate, version.template_id)  # one version is published at a time
    before = sa.select(TemplateVersion).where(
        TemplateVersion.template_id == version.template_id,
        TemplateVersion.status == TemplateVersionStatus.PUBLISHED,
    )
    for old in await work.rows(before):  # if the version cannot follow, all of it is undone
        reason = f"Replaced by version {version.number}."
        await work.move(old, "templateVersionRetire", reason=reason)
    return await work.move(version, "templateVersionPublish")
