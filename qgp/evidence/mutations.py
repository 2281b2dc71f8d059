"""Collecting evidence, and deciding what it says about clauses."""

import strawberry

from qgp.evidence import model, policy, service, workflow
from qgp.evidence.loaders import evidence_item_by_id, evidence_link_by_id
from qgp.evidence.types import EvidenceItem, EvidenceLink
from qgp.kit.gql import command, create, given, key_field, mutations_of, update, version_field


class EvidenceItemCreateFields:
    """Fields of a new record beside those of its type."""

    subject_id: strawberry.ID = given(
        "The record it is about: anything that has `evidence`.", about=model.EvidenceItem
    )
    record_id: strawberry.ID | None = given(
        "The record that it consists of, of a RECORD; another than the subject.",
        about=model.EvidenceItem,
        default=None,
    )


@strawberry.input(description="Evidence that is to count no more.")
class EvidenceItemWithdrawInput:
    """Evidence that is to count no more."""

    id: strawberry.ID = given("The evidence.", id_of="evd")
    expected_version: int = version_field()
    reason: str = given("Why it counts no more; everybody who sees it reads this.", most=2000)
    idempotency_key: str | None = key_field()


evidence_item_create = create(
    EvidenceItem,
    policy.CREATE,
    service.create,
    returns=evidence_item_by_id,
    description="Collect evidence about a record that you see.",
    more=EvidenceItemCreateFields,
)
evidence_item_update = update(
    EvidenceItem,
    policy.UPDATE,
    service.update,
    returns=evidence_item_by_id,
    description="Describe evidence better that you collected, or any if you run quality.",
)
evidence_item_withdraw = command(
    service.withdraw,
    takes=EvidenceItemWithdrawInput,
    may=policy.WITHDRAW,
    returns=evidence_item_by_id,
    description="Let evidence count no more; it stays, with the reason. The last that proves a "
    "closed finding or CAPA cannot be withdrawn.",
)
evidence_link_create = create(
    EvidenceLink,
    policy.PROPOSE,
    service.propose_link,
    returns=evidence_link_by_id,
    description="Say that evidence speaks for or against a clause; somebody else confirms it.",
)
evidence_link_transitions = mutations_of(workflow.LINK, evidence_link_by_id)
