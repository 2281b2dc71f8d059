"""What the mutations of the register take."""

from datetime import date

import strawberry

from qgp.findings.enums import FindingGrade
from qgp.kit.gql import PROSE, SignatureInput, given, key_field, signature_field, version_field


class FindingCreateFields:
    """Fields of a new record beside those of its type."""

    detected_on: date | None = given(
        "The day on which it was detected; today if left out. No future day.", default=None
    )
    detected_by_id: strawberry.ID | None = given(
        "Who detected it; you if left out.", id_of="usr", default=None
    )
    primary_clause_id: strawberry.ID | None = given(
        "The clause that it counts for; MAJOR and MINOR need it before they are opened. If left "
        "out, the first clause of the answer's question, or the audit's only one.",
        id_of="cls",
        default=None,
    )
    clause_ids: list[strawberry.ID] = given(
        "Further clauses, without the primary one; at most 49.",
        id_of="cls",
        default_factory=list,
    )


class FindingUpdateFields:
    """Fields of a change beside those of the type."""

    primary_clause_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The clause that it counts for; takes the place of the former one.", id_of="cls"
    )
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = given(
        "All further clauses, without the primary one; at most 49.", id_of="cls"
    )


@strawberry.input(description="How the effects of a finding are kept in check.")
class FindingContainInput:
    """How the effects are kept in check."""

    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    containment_text: str | None = given(
        "What keeps its effects in check; leave out what is told already.",
        most=PROSE,
        default=None,
    )
    no_containment_reason: str | None = given(
        "Why nothing has to, instead.", most=PROSE, default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Why something came to be, before action is taken.")
class FindingActInput:
    """Why it came to be."""

    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    root_cause: str | None = given(
        "Why it came to be; leave out what is told already.", most=PROSE, default=None
    )
    cause_category_id: strawberry.ID | None = given(
        "What sort of cause it is; likewise.", id_of="cau", default=None
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="What a finding is closed with.")
class FindingCloseInput:
    """What a finding is closed with."""

    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    comment: str | None = given(
        "How it was verified; how it is answered, which is needed straight from OPEN.",
        most=2000,
        default=None,
    )
    signature: SignatureInput | None = signature_field(default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="A concession: a finding is left as it is for some time.")
class FindingAcceptInput:
    """A concession."""

    reason: str = given("Why, for the trail; 1 to 2000 characters.", most=2000)
    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    accepted_until: date = given("Last day of the concession, a day to come.")
    signature: SignatureInput = signature_field()
    idempotency_key: str | None = key_field()


@strawberry.input(description="Another grade for a finding.")
class FindingRegradeInput:
    """Another grade."""

    reason: str = given("Why, for the trail; 1 to 2000 characters.", most=2000)
    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    grade: FindingGrade = given("How much it weighs; the reference stays.")
    idempotency_key: str | None = key_field()
