"""What the mutations of the register take."""

from datetime import date

import strawberry

from qgp.findings.terms import FindingGrade
from qgp.kit.gql import given, key_field, version_field


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


@strawberry.input(description="Another grade for a finding.")
class FindingRegradeInput:
    """Another grade."""

    reason: str = given("Why, for the trail; 1 to 2000 characters.", most=2000)
    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    grade: FindingGrade = given("How much it weighs; the reference stays.")
    idempotency_key: str | None = key_field()
