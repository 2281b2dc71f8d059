"""What an audit's team writes down: answers and samples."""

from datetime import datetime
from decimal import Decimal

from qgp.audits import model
from qgp.audits.loaders import audit_by_id, sample_items, sample_set_by_id
from qgp.audits.model.terms import SampleMethod, SampleResult
from qgp.audits.refs import AuditRef, SampleItemRef, SampleSetRef
from qgp.audits.types.values import AnswerValue, value_of
from qgp.kit.gql import (
    CREATE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    UPDATE,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    listing,
    record,
)
from qgp.templates.loaders import question_by_id
from qgp.templates.refs import QuestionRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.AuditResponse)
class AuditResponse(Authored, Recorded, Node):
    """The answer to a question, in one run of its section."""

    repeat_index: int = column("The run of its section, from 0.", LISTED)
    value: AnswerValue | None = computed(value_of, "What was answered; null if `isNa`.")
    is_na: bool = column("Whether it says that the question does not apply.", FILTER)
    na_reason: str | None = column("Why the question does not apply.")
    comment: str | None = column("What was seen.")
    score: Decimal | None = column("Its points; null where the question is not scored, or N/A.")
    max_score: Decimal | None = column("Points of the best answer; null likewise.")
    is_failed: bool = column(
        "Whether it fails its question; counts while the question shows.", FILTER
    )
    no_finding_reason: str | None = column("Why a failing answer needs no finding.")
    client_id: str = column("The device that wrote what stands.")
    client_sequence: int = column("That device's count of what it wrote.")
    answered_at: datetime = column("When it was answered, by the device's clock.", LISTED)
    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", FILTER)
    question: QuestionRef | None = belongs_to(question_by_id, "What was asked.", LISTED)
    answered_by: UserRef | None = belongs_to(user_by_id, "Who answered.", FILTER)


@record(model.SampleItem)
class SampleItem(Authored, Recorded, Node):
    """One item of a sample."""

    position: int = column("Its place in the sample, from 1.", SORT)
    number: int | None = column(
        "Which item of the population it is, from 1; null if not drawn.", LISTED
    )
    reference: str | None = column("What the item is called where it comes from.", UPDATE | FILTER)
    result: SampleResult | None = column(
        "What was seen; null until it was looked at.", UPDATE | LISTED
    )
    evidence: str | None = column("What shows it.", UPDATE, max_length=PROSE)
    sample_set: SampleSetRef | None = belongs_to(sample_set_by_id, "The sample.", FILTER)


@record(model.SampleSet)
class SampleSet(Authored, Recorded, Node):
    """What was looked at of something too large to be looked at as a whole."""

    population_description: str = column("What it is chosen from.", CREATE, max_length=2000)
    population_size: int = column(
        "How many there are to choose from.", CREATE | SORT, note="1 to 1,000,000,000."
    )
    method: SampleMethod = column("How it is chosen.", CREATE | FILTER)
    seed: str | None = column(
        "What a RANDOM sample is drawn from, null for others. For k = 1, 2, 3, … the SHA-256 of "
        "the text `<seed>:<k>` is taken as one number; its remainder by populationSize, plus 1, "
        "is drawn unless it was before, until there are `size` numbers, which are put in order.",
        CREATE,
        note="The server chooses one if you leave it out.",
    )
    size: int = column(
        "How many items it has, 1 to 200.", CREATE | LISTED, note="At most `populationSize`."
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id,
        "The audit.",
        CREATE | FILTER,
        note="It is IN_PROGRESS, and you are on its team.",
    )
    items: Connection[SampleItemRef] = listing(
        sample_items,
        "Its items, by position.",
        order=("position",),
        parent=model.SampleItem.sample_set_id,
    )
