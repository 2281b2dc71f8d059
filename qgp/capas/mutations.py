"""Writing CAPAs down, leading them to their end, and looking for causes."""

import strawberry

from qgp.capas import policy, workflow
from qgp.capas.commands import analyses, capas
from qgp.capas.loaders import capa_by_id, cause_node_by_id
from qgp.capas.types import Capa, CauseNode, RootCauseAnalysis
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import (
    Input,
    Offer,
    command,
    command_input,
    create,
    input_field,
    mutations_of,
    update,
)


class CapaCreateFields:
    """Fields of a new record beside those of its type."""

    finding_ids: list[strawberry.ID] = input_field(
        "The findings behind it; at most 50.", id_of="fnd", default_factory=list
    )


class CapaUpdateFields:
    """Fields of a change beside those of the type."""

    reason: str | None = input_field("Why, for the trail.", most=2000, default=None)


_FINDING = command_input(Input("finding_id", "Source finding of the CAPA.", id_of="fnd"))
_OTHER = {
    "finding": Offer("The finding; null on refusal.", record=finding_by_id, names="finding_id")
}

capa_create = create(
    Capa,
    policy.CREATE,
    capas.create,
    description="Write a CAPA down, as a draft.",
    more=CapaCreateFields,
)
capa_update = update(
    Capa,
    policy.UPDATE,
    capas.change,
    description="Change a CAPA that is not CLOSED or CANCELLED, as far as its state allows.",
    more=CapaUpdateFields,
)
capa_link_finding = command(
    capas.link_finding,
    input=_FINDING,
    permission=policy.UPDATE,
    result=capa_by_id,
    description="Say that a finding is behind a CAPA.",
    offers=_OTHER,
)
capa_unlink_finding = command(
    capas.unlink_finding,
    input=_FINDING,
    permission=policy.UPDATE,
    result=capa_by_id,
    description="Say that a finding is not behind a CAPA after all.",
    offers=_OTHER,
)
capa_transitions = mutations_of(workflow.CAPA)
root_cause_analysis_create = create(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.create,
    description="Begin a search for the root causes behind a CAPA.",
)
root_cause_analysis_update = update(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.change,
    description="Change how an analysis is made, while it is a draft.",
)
root_cause_analysis_transitions = mutations_of(workflow.ANALYSIS)
cause_node_create = create(
    CauseNode, policy.UPDATE, analyses.add_node, description="Add a cause to the tree of a draft."
)
cause_node_update = update(
    CauseNode,
    policy.UPDATE,
    analyses.change_node,
    description="Change a cause of a draft, or move it with what lies below.",
)
cause_node_delete = command(
    analyses.delete_node,
    permission=policy.UPDATE,
    result=cause_node_by_id,
    description="Take a cause out of the tree of a draft; nothing may lie below it.",
    deletes=True,
)
