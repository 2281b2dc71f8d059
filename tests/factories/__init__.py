"""One way to make each record: a row with valid facts, in a state, not yet written.

What a test passes by name replaces the default. Companies and their people are made by
`tests.company.Hiring`.
"""

from tests.factories.actions import action, action_dependency, due_date_change
from tests.factories.attachments import attachment
from tests.factories.audits import (
    audit,
    audit_auditee,
    audit_clause,
    audit_response,
    audit_standard,
    audit_team_member,
    sample_item,
    sample_set,
)
from tests.factories.capas import capa, capa_finding, capa_round, cause_node, root_cause_analysis
from tests.factories.comments import comment, comment_mention
from tests.factories.delegations import delegation
from tests.factories.evidence import evidence_item, evidence_link
from tests.factories.findings import cause_category, finding, finding_clause
from tests.factories.notifications import notification
from tests.factories.organizations import department, site
from tests.factories.processes import process
from tests.factories.programmes import audit_programme, audit_programme_standard, programme_item
from tests.factories.reminders import reminder_rule
from tests.factories.standards import (
    clause,
    clause_assessment,
    clause_below,
    clause_mapping,
    standard,
    standard_import,
)
from tests.factories.templates import (
    audit_template,
    question,
    question_clause,
    question_option,
    section,
    template_version,
)
from tests.factories.watches import watch
from tests.factories.webhooks import webhook_delivery, webhook_endpoint

__all__ = [
    "action",
    "action_dependency",
    "attachment",
    "audit",
    "audit_auditee",
    "audit_clause",
    "audit_programme",
    "audit_programme_standard",
    "audit_response",
    "audit_standard",
    "audit_team_member",
    "audit_template",
    "capa",
    "capa_finding",
    "capa_round",
    "cause_category",
    "cause_node",
    "clause",
    "clause_assessment",
    "clause_below",
    "clause_mapping",
    "comment",
    "comment_mention",
    "delegation",
    "department",
    "due_date_change",
    "evidence_item",
    "evidence_link",
    "finding",
    "finding_clause",
    "notification",
    "process",
    "programme_item",
    "question",
    "question_clause",
    "question_option",
    "reminder_rule",
    "root_cause_analysis",
    "sample_item",
    "sample_set",
    "section",
    "site",
    "standard",
    "standard_import",
    "template_version",
    "watch",
    "webhook_delivery",
    "webhook_endpoint",
]
