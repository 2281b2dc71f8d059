"""What people of the demo do: each act is the command behind the mutation of its name."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qgp.accounts.commands import invitations
from qgp.actions import policy as action
from qgp.actions import service
from qgp.actions import service as actions
from qgp.actions.workflow import ACTION
from qgp.attachments import policy as attachment
from qgp.attachments.commands import attachments
from qgp.audits import policy as audit
from qgp.audits.commands import audits, members, responses, samples
from qgp.audits.workflow import AUDIT
from qgp.capas import policy as capa
from qgp.capas.commands import analyses, capas
from qgp.capas.workflow import ANALYSIS, CAPA
from qgp.comments import policy as comment
from qgp.comments import service as comments
from qgp.evidence import policy as proof
from qgp.evidence import service as evidence
from qgp.evidence.workflow import LINK
from qgp.findings import policy as finding
from qgp.findings.commands import findings
from qgp.findings.model import CauseCategory
from qgp.findings.workflow import FINDING
from qgp.kit import editing
from qgp.kit.policy import Permission
from qgp.kit.workflow import Take
from qgp.processes import policy as process
from qgp.processes.model import Process
from qgp.programmes import policy as programme
from qgp.programmes.commands import audit_assignment, items, programmes
from qgp.programmes.workflow import PROGRAMME
from qgp.standards import policy as standard
from qgp.standards.commands import standards
from qgp.standards.workflow import MAPPING, STANDARD
from qgp.templates import policy as template
from qgp.templates.commands import questions, sections, templates
from qgp.templates.model import AuditTemplate
from qgp.templates.workflow import VERSION
from qgp.users import policy as user
from qgp.users.workflow import USER


@dataclass(frozen=True)
class Act:
    """A command and the right to it."""

    run: Callable[..., Awaitable[Any]]
    permission: Permission


WORKFLOWS = (
    USER,
    STANDARD,
    MAPPING,
    VERSION,
    PROGRAMME,
    AUDIT,
    FINDING,
    CAPA,
    ANALYSIS,
    ACTION,
    LINK,
)


def _steps() -> Mapping[str, Act]:
    """Return an act for each step of each workflow."""
    return {
        step.name: Act(Take(workflow, step.name), step.permission)
        for workflow in WORKFLOWS
        for step in workflow.transitions.values()
        if step.has_mutation
    }


ACTS: Mapping[str, Act] = {
    **_steps(),
    "userInvite": Act(invitations.invite, user.MANAGE),
    "standardAdopt": Act(standards.adopt, standard.MANAGE),
    "standardCreate": Act(standards.create, standard.MANAGE),
    "clauseAssess": Act(standards.assess, standard.ASSESS),
    "processCreate": Act(editing.create(Process), process.MANAGE),
    "causeCategoryCreate": Act(editing.create(CauseCategory), finding.MANAGE_CAUSES),
    "auditTemplateCreate": Act(editing.create(AuditTemplate), template.WRITE),
    "templateVersionDraft": Act(templates.draft, template.WRITE),
    "templateVersionUpdate": Act(templates.change_version, template.WRITE),
    "sectionCreate": Act(sections.create, template.WRITE),
    "questionCreate": Act(questions.create, template.WRITE),
    "auditProgrammeCreate": Act(programmes.create, programme.CREATE),
    "programmeItemCreate": Act(items.add, programme.UPDATE),
    "programmeItemDrop": Act(items.drop, programme.UPDATE),
    "programmeItemLinkAudit": Act(audit_assignment.link_audit, programme.PLAN),
    "auditCreate": Act(audits.create, audit.CREATE),
    "auditUpdate": Act(audits.change, audit.UPDATE),
    "auditTeamMemberAdd": Act(members.add, audit.UPDATE),
    "auditResponsesRecord": Act(responses.record, audit.RECORD_RESPONSES),
    "auditResponseJustifyNoFinding": Act(responses.justify_no_finding, audit.RECORD_RESPONSES),
    "sampleSetCreate": Act(samples.create, audit.RECORD_RESPONSES),
    "sampleItemRecord": Act(samples.record, audit.RECORD_RESPONSES),
    "findingCreate": Act(findings.create, finding.CREATE),
    "findingUpdate": Act(findings.change, finding.UPDATE),
    "capaCreate": Act(capas.create, capa.CREATE),
    "capaUpdate": Act(capas.change, capa.UPDATE),
    "rootCauseAnalysisCreate": Act(analyses.create, capa.UPDATE),
    "causeNodeCreate": Act(analyses.add_node, capa.UPDATE),
    "actionCreate": Act(actions.create, action.CREATE),
    "actionReportProgress": Act(actions.report_progress, action.WORK),
    "actionReassign": Act(actions.reassign, action.MANAGE),
    "actionReschedule": Act(actions.reschedule, action.MANAGE),
    "actionDependencyAdd": Act(service.add_dependency, action.MANAGE),
    "evidenceItemCreate": Act(evidence.create, proof.CREATE),
    "evidenceItemWithdraw": Act(evidence.withdraw, proof.WITHDRAW),
    "evidenceLinkCreate": Act(evidence.propose_link, proof.PROPOSE),
    "commentCreate": Act(comments.create, comment.CREATE),
    "fileUploadCreate": Act(attachments.create_upload, attachment.CREATE),
}
