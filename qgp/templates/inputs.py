"""What the mutations of templates take."""

from decimal import Decimal

import strawberry

from qgp.kit.gql import given, key_field, version_field
from qgp.templates.terms import VisibilityOperator

_FINDING = "Whether a failing answer needs a finding, which `auditFindingsDraft` drafts; without \
one, whose source is AUDIT or CERT_AUDIT, the fieldwork is not done."
_GRADE = "How that finding is graded when it is drafted, and at least has to be"
_LIMITS = "NUMBER, TEMPERATURE, CALCULATED and RATING have it"


@strawberry.input(description="When a section or question is asked at all.")
class VisibilityInput:
    """When something is asked at all."""

    question_id: strawberry.ID = given(
        "An earlier question of the same version, outside of repeated sections but for the same.",
        id_of="qst",
    )
    operator: VisibilityOperator = given("How its answer is compared.")
    values: list[str] = given(
        "With what: keys of options; YES, NO, PASS, FAIL, C, OBS, MIN, MAJ; a number such as "
        "12.5; an id. One for EQ, NE, GT and LT, 1 to 50 for IN, none for ANSWERED.",
        default_factory=list,
    )


@strawberry.input(description="An answer to choose.")
class QuestionOptionInput:
    """An answer to choose."""

    key: str = given("What an answer stores, 1 to 40 characters; unique in the question.", most=40)
    label: str = given("What people read, 1 to 200 characters.")
    score: Decimal | None = given("What it scores, 0 or more; null counts as 0.", default=None)
    is_fail: bool = given("Whether choosing it fails the question.", default=False)


@strawberry.input(description="The template whose next version is written.")
class TemplateVersionDraftInput:
    """The template whose next version is written."""

    template_id: strawberry.ID = given("The template.", id_of="tpl")
    idempotency_key: str | None = key_field()


class SectionCreateFields:
    """Fields of a new record beside those of its type."""

    visible_if: VisibilityInput | None = given(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = given(
        "The section that it follows; it comes last if left out.", id_of="sec", default=None
    )


class SectionUpdateFields:
    """Fields of a change beside those of the type."""

    visible_if: strawberry.Maybe[VisibilityInput | None] = given(
        "When it is asked at all; null for always.", nested=True
    )


@strawberry.input(description="Where a section goes.")
class SectionMoveInput:
    """Where a section goes."""

    id: strawberry.ID = given("The section.", id_of="sec")
    expected_version: int = version_field()
    after_id: strawberry.ID | None = given(
        "The section that it follows; it comes first if left out.", id_of="sec", default=None
    )


class QuestionCreateFields:
    """Fields of a new record beside those of its type."""

    max_score: strawberry.Maybe[Decimal | None] = given(
        "Score of the best answer, more than 0; null for a question that is not scored. Where it "
        "is absent, 1, or null for the types whose answers are never scored: TEXT, DATE, TIME, "
        "PHOTO, SIGNATURE, PERSON, ASSET, SITE and GPS."
    )
    options: list[QuestionOptionInput] = given(
        "What to choose from, in order, for SINGLE and MULTI; at most 50.",
        nested=True,
        default_factory=list,
    )
    clause_ids: list[strawberry.ID] = given(
        "The clauses that it asks after; at most 50.", id_of="cls", default_factory=list
    )
    visible_if: VisibilityInput | None = given(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = given(
        "The question that it follows; it comes last if left out.", id_of="qst", default=None
    )


class QuestionUpdateFields:
    """Fields of a change beside those of the type."""

    options: strawberry.Maybe[list[QuestionOptionInput]] = given(
        "All options, in order; each is known by its key.", nested=True
    )
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = given(
        "All clauses that it asks after.", id_of="cls"
    )
    visible_if: strawberry.Maybe[VisibilityInput | None] = given(
        "When it is asked at all; null for always.", nested=True
    )


@strawberry.input(description="Where a question goes.")
class QuestionMoveInput:
    """Where a question goes."""

    id: strawberry.ID = given("The question.", id_of="qst")
    expected_version: int = version_field()
    section_id: strawberry.ID | None = given(
        "The section of the same version that it goes to; its own if left out.",
        id_of="sec",
        default=None,
    )
    after_id: strawberry.ID | None = given(
        "The question that it follows; it comes first if left out.", id_of="qst", default=None
    )
