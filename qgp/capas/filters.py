"""How CAPAs, their rounds and analyses are filtered and ordered."""

from qgp.capas import model
from qgp.capas.enums import (
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.capas.policy import READ_ANALYSES, READ_SOURCES
from qgp.findings.filters import CauseCategoryFilter, FindingFilter
from qgp.findings.policy import READ as READ_FINDINGS
from qgp.findings.policy import READ_CAUSES
from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.organizations.policy import READ as READ_PLACES
from qgp.organizations.types import DepartmentFilter, SiteFilter
from qgp.processes.filters import ProcessFilter
from qgp.processes.policy import READ as READ_PROCESSES
from qgp.users.policy import READ as READ_USERS
from qgp.users.types import UserFilter


@filters(model.CapaFinding)
class CapaFindingFilter:
    """Conditions on a finding as the source of a CAPA."""

    id: IDFilter | None = where("The link.")
    capa_id: IDFilter | None = where("The CAPA.")
    finding_id: IDFilter | None = where("The finding.")
    finding: FindingFilter | None = related("finding_id", READ_FINDINGS, "The finding.")


@filters(model.CapaRound)
class CapaRoundFilter:
    """Conditions on a round of a CAPA that ended."""

    id: IDFilter | None = where("The round.")
    capa_id: IDFilter | None = where("The CAPA.")
    number: IntFilter | None = where("Its number, from 1.")
    result: EnumFilter[CapaResult] | None = where("How effective it was.")
    implemented_on: DateFilter | None = where("When its actions were done.")
    ended_on: DateFilter | None = where("When it ended.")
    verified_by_id: IDFilter | None = where("Who saw that its actions were done.")


@filters(model.RootCauseAnalysis)
class RootCauseAnalysisFilter:
    """Conditions on a root cause analysis."""

    id: IDFilter | None = where("The analysis.")
    capa_id: IDFilter | None = where("The CAPA.")
    method: EnumFilter[AnalysisMethod] | None = where("How it is made.")
    confidence: EnumFilter[AnalysisConfidence] | None = where("How sure it is.")
    status: EnumFilter[AnalysisStatus] | None = where("Whether it is finished.")
    round: IntFilter | None = where("The round of the CAPA that it was made in.")
    completed_on: DateFilter | None = where("When it was completed.")


@filters(model.CauseNode)
class CauseNodeFilter:
    """Conditions on a cause in the tree of an analysis."""

    id: IDFilter | None = where("The cause.")
    analysis_id: IDFilter | None = where("The analysis.")
    analysis: RootCauseAnalysisFilter | None = related(
        "analysis_id", READ_ANALYSES, "The analysis."
    )
    parent_id: IDFilter | None = where("The cause above; `isNull: true` finds the topmost.")
    kind: EnumFilter[CauseNodeKind] | None = where("What it stands for.")
    category: EnumFilter[CauseNodeCategory] | None = where("Where it lies.")
    text: StringFilter | None = where("What it says.")
    is_root: BooleanFilter | None = where("Whether it is a root cause.")


@filters(model.Capa)
class CapaFilter:
    """Conditions on a CAPA."""

    id: IDFilter | None = where("The CAPA.")
    reference: StringFilter | None = where(
        'Its reference; `startsWith: "SCAR-"` finds those asked of suppliers.'
    )
    kind: EnumFilter[CapaKind] | None = where("What it is for.")
    priority: EnumFilter[CapaPriority] | None = where("How much is at stake.")
    status: EnumFilter[CapaStatus] | None = where("Where it stands.")
    title: StringFilter | None = where("Its title.")
    problem_statement: StringFilter | None = where("What the problem is.")
    root_cause_summary: StringFilter | None = where("Why it came to be.")
    source_justification: StringFilter | None = where("Why it is needed without a finding.")
    supplier_name: StringFilter | None = where("The supplier it was asked of.")
    due_on: DateFilter | None = where(
        "When it is due; `lt` today, with the states that are not ended, is overdue."
    )
    original_due_on: DateFilter | None = where("When it was first due.")
    extension_count: IntFilter | None = where("How often the due day was put off.")
    is_risk_review_required: BooleanFilter | None = where("Whether risks are to be reviewed.")
    is_document_change_required: BooleanFilter | None = where("Whether documents are to change.")
    is_training_required: BooleanFilter | None = where("Whether people are to be trained.")
    effectiveness_metric: EnumFilter[EffectivenessMetric] | None = where("What it is judged by.")
    effectiveness_due_on: DateFilter | None = where(
        "When its effectiveness can be judged; `lte` today, in EFFECTIVENESS, finds what waits."
    )
    result: EnumFilter[CapaResult] | None = where("How effective it was when last judged.")
    round: IntFilter | None = where("Its round; `gt: 1` finds what did not work at once.")
    implemented_on: DateFilter | None = where("When its actions were done.")
    closed_on: DateFilter | None = where("When it was closed.")
    owner_id: IDFilter | None = where("Who answers for it.")
    owner: UserFilter | None = related("owner_id", READ_USERS, "Who answers for it.")
    sponsor_id: IDFilter | None = where("Who provides what it needs.")
    verified_by_id: IDFilter | None = where("Who verified it.")
    site_id: IDFilter | None = where("The site.")
    site: SiteFilter | None = related("site_id", READ_PLACES, "The site.")
    department_id: IDFilter | None = where("The department.")
    department: DepartmentFilter | None = related("department_id", READ_PLACES, "The department.")
    process_id: IDFilter | None = where("The process.")
    process: ProcessFilter | None = related("process_id", READ_PROCESSES, "The process.")
    cause_category_id: IDFilter | None = where("What sort of cause it has.")
    cause_category: CauseCategoryFilter | None = related(
        "cause_category_id", READ_CAUSES, "What sort of cause it has."
    )
    sources: CapaFindingFilter | None = some(
        "capa_id", READ_SOURCES, "At least one finding behind it fits."
    )
    analyses: RootCauseAnalysisFilter | None = some(
        "capa_id", READ_ANALYSES, "At least one of its root cause analyses fits."
    )


CapaOrder = ordering(
    "Capa",
    reference="reference",
    title="title",
    status="status",
    due_on="due_on",
    original_due_on="original_due_on",
    effectiveness_due_on="effectiveness_due_on",
    closed_on="closed_on",
    round="round",
)
CapaFindingOrder = ordering("CapaFinding")
CapaRoundOrder = ordering("CapaRound", number="number", ended_on="ended_on")
RootCauseAnalysisOrder = ordering("RootCauseAnalysis", completed_on="completed_on", round="round")
CauseNodeOrder = ordering("CauseNode", position="position", text="text")
