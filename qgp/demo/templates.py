"""Scenarios of audit templates: drafted, approved by a second person, published."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.demo.checklists import Checklist
from qgp.demo.playback import Playback, Scenario
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
_PLACES = 3  # at which a repeated section is answered


async def publish_template(playback: Playback, plan: Checklist) -> Scenario:
    """Draft a checklist; submit and publish it, unless its plan ends before."""
    template = await playback.run(
        AUTHOR,
        "auditTemplateCreate",
        name=plan.name,
        category=plan.category,
        description=plan.about,
    )
    draft = await playback.run(AUTHOR, "templateVersionDraft", template_id=template.id)
    marks = {"pass_mark": Decimal(85), "conditional_mark": Decimal(70)}
    rules = {"scoring": plan.scoring, "is_comment_required_on_fail": True, **marks}
    await playback.run(
        AUTHOR, "templateVersionUpdate", id=draft.id, expected_version=draft.version, **rules
    )
    await _opening(playback, draft.id)
    for theme in plan.themes:
        await _themed(playback, draft.id, plan, theme)
    if plan.until == "DRAFT":
        return
    yield 3
    await playback.transition(AUTHOR, "templateVersionSubmit", draft)
    if plan.until == "IN_APPROVAL":
        return
    yield 2
    await playback.transition(APPROVER, "templateVersionPublish", draft)
    playback.checklists[plan.key] = draft.id


async def revise_template(playback: Playback, key: str) -> Scenario:
    """Publish the second version of a checklist, which retires the first."""
    old = playback.checklists[key]
    from_old = await playback.work.get(TemplateVersion, old)
    draft = await playback.run(AUTHOR, "templateVersionDraft", template_id=from_old.template_id)
    note = "A question on the effect of earlier actions was added after the certification audit."
    await playback.run(
        AUTHOR,
        "templateVersionUpdate",
        id=draft.id,
        expected_version=draft.version,
        change_note=note,
    )
    section = await _section(playback, draft.id, EARLIER)
    text = "Did the actions of earlier audits have an effect?"
    clause = playback.clauses["ISO9001 10.2.1"]
    await _question(playback, section, text, QuestionType.CONFORMITY, clause_ids=[clause])
    yield 4
    await playback.transition(AUTHOR, "templateVersionSubmit", draft)
    yield 3
    await playback.transition(APPROVER, "templateVersionPublish", draft)
    playback.checklists[key] = draft.id


async def _opening(playback: Playback, version_id: UUID) -> None:
    """Add the opening section: participants, site, general impression."""
    section = await _section(playback, version_id, "Opening", weight=Decimal("0.5"))
    kinds = QuestionType
    info = {"criticality": QuestionCriticality.INFO}
    await _question(playback, section, "Whom did you talk to?", kinds.TEXT, **info)
    await _question(playback, section, "Where did you start?", kinds.SITE, **info)
    tidy = "How tidy is the place, from 1 (not at all) to 5 (exemplary)?"
    ends = {"minimum": Decimal(1), "maximum": Decimal(5)}
    await _question(playback, section, tidy, kinds.RATING, **ends)
    text = "Are results of the last audit known at the place?"
    question = await _question(playback, section, text, kinds.SINGLE, options=_KNOWN)
    why = {"question_id": question.id, "operator": VisibilityOperator.EQ, "values": ["no"]}
    reason = "Why are they not known?"
    rest = {"visible_if": why, "is_required": False, **info}
    await _question(playback, section, reason, kinds.TEXT, **rest)


_KNOWN = [
    {"key": "yes", "label": "Yes, by everybody", "score": Decimal(1), "is_fail": False},
    {"key": "some", "label": "By some", "score": Decimal("0.5"), "is_fail": False},
    {"key": "no", "label": "No", "score": None, "is_fail": False},
]


async def _themed(playback: Playback, version_id: UUID, plan: Checklist, theme: Theme) -> None:
    section = await _section(
        playback,
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
            playback,
            section,
            text,
            kind,
            criticality=first if place == 0 else QuestionCriticality.MINOR,
            clause_ids=[playback.clauses[clause] for clause in theme.clauses],
            sampling_hint="Three to five examples, from two shifts.",
        )


async def _section(playback: Playback, version_id: UUID, title: str, **changes: Any) -> Section:
    values = {
        "guidance": None,
        "weight": Decimal(1),
        "is_repeatable": False,
        "max_repeats": None,
        "visible_if": None,
        "after_id": None,
    }
    where = {"template_version_id": version_id, "title": title}
    section: Section = await playback.run(AUTHOR, "sectionCreate", **where, **(values | changes))
    return section


async def _question(
    playback: Playback, section: Section, text: str, kind: QuestionType, **changes: Any
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
    question: Question = await playback.run(AUTHOR, "questionCreate", **what, **(values | changes))
    return question
