"""States and transitions of a template version, from draft to retirement."""

from qgp.kit.sealing import Seal, SealedRows
from qgp.kit.signing import Meaning
from qgp.kit.transitions import SegregationOfDuties, Transition, caller, today
from qgp.kit.workflow import Workflow
from qgp.templates import guards
from qgp.templates.commands import templates
from qgp.templates.model import TemplateVersion
from qgp.templates.model.terms import TemplateVersionStatus
from qgp.templates.policy import PUBLISH, READ, WRITE

_QUESTION = Seal(
    rows=(
        SealedRows("question_options", "question_id"),
        SealedRows("question_clauses", "question_id"),
    )
)
_SECTION = Seal(rows=(SealedRows("questions", "section_id", _QUESTION),))

VERSION = Workflow(
    TemplateVersion,
    READ,
    {TemplateVersionStatus.DRAFT},
    Transition(
        "templateVersionSubmit",
        {TemplateVersionStatus.DRAFT},
        TemplateVersionStatus.IN_APPROVAL,
        "Submits a DRAFT version for approval; it cannot be changed meanwhile. Requires "
        "complete questions, options, limits, conditions and marks.",
        WRITE,
        guards=(
            guards.has_questions,
            guards.options_are_complete,
            guards.limits_are_complete,
            guards.conditions_are_sound,
            guards.weights_count,
            guards.marked,
        ),
        sets={"submitted_by_id": caller},
    ),
    Transition(
        "templateVersionReject",
        {TemplateVersionStatus.IN_APPROVAL},
        TemplateVersionStatus.DRAFT,
        "Returns a version from approval to its authors as a DRAFT.",
        WRITE,
        requires_reason=True,
    ),
    Transition(
        "templateVersionPublish",
        {TemplateVersionStatus.IN_APPROVAL},
        TemplateVersionStatus.PUBLISHED,
        "Approves and publishes a version, signed APPROVED, and retires the published one. "
        "Requires a template in use.",
        PUBLISH,
        guards=(guards.template_is_in_use,),
        separation=SegregationOfDuties("APPROVER_DIFFERS", ("submitted_by_id",)),
        signature=Meaning.APPROVED,
        sets={"approved_by_id": caller, "published_on": today},
        service=templates.publish,
    ),
    Transition(
        "templateVersionRetire",
        {TemplateVersionStatus.PUBLISHED},
        TemplateVersionStatus.RETIRED,
        "Retires the published version without replacing it.",
        PUBLISH,
        requires_reason=True,
        sets={"retired_on": today},
    ),
    seals=Seal(
        (
            *("scoring", "pass_mark", "conditional_mark", "is_na_allowed", "change_note"),
            *("is_comment_required_on_fail", "is_photo_required_on_fail"),
        ),
        (SealedRows("sections", "template_version_id", _SECTION),),
    ),
    closed=frozenset(TemplateVersionStatus) - {TemplateVersionStatus.DRAFT},
    remedy="Draft the next version (templateVersionDraft).",
)
