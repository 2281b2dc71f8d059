"""Mutations of audit templates, their versions, sections and questions."""

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


@input_type
class VisibilityInput:
    """Visibility condition of a section or question."""

    question_id: strawberry.ID = input_field(
        "An earlier question of the same version, not in another section that is repeatable.",
        id_of="qst",
    )
    operator: VisibilityOperator = input_field("Comparison with the response.")
    values: list[str] = input_field(
        "Values to compare with: keys of options, values of `AnswerVerdict`, a number such as "
        "12.5, or an id. One for EQ, NE, GT and LT, 1 to 50 for IN, none for ANSWERED.",
        default_factory=list,
    )


@input_type
class QuestionOptionInput:
    """An option of a SINGLE or MULTI question."""

    key: str = input_field(
        "Key that responses store, 1 to 40 characters; unique in the question.", most=40
    )
    label: str = input_field("Label shown to people, 1 to 200 characters.")
    score: Decimal | None = input_field(
        "Score of the option, 0 to 999999.999; null counts as 0.", default=None
    )
    is_fail: bool = input_field("Whether choosing it fails the question.", default=False)


class SectionCreateFields:
    """Fields of a new record beside those of its type."""

    visible_if: VisibilityInput | None = input_field(
        "Visibility condition; always visible if absent.", nested=True, default=None
    )
    after_id: strawberry.ID | None = input_field(
        "The section to follow; last if absent.", id_of="sec", default=None
    )


class SectionUpdateFields:
    """Fields of a change beside those of the type."""

    visible_if: strawberry.Maybe[VisibilityInput | None] = input_field(
        "Visibility condition; null for always visible.", nested=True
    )


class QuestionCreateFields:
    """Fields of a new record beside those of its type."""

    max_score: strawberry.Maybe[Decimal | None] = input_field(
        "Score of the best response, more than 0; null for a question that is not scored. If "
        "absent: null for TEXT, DATE, TIME, PHOTO, SIGNATURE, PERSON, ASSET, SITE and GPS, "
        "which are never scored, else 1."
    )
    options: list[QuestionOptionInput] = input_field(
        "Options in order, for SINGLE and MULTI; at most 50.",
        nested=True,
        default_factory=list,
    )
    clause_ids: list[strawberry.ID] = input_field(
        "Clauses whose requirements the question verifies; at most 50.",
        id_of="cls",
        default_factory=list,
    )
    visible_if: VisibilityInput | None = input_field(
        "Visibility condition; always visible if absent.", nested=True, default=None
    )
    after_id: strawberry.ID | None = input_field(
        "The question to follow; last if absent.", id_of="qst", default=None
    )


class QuestionUpdateFields:
    """Fields of a change beside those of the type."""

    options: strawberry.Maybe[list[QuestionOptionInput]] = input_field(
        "Options in order, matched by key, replacing all previous ones; at most 50.", nested=True
    )
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(
        "Clauses whose requirements the question verifies, replacing all previous ones; at most "
        "50.",
        id_of="cls",
    )
    visible_if: strawberry.Maybe[VisibilityInput | None] = input_field(
        "Visibility condition; null for always visible.", nested=True
    )


audit_template_create = create(
    AuditTemplate,
    policy.WRITE,
    description="Creates an audit template without a version; `templateVersionDraft` creates "
    "the first one.",
)
audit_template_update = update(
    AuditTemplate,
    policy.WRITE,
    description="Changes name, description and category of an audit template; its versions "
    "are not affected.",
)
audit_template_archive = command(
    templates.archive,
    permission=policy.WRITE,
    result=loaders.template_by_id,
    description="Archives an audit template: its versions can neither be drafted nor "
    "published any more. Audits that use it are not affected.",
)
audit_template_restore = command(
    templates.restore,
    permission=policy.WRITE,
    result=loaders.template_by_id,
    description="Restores an archived audit template.",
)
template_version_draft = create(
    TemplateVersion,
    policy.WRITE,
    templates.draft,
    description="Creates the next version of an audit template as a DRAFT, a copy of the "
    "published version or else of the latest one; the first version is empty. "
    "Requires that no version is DRAFT or IN_APPROVAL.",
)
template_version_update = update(
    TemplateVersion,
    policy.WRITE,
    templates.change_version,
    description="Changes scoring, marks and response requirements of a DRAFT version.",
)
template_version_transitions = mutations_of(workflow.VERSION)
section_create = create(
    Section,
    policy.WRITE,
    sections.create,
    description="Adds a section to a DRAFT version; at most 100.",
    more=SectionCreateFields,
)
section_update = update(
    Section,
    policy.WRITE,
    sections.change,
    description="Changes a section of a DRAFT version.",
    more=SectionUpdateFields,
)
section_move = command(
    sections.move,
    input=command_input(
        Input(
            "after_id",
            "The section to follow; first if absent.",
            id_of="sec",
            required=False,
        )
    ),
    permission=policy.WRITE,
    result=loaders.section_by_id,
    description="Moves a section of a DRAFT version after another one, or to the front.",
)
section_delete = command(
    sections.delete,
    permission=policy.WRITE,
    result=loaders.section_by_id,
    description="Deletes a section of a DRAFT version with all its questions. Requires that "
    "no remaining condition refers to them.",
    deletes=True,
)
question_create = create(
    Question,
    policy.WRITE,
    questions.create,
    description="Adds a question to a section of a DRAFT version; at most 500 in the version.",
    more=QuestionCreateFields,
)
question_update = update(
    Question,
    policy.WRITE,
    questions.change,
    description="Changes a question of a DRAFT version; options and clauses are replaced as a "
    "whole.",
    more=QuestionUpdateFields,
)
question_move = command(
    questions.move,
    input=command_input(
        Input(
            "section_id",
            "Target section, of the same version; the current one if absent.",
            id_of="sec",
            required=False,
        ),
        Input(
            "after_id",
            "The question to follow; first if absent.",
            id_of="qst",
            required=False,
        ),
    ),
    permission=policy.WRITE,
    result=loaders.question_by_id,
    description="Moves a question of a DRAFT version after another one or to the front of any "
    "section.",
)
question_delete = command(
    questions.delete,
    permission=policy.WRITE,
    result=loaders.question_by_id,
    description="Deletes a question of a DRAFT version. Requires that no remaining condition "
    "refers to it.",
    deletes=True,
)
