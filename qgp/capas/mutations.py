"""Writing CAPAs down, leading them to their end, and looking for causes."""

from qgp.capas import analyses, policy, service, workflow
from qgp.capas.inputs import (
    CapaCreateFields,
    CapaLinkFindingInput,
    CapaUnlinkFindingInput,
    CapaUpdateFields,
)
from qgp.capas.loaders import analysis_by_id, capa_by_id, cause_node_by_id
from qgp.capas.types import Capa, CauseNode, RootCauseAnalysis
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import Beside, command, create, mutations_of, step, update

capa_create = create(
    Capa,
    policy.CREATE,
    service.create,
    returns=capa_by_id,
    description="Write a CAPA down, as a draft.",
    more=CapaCreateFields,
)
capa_update = update(
    Capa,
    policy.UPDATE,
    service.change,
    returns=capa_by_id,
    description="Change a CAPA that is not CLOSED or CANCELLED, as far as its state allows.",
    more=CapaUpdateFields,
)
capa_link_finding = command(
    service.link_finding,
    takes=CapaLinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is behind a CAPA.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_unlink_finding = command(
    service.unlink_finding,
    takes=CapaUnlinkFindingInput,
    may=policy.UPDATE,
    returns=capa_by_id,
    description="Say that a finding is not behind a CAPA after all.",
    beside={"finding": Beside(finding_by_id, "finding_id", "The finding; null on refusal.")},
)
capa_transitions = mutations_of(workflow.CAPA, capa_by_id)
root_cause_analysis_create = create(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.create,
    returns=analysis_by_id,
    description="Begin a search for the root causes behind a CAPA.",
)
root_cause_analysis_update = update(
    RootCauseAnalysis,
    policy.UPDATE,
    analyses.change,
    returns=analysis_by_id,
    description="Change how an analysis is made, while it is a draft.",
)
root_cause_analysis_transitions = mutations_of(workflow.ANALYSIS, analysis_by_id)
cause_node_create = create(
    CauseNode,
    policy.UPDATE,
    analyses.add_node,
    returns=cause_node_by_id,
    description="Add a cause to the tree of a draft.",
)
cause_node_update = update(
    CauseNode,
    policy.UPDATE,
    analyses.change_node,
    returns=cause_node_by_id,
    description="Change a cause of a draft, or move it with what lies below.",
)
cause_node_delete = command(
    analyses.delete_node,
    takes=step("cno"),
    may=policy.UPDATE,
    returns=cause_node_by_id,
    description="Take a cause out of the tree of a draft; nothing may lie below it.",
    deletes=True,
)
