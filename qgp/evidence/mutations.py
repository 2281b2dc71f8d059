"""Collecting evidence, and deciding what it says about clauses."""

from qgp.evidence import links, policy, service, workflow
from qgp.evidence.inputs import (
    EvidenceItemCreateFields,
    EvidenceItemWithdrawInput,
)
from qgp.evidence.loaders import evidence_item_by_id, evidence_link_by_id
from qgp.evidence.types import EvidenceItem, EvidenceLink
from qgp.kit.gql import command, create, mutations_of, update

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
    links.create,
    returns=evidence_link_by_id,
    description="Say that evidence speaks for or against a clause; somebody else confirms it.",
)
evidence_link_transitions = mutations_of(workflow.LINK, evidence_link_by_id)
