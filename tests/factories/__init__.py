"""One way to make each record: a row with valid facts, in a state, not yet written.

What a test passes by name replaces the default. Companies and their people are made by
`tests.company.Hiring`.
"""

from tests.factories.actions import action
from tests.factories.audits import audit, audit_response, sample_item, sample_set
from tests.factories.capas import capa, cause_node, root_cause_analysis
from tests.factories.evidence import evidence_item, evidence_link
from tests.factories.findings import cause_category, finding
from tests.factories.organizations import department, site
from tests.factories.processes import process
from tests.factories.programmes import audit_programme, programme_item
from tests.factories.standards import (
    clause,
    clause_assessment,
    clause_below,
    standard,
)
from tests.factories.templates import (
    audit_template,
    question,
    question_option,
    section,
    template_version,
)

__all__ = [
    "action",
    "audit",
    "audit_programme",
    "audit_response",
    "audit_template",
    "capa",
    "cause_category",
    "cause_node",
    "clause",
    "clause_assessment",
    "clause_below",
    "department",
    "evidence_item",
    "evidence_link",
    "finding",
    "process",
    "programme_item",
    "question",
    "question_option",
    "root_cause_analysis",
    "sample_item",
    "sample_set",
    "section",
    "site",
    "standard",
    "template_version",
]
