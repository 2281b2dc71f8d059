"""How a version of a template moves, and who moves it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qgp.kit.errors import Blocker
from qgp.kit.policy import QUALITY, Role
from qgp.kit.workflow import Facts, Separation, Transition, Workflow
from qgp.templates.terms import ScoringMethod, TemplateVersionStatus

if TYPE_CHECKING:
    from qgp.templates.model import TemplateVersion

AUTHORS = QUALITY | {Role.LEAD_AUDITOR}


async def marked(_: Facts, version: "TemplateVersion") -> Sequence[Blocker]:
    """Guard PASS_MARK: where results are told, it is known what passes."""
    if version.scoring is ScoringMethod.NONE or version.pass_mark is not None:
        return []
    told = "Nothing says what passes. Set the passMark, or choose NONE as scoring."
    return [Blocker("PASS_MARK", told, version.public_id)]


VERSION_STEPS = Workflow(
    {TemplateVersionStatus.DRAFT},
    Transition(
        "templateVersionSubmit",
        frozenset({TemplateVersionStatus.DRAFT}),
        TemplateVersionStatus.IN_APPROVAL,
        AUTHORS,
        guards=(
            "HAS_QUESTIONS",
            "OPTIONS_COMPLETE",
            "LIMITS_COMPLETE",
            "CONDITIONS_SOUND",
            "WEIGHTS_COUNT",
            marked,
        ),
    ),
    Transition(
        "templateVersionReject",
        frozenset({TemplateVersionStatus.IN_APPROVAL}),
        TemplateVersionStatus.DRAFT,
        AUTHORS,
        is_explained=True,
    ),
    Transition(
        "templateVersionPublish",
        frozenset({TemplateVersionStatus.IN_APPROVAL}),
        TemplateVersionStatus.PUBLISHED,
        QUALITY,
        guards=("TEMPLATE_IN_USE",),
        separation=Separation(
            "APPROVER_DIFFERS",
            ("submitted_by_id",),
            "You submitted this version. Let somebody else approve it.",
        ),
    ),
    Transition(
        "templateVersionRetire",
        frozenset({TemplateVersionStatus.PUBLISHED}),
        TemplateVersionStatus.RETIRED,
        QUALITY,
        is_explained=True,
    ),
)
