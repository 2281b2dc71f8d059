"""Writing templates, and what becomes of their versions."""

from decimal import Decimal

import strawberry

from qgp.kit.gql import (
    Input,
    command,
    command_input,
    create,
    input_field,
    input_type,
    mutations_of,
    update,
)
from qgp.templates import loaders, policy, workflow
from qgp.templates.commands import questions, sections, templates
from qgp.templates.model.terms import VisibilityOperator
from qgp.templates.types import AuditTemplate, Question, Section, TemplateVersion

_FINDING = "Whether a failing answer needs a finding, which `auditFindingsDraft` drafts; without \
one, whose source is AUDIT or CERT_AUDIT, the fieldwork is not done."
_GRADE = "How that finding is graded when it is drafted, and at least has to be"
_LIMITS = "NUMBER, TEMPERATURE, CALCULATED and RATING have it"


@input_type
class VisibilityInput:
    """When a section or question is asked at all."""

    question_id: strawberry.ID = input_field(
        "An earlier question of the same version, outside of repeated sections but for the same.",
        id_of="qst",
    )
    operator: VisibilityOperator = input_field("How its answer is compared.")
    values: list[str] = input_field(
        "With what: keys of options; YES, NO, PASS, FAIL, C, OBS, MIN, MAJ; a number such as "
        "12.5; an id. One for EQ, NE, GT and LT, 1 to 50 for IN, none for ANSWERED.",
        default_factory=list,
    )


@input_type
class QuestionOptionInput:
    """An answer to choose."""

    key: str = input_field(
        "What an answer stores, 1 to 40 characters; unique in the question.", most=40
    )
    label: str = input_field("What people read, 1 to 200 characters.")
    score: Decimal | None = input_field(
        "What it scores, 0 or more; null counts as 0.", default=None
    )
    is_fail: bool = input_field("Whether choosing it fails the question.", default=False)


class SectionCreateFields:
    """Fields of a new record beside those of its type."""

    visible_if: VisibilityInput | None = input_field(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = input_field(
        "The section that it follows; it comes last if left out.", id_of="sec", default=None
    )


class SectionUpdateFields:
    """Fields of a change beside those of the type."""

    visible_if: strawberry.Maybe[VisibilityInput | None] = input_field(
        "When it is asked at all; null for always.", nested=True
    )


class QuestionCreateFields:
    """Fields of a new record beside those of its type."""

    max_score: strawberry.Maybe[Decimal | None] = input_field(
        "Score of the best answer, more than 0; null for a question that is not scored. Where it "
        "is absent, 1, or null for the types whose answers are never scored: TEXT, DATE, TIME, "
        "PHOTO, SIGNATURE, PERSON, ASSET, SITE and GPS."
    )
    options: list[QuestionOptionInput] = input_field(
        "What to choose from, in order, for SINGLE and MULTI; at most 50.",
        nested=True,
        default_factory=list,
    )
    clause_ids: list[strawberry.ID] = input_field(
        "The clauses that it asks after; at most 50.", id_of="cls", default_factory=list
    )
    visible_if: VisibilityInput | None = input_field(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = input_field(
        "The question that it follows; it comes last if left out.", id_of="qst", default=None
    )


class QuestionUpdateFields:
    """Fields of a change beside those of the type."""

    options: strawberry.Maybe[list[QuestionOptionInput]] = input_field(
        "All options, in order; each is known by its key.", nested=True
    )
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(
        "All clauses that it asks after.", id_of="cls"
    )
    visible_if: strawberry.Maybe[VisibilityInput | None] = input_field(
        "When it is asked at all; null for always.", nested=True
    )


audit_template_create = create(
    AuditTemplate,
    policy.WRITE,
    description="Begin a template; `templateVersionDraft` then begins its first version.",
)
audit_template_update = update(
    AuditTemplate,
    policy.WRITE,
    description="Change what a template says of itself; its versions stay as they are.",
)
audit_template_archive = command(
    templates.archive,
    permission=policy.WRITE,
    result=loaders.template_by_id,
    description="Put a template out of use: no version of it is drafted or published any more.",
)
audit_template_restore = command(
    templates.restore,
    permission=policy.WRITE,
    result=loaders.template_by_id,
    description="Take an archived template back into use.",
)
template_version_draft = create(
    TemplateVersion,
    policy.WRITE,
    templates.draft,
    description="Begin the next version, a copy of the published one; the first is empty.",
)
template_version_update = update(
    TemplateVersion,
    policy.WRITE,
    templates.change_version,
    description="Change how the audits of a DRAFT are scored, and what their answers need.",
)
template_version_transitions = mutations_of(workflow.VERSION)
section_create = create(
    Section,
    policy.WRITE,
    sections.create,
    description="Add a section to a DRAFT.",
    more=SectionCreateFields,
)
section_update = update(
    Section,
    policy.WRITE,
    sections.change,
    description="Change a section of a DRAFT.",
    more=SectionUpdateFields,
)
section_move = command(
    sections.move,
    input=command_input(
        Input(
            "after_id",
            "Section before it; without one it comes first.",
            id_of="sec",
            required=False,
        )
    ),
    permission=policy.WRITE,
    result=loaders.section_by_id,
    description="Put a section of a DRAFT behind another one, or first.",
)
section_delete = command(
    sections.delete,
    permission=policy.WRITE,
    result=loaders.section_by_id,
    description="Take a section out of a DRAFT, with all its questions.",
    deletes=True,
)
question_create = create(
    Question,
    policy.WRITE,
    questions.create,
    description="Add a question to a section of a DRAFT.",
    more=QuestionCreateFields,
)
question_update = update(
    Question,
    policy.WRITE,
    questions.change,
    description="Change a question of a DRAFT; options and clauses are replaced as a whole.",
    more=QuestionUpdateFields,
)
question_move = command(
    questions.move,
    input=command_input(
        Input(
            "section_id",
            "Section of the same version that it goes to; its present one if left out.",
            id_of="sec",
            required=False,
        ),
        Input(
            "after_id",
            "Question before it; without one it comes first.",
            id_of="qst",
            required=False,
        ),
    ),
    permission=policy.WRITE,
    result=loaders.question_by_id,
    description="Put a question of a DRAFT behind another one or first, in any section.",
)
question_delete = command(
    questions.delete,
    permission=policy.WRITE,
    result=loaders.question_by_id,
    description="Take a question out of a DRAFT.",
    deletes=True,
)
