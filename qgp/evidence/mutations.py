"""Collecting evidence, and deciding what it says about clauses."""

import strawberry

from qgp.evidence import model, policy, service, workflow
from qgp.evidence.loaders import evidence_item_by_id
from qgp.evidence.types import EvidenceItem, EvidenceLink
from qgp.kit.gql import REASON, command, command_input, create, input_field, mutations_of, update


class EvidenceItemCreateFields:
    """Fields of a new record beside those of its type."""

    subject_id: strawberry.ID = input_field(
        "The record it is about: anything that has `evidence`.", about=model.EvidenceItem
    )
    record_id: strawberry.ID | None = input_field(
        "The record that it consists of, of a RECORD; another than the subject.",
        about=model.EvidenceItem,
        default=None,
    )


evidence_item_create = create(
    EvidenceItem,
    policy.CREATE,
    service.create,
    description="Collect evidence about a record that you see.",
    more=EvidenceItemCreateFields,
)
evidence_item_update = update(
    EvidenceItem,
    policy.UPDATE,
    service.update,
    description="Describe evidence better that you collected, or any if you run quality.",
)
evidence_item_withdraw = command(
    service.withdraw,
    input=command_input(REASON),
    permission=policy.WITHDRAW,
    result=evidence_item_by_id,
    description="Let evidence count no more; it stays, with the reason for all who see it. The "
    "last that proves a closed finding or CAPA cannot be withdrawn.",
)
evidence_link_create = create(
    EvidenceLink,
    policy.PROPOSE,
    service.propose_link,
    description="Say that evidence speaks for or against a clause; somebody else confirms it.",
)
evidence_link_transitions = mutations_of(workflow.LINK)
