"""Former names in sealed content: the audit trail and signatures keep them, the API translates.

A former name is never given to anything else; a test holds that.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

FORMER_ACTIONS: Mapping[str, str] = {  # mutations: the former name and the present one
    "actionReport": "actionReportProgress",
    "auditProgrammeReturn": "auditProgrammeWithdrawApproval",
    "auditReport": "auditIssueReport",
    "auditRespond": "auditResponsesRecord",
    "auditResponseExplain": "auditResponseJustifyNoFinding",
    "auditTeamMemberOverride": "auditTeamMemberOverrideConflict",
    "capaAnalyze": "capaStartAnalysis",
    "capaCheckEffectiveness": "capaConfirmImplementation",
    "capaFail": "capaRecordIneffective",
    "capaImplement": "capaReleasePlan",
    "capaPlan": "capaStartPlanning",
    "capaVerify": "capaSubmitForVerification",
    "findingAccept": "findingGrantConcession",
    "findingAct": "findingStartCorrectiveAction",
    "findingAnalyze": "findingStartAnalysis",
    "findingContain": "findingRecordContainment",
    "findingReject": "findingRejectCorrectiveAction",
    "findingRevoke": "findingRevokeConcession",
    "findingVerify": "findingSubmitForVerification",
}


def present_action(row: Any) -> str:
    """Return the present name of the mutation in a row's column `action`."""
    return FORMER_ACTIONS.get(row.action, row.action)


def present_action_sql(row: Any) -> sa.ColumnElement[str]:
    """Return SQL for the same; `row` is the mapped class or an alias of it."""
    present = sa.case(dict(FORMER_ACTIONS), value=row.action, else_=row.action)
    return sa.type_coerce(present, sa.Text)
