"""Writes the checklists of the house down, and publishes them by four eyes."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.demo.checklists import Checklist
from qgp.demo.stage import Stage, Story
from qgp.demo.themes import Theme
from qgp.templates.model import Question, Section, TemplateVersion
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    TemplateCategory,
    VisibilityOperator,
)

EARLIER = "Earlier findings"  # a section of the revised checklist
AUTHOR, APPROVER = "reinhardt", "vogel"
_VERDICT = {
    TemplateCategory.SAFETY_TOUR: QuestionType.YES_NO,
    TemplateCategory.LAYERED: QuestionType.PASS_FAIL,
    TemplateCategory.SELF_ASSESSMENT: QuestionType.YES_NO,
}
_PLACES = 3  # that a repeated section is gone through at


async def published(stage: Stage, plan: Checklist) -> Story:
    """Write a checklist, and publish it by four eyes unless it is not that far yet."""
    template = await stage.act(
        AUTHOR,
        "auditTemplateCreate",
        name=plan.name,
        category=plan.category,
        description=plan.about,
    )
    draft = await stage.act(AUTHOR, "templateVersionDraft", template_id=template.id)
    marks = {"pass_mark": Decimal(85), "conditional_mark": Decimal(70)}
    rules = {"scoring": plan.scoring, "is_comment_required_on_fail": True, **marks}
    await stage.act(
        AUTHOR, "templateVersionUpdate", id=draft.id, expected_version=draft.version, **rules
    )
    await _opening(stage, draft.id)
    for theme in plan.themes:
        await _themed(stage, draft.id, plan, theme)
    if plan.until == "DRAFT":
        return
    yield 3
    await stage.step(AUTHOR, "templateVersionSubmit", draft)
    if plan.until == "IN_APPROVAL":
        return
    yield 2
    await stage.step(APPROVER, "templateVersionPublish", draft)
    stage.checklists[plan.key] = draft.id


async def revised(stage: Stage, key: str) -> Story:
    """Publish the second version of a checklist, which retires the first."""
    old = stage.checklists[key]
    from_old = await stage.work.get(TemplateVersion, old)
    draft = await stage.act(AUTHOR, "templateVersionDraft", template_id=from_old.template_id)
    told = "A question on the effect of earlier actions was added after the certification audit."
    await stage.act(
        AUTHOR,
        "templateVersionUpdate",
        id=draft.id,
        expected_version=draft.version,
        change_note=told,
    )
    section = await _section(stage, draft.id, EARLIER)
    asked = "Did the actions of earlier audits have an effect?"
    clause = stage.clauses["ISO9001 10.2"]
    await _question(stage, section, asked, QuestionType.CONFORMITY, clause_ids=[clause])
    yield 4
    await stage.step(AUTHOR, "templateVersionSubmit", draft)
    yield 3
    await stage.step(APPROVER, "templateVersionPublish", draft)
    stage.checklists[key] = draft.id


async def _opening(stage: Stage, version_id: UUID) -> None:
    """Ask what is asked first: with whom, where, and how it goes in general."""
    section = await _section(stage, version_id, "Opening", weight=Decimal("0.5"))
    kinds = QuestionType
    info = {"criticality": QuestionCriticality.INFO}
    await _question(stage, section, "Whom did you talk to?", kinds.TEXT, **info)
    await _question(stage, section, "Where did you start?", kinds.SITE, **info)
    tidy = "How tidy is the place, from 1 (not at all) to 5 (exemplary)?"
    ends = {"minimum": Decimal(1), "maximum": Decimal(5)}
    await _question(stage, section, tidy, kinds.RATING, **ends)
    known = "Are results of the last audit known at the place?"
    asked = await _question(stage, section, known, kinds.SINGLE, options=_KNOWN)
    why = {"question_id": asked.id, "operator": VisibilityOperator.EQ, "values": ["no"]}
    reason = "Why are they not known?"
    rest = {"visible_if": why, "is_required": False, **info}
    await _question(stage, section, reason, kinds.TEXT, **rest)


_KNOWN = [
    {"key": "yes", "label": "Yes, by everybody", "score": Decimal(1), "is_fail": False},
    {"key": "some", "label": "By some", "score": Decimal("0.5"), "is_fail": False},
    {"key": "no", "label": "No", "score": None, "is_fail": False},
]


async def _themed(stage: Stage, version_id: UUID, plan: Checklist, theme: Theme) -> None:
    section = await _section(
        stage,
        version_id,
        theme.name,
        guidance=theme.requirement,
        is_repeatable=plan.is_repeated,
        max_repeats=_PLACES if plan.is_repeated else None,
    )
    kind = _VERDICT.get(plan.category, QuestionType.CONFORMITY)
    first = QuestionCriticality.MAJOR
    if theme.name in plan.critical:
        first = QuestionCriticality.CRITICAL
    for place, text in enumerate(theme.questions):
        await _question(
            stage,
            section,
            text,
            kind,
            criticality=first if place == 0 else QuestionCriticality.MINOR,
            clause_ids=[stage.clauses[clause] for clause in theme.clauses],
            sampling_hint="Three to five examples, from two shifts.",
        )


async def _section(stage: Stage, version_id: UUID, title: str, **given: Any) -> Section:
    values = {
        "guidance": None,
        "weight": Decimal(1),
        "is_repeatable": False,
        "max_repeats": None,
        "visible_if": None,
        "after_id": None,
    }
    where = {"template_version_id": version_id, "title": title}
    made: Section = await stage.act(AUTHOR, "sectionCreate", **where, **(values | given))
    return made


async def _question(
    stage: Stage, section: Section, text: str, kind: QuestionType, **given: Any
) -> Question:
    values: dict[str, Any] = {
        "help": None,
        "is_required": True,
        "is_na_allowed": True,
        "weight": Decimal(1),
        "options": [],
        "minimum": None,
        "maximum": None,
        "unit": None,
        "criticality": QuestionCriticality.MINOR,
        "is_finding_created_on_fail": False,
        "fail_grade": None,
        "is_action_required_on_fail": False,
        "guidance": None,
        "sampling_hint": None,
        "clause_ids": [],
        "visible_if": None,
        "after_id": None,
    }
    what = {"section_id": section.id, "text": text, "type": kind}
    made: Question = await stage.act(AUTHOR, "questionCreate", **what, **(values | given))
    return made
