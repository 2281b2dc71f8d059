"""What the mutations of templates take."""

from decimal import Decimal

import strawberry

from qgp.kit.gql import PROSE, given, key_field, version_field
from qgp.templates.enums import (
    FindingGrade,
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    VisibilityOperator,
)

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


@strawberry.input(
    description="A new template; write its first version with `templateVersionDraft`."
)
class AuditTemplateCreateInput:
    """A new template."""

    name: str = given("Its name, 1 to 200 characters.")
    category: TemplateCategory = given("What it is used for.")
    description: str | None = given("What it is for.", most=PROSE, default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a template; what you leave out stays, null clears.")
class AuditTemplateUpdateInput:
    """Changes to a template."""

    id: strawberry.ID = given("The template.", id_of="tpl")
    expected_version: int = version_field()
    name: strawberry.Maybe[str] = given("Its name.")
    category: strawberry.Maybe[TemplateCategory] = given("What it is used for.")
    description: strawberry.Maybe[str | None] = given("What it is for.", most=PROSE)


@strawberry.input(description="The template whose next version is written.")
class TemplateVersionDraftInput:
    """The template whose next version is written."""

    template_id: strawberry.ID = given("The template.", id_of="tpl")
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a DRAFT; what you leave out stays, null clears.")
class TemplateVersionUpdateInput:
    """Changes to a draft."""

    id: strawberry.ID = given("The version.", id_of="tpv")
    expected_version: int = version_field()
    scoring: strawberry.Maybe[ScoringMethod] = given("How results are told.")
    pass_mark: strawberry.Maybe[Decimal | None] = given(
        "Percentage from which an audit passes, 0 to 100; needed unless scoring is NONE."
    )
    conditional_mark: strawberry.Maybe[Decimal | None] = given(
        "Percentage, below the pass mark, from which it passes conditionally."
    )
    is_na_allowed: strawberry.Maybe[bool] = given("Whether questions may not apply.")
    is_comment_required_on_fail: strawberry.Maybe[bool] = given(
        "Whether a failing answer needs a comment."
    )
    is_photo_required_on_fail: strawberry.Maybe[bool] = given(
        "Whether a failing answer needs a photo: an image that is attached to it."
    )
    change_note: strawberry.Maybe[str | None] = given(
        "What differs from the version before.", most=PROSE
    )


@strawberry.input(description="A new section of a DRAFT.")
class SectionCreateInput:
    """A new section."""

    template_version_id: strawberry.ID = given("The version.", id_of="tpv")
    title: str = given("Its title, 1 to 200 characters.")
    guidance: str | None = given("What auditors should know.", most=PROSE, default=None)
    weight: Decimal = given("More than 0.", default=Decimal(1))
    is_repeatable: bool = given("Whether it can be gone through several times.", default=False)
    max_repeats: int | None = given(
        "How often at the most, 2 to 100; needed where it is repeatable.", default=None
    )
    visible_if: VisibilityInput | None = given(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = given(
        "The section that it follows; it comes last if left out.", id_of="sec", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a section; what you leave out stays, null clears.")
class SectionUpdateInput:
    """Changes to a section."""

    id: strawberry.ID = given("The section.", id_of="sec")
    expected_version: int = version_field()
    title: strawberry.Maybe[str] = given("Its title.")
    guidance: strawberry.Maybe[str | None] = given("What auditors should know.", most=PROSE)
    weight: strawberry.Maybe[Decimal] = given("More than 0.")
    is_repeatable: strawberry.Maybe[bool] = given("Whether it can be gone through repeatedly.")
    max_repeats: strawberry.Maybe[int | None] = given(
        "How often at the most, 2 to 100; null where it is not repeatable."
    )
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


@strawberry.input(description="A new question of a DRAFT.")
class QuestionCreateInput:
    """A new question."""

    section_id: strawberry.ID = given("The section.", id_of="sec")
    text: str = given("What is asked, 1 to 1000 characters.", most=1000)
    type: QuestionType = given("What kind of answer it takes.")
    help: str | None = given("What the question means.", most=PROSE, default=None)
    is_required: bool = given("Whether it has to be answered.", default=True)
    is_na_allowed: bool = given("Whether it may not apply.", default=True)
    weight: Decimal = given("0 or more.", default=Decimal(1))
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
    minimum: Decimal | None = given(f"The least number that passes; {_LIMITS}.", default=None)
    maximum: Decimal | None = given(f"The largest that passes; {_LIMITS}.", default=None)
    unit: str | None = given(f"The unit; {_LIMITS}.", most=40, default=None)
    criticality: QuestionCriticality = given(
        "How much a failing answer weighs.", default=QuestionCriticality.MINOR
    )
    is_finding_created_on_fail: bool = given(_FINDING, default=False)
    fail_grade: FindingGrade | None = given(
        f"{_GRADE}; needed where one is asked for.", default=None
    )
    is_action_required_on_fail: bool = given(
        "Whether a failing answer needs an action.", default=False
    )
    guidance: str | None = given("How auditors should find out.", most=PROSE, default=None)
    sampling_hint: str | None = given("What to look at, and how many.", most=PROSE, default=None)
    clause_ids: list[strawberry.ID] = given(
        "The clauses that it asks after; at most 50.", id_of="cls", default_factory=list
    )
    visible_if: VisibilityInput | None = given(
        "When it is asked at all; always, if left out.", nested=True, default=None
    )
    after_id: strawberry.ID | None = given(
        "The question that it follows; it comes last if left out.", id_of="qst", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a question; what you leave out stays, null clears.")
class QuestionUpdateInput:
    """Changes to a question."""

    id: strawberry.ID = given("The question.", id_of="qst")
    expected_version: int = version_field()
    text: strawberry.Maybe[str] = given("What is asked.", most=1000)
    type: strawberry.Maybe[QuestionType] = given("What kind of answer it takes.")
    help: strawberry.Maybe[str | None] = given("What the question means.", most=PROSE)
    is_required: strawberry.Maybe[bool] = given("Whether it has to be answered.")
    is_na_allowed: strawberry.Maybe[bool] = given("Whether it may not apply.")
    weight: strawberry.Maybe[Decimal] = given("0 or more.")
    max_score: strawberry.Maybe[Decimal | None] = given(
        "Of the best answer; null for a question that is not scored."
    )
    options: strawberry.Maybe[list[QuestionOptionInput]] = given(
        "All options, in order; each is known by its key.", nested=True
    )
    minimum: strawberry.Maybe[Decimal | None] = given(f"The least that passes; {_LIMITS}.")
    maximum: strawberry.Maybe[Decimal | None] = given(f"The largest that passes; {_LIMITS}.")
    unit: strawberry.Maybe[str | None] = given(f"The unit; {_LIMITS}.", most=40)
    criticality: strawberry.Maybe[QuestionCriticality] = given("How much a failure weighs.")
    is_finding_created_on_fail: strawberry.Maybe[bool] = given(_FINDING)
    fail_grade: strawberry.Maybe[FindingGrade | None] = given(f"{_GRADE}.")
    is_action_required_on_fail: strawberry.Maybe[bool] = given(
        "Whether a failing answer needs an action."
    )
    guidance: strawberry.Maybe[str | None] = given("How auditors should find out.", most=PROSE)
    sampling_hint: strawberry.Maybe[str | None] = given(
        "What to look at, and how many.", most=PROSE
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
