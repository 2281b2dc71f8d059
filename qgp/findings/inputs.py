"""What the mutations of the register take."""

from datetime import date

import strawberry

from qgp.findings.enums import FindingDisposition, FindingGrade, FindingSource
from qgp.kit.gql import PROSE, SignatureInput, given, key_field, signature_field, version_field

CODE = (r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, dots, dashes, no spaces")


@strawberry.input(description="Something found, to be written down as a draft.")
class FindingCreateInput:
    """Something found."""

    grade: FindingGrade = given("How much it weighs; the reference is made from it.")
    source_type: FindingSource = given("What brought it to light; employees report as SELF_REPORT.")
    title: str = given("What it is about, 1 to 200 characters.")
    statement: str | None = given("What the matter is.", most=PROSE, default=None)
    evidence_text: str | None = given("What was seen that shows it.", most=PROSE, default=None)
    requirement_text: str | None = given(
        "What should have been, in your own words.", most=PROSE, default=None
    )
    severity: int | None = given("1 (negligible) to 5 (catastrophic).", default=None)
    detected_on: date | None = given("Today if left out; no day to come.", default=None)
    detected_by_id: strawberry.ID | None = given("You, if left out.", id_of="usr", default=None)
    owner_id: strawberry.ID | None = given("Who answers for it.", id_of="usr", default=None)
    site_id: strawberry.ID | None = given(
        "Where it was found; else the site of the audit.", id_of="sit", default=None
    )
    department_id: strawberry.ID | None = given(
        "The department it was found in; else the one of the audit.", id_of="dep", default=None
    )
    process_id: strawberry.ID | None = given(
        "The process it was found in; else the one of the audit.", id_of="prc", default=None
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
    disposition: FindingDisposition | None = given(
        "What becomes of the output at fault.", default=None
    )
    cause_category_id: strawberry.ID | None = given(
        "What sort of cause it has, if known.", id_of="cau", default=None
    )
    root_cause: str | None = given("Why it came to be, if known.", most=PROSE, default=None)
    is_systemic: bool = given("Whether the system itself is at fault.", default=False)
    repeat_of_id: strawberry.ID | None = given(
        "The finding that it repeats.", id_of="fnd", default=None
    )
    audit_id: strawberry.ID | None = given(
        "The audit that brought it to light, from its start to its review.",
        id_of="aud",
        default=None,
    )
    response_id: strawberry.ID | None = given(
        "The answer of the audit that it is about; the audit is known by it.",
        id_of="rsp",
        default=None,
    )
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a finding; what you leave out stays, null clears.")
class FindingUpdateInput:
    """Changes to a finding."""

    id: strawberry.ID = given("The finding.", id_of="fnd")
    expected_version: int = version_field()
    source_type: strawberry.Maybe[FindingSource] = given("What brought it to light.")
    title: strawberry.Maybe[str] = given("What it is about.")
    statement: strawberry.Maybe[str | None] = given("What the matter is.", most=PROSE)
    evidence_text: strawberry.Maybe[str | None] = given("What was seen.", most=PROSE)
    requirement_text: strawberry.Maybe[str | None] = given(
        "What should have been, in your own words.", most=PROSE
    )
    severity: strawberry.Maybe[int | None] = given("1 (negligible) to 5 (catastrophic).")
    detected_on: strawberry.Maybe[date] = given("When it was detected; no day to come.")
    detected_by_id: strawberry.Maybe[strawberry.ID | None] = given("Who detected it.", id_of="usr")
    owner_id: strawberry.Maybe[strawberry.ID | None] = given("Who answers for it.", id_of="usr")
    site_id: strawberry.Maybe[strawberry.ID | None] = given("Where it was found.", id_of="sit")
    department_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The department it was found in.", id_of="dep"
    )
    process_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The process it was found in.", id_of="prc"
    )
    primary_clause_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The clause that it counts for; takes the place of the former one.", id_of="cls"
    )
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = given(
        "All further clauses, without the primary one; at most 49.", id_of="cls"
    )
    containment_text: strawberry.Maybe[str | None] = given(
        "What keeps its effects in check.", most=PROSE
    )
    no_containment_reason: strawberry.Maybe[str | None] = given(
        "Why nothing has to; only one of the two can be there.", most=PROSE
    )
    disposition: strawberry.Maybe[FindingDisposition | None] = given(
        "What becomes of the output at fault."
    )
    cause_category_id: strawberry.Maybe[strawberry.ID | None] = given(
        "What sort of cause it has.", id_of="cau"
    )
    root_cause: strawberry.Maybe[str | None] = given("Why it came to be.", most=PROSE)
    is_systemic: strawberry.Maybe[bool] = given("Whether the system itself is at fault.")
    repeat_of_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The finding that it repeats.", id_of="fnd"
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


@strawberry.input(description="A category of causes.")
class CauseCategoryCreateInput:
    """A category of causes."""

    code: str = given("Short unique code, up to 40 characters.", most=40, shape=CODE)
    name: str = given("Its name, 1 to 200 characters.")
    parent_id: strawberry.ID | None = given("The wider category.", id_of="cau", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a category; what you leave out stays, null clears.")
class CauseCategoryUpdateInput:
    """Changes to a category."""

    id: strawberry.ID = given("The category.", id_of="cau")
    expected_version: int = version_field()
    code: strawberry.Maybe[str] = given("Short unique code.", most=40, shape=CODE)
    name: strawberry.Maybe[str] = given("Its name.")
    parent_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The wider category; it cannot lie below this one.", id_of="cau"
    )
