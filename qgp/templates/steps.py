"""How a version of a template moves, and who moves it."""

from qgp.kit.policy import QUALITY, Role
from qgp.kit.workflow import Separation, Transition, Workflow
from qgp.templates.terms import TemplateVersionStatus

AUTHORS = QUALITY | {Role.LEAD_AUDITOR}

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
