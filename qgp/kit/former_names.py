"""Former names of mutations, columns and values: stored entries keep them, readers see new ones.

Entries of the audit trail are translated when they are shown. Digests of signed content are
computed over the former names, so that signatures of any age verify alike. A former name
is never reused; a test proves that for mutations.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

Names = Mapping[str, str]  # the former name and the present one
FORMER_ACTIONS: Names = {  # of mutations
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
FORMER_COLUMNS: Mapping[str, Names] = {  # by table
    "attachments": {"bytes": "size_bytes", "mime": "content_type", "state": "status"},
}
FORMER_VERDICTS: Names = {"C": "CONFORM", "OBS": "OBSERVATION", "MIN": "MINOR", "MAJ": "MAJOR"}
_THEMES: Names = {
    "COMPLIANCE_EVAL": "COMPLIANCE_EVALUATION",
    "DOC_INFO": "DOCUMENTED_INFORMATION",
    "MGMT_REVIEW": "MANAGEMENT_REVIEW",
    "NC_CA": "NONCONFORMITY_CORRECTIVE_ACTION",
    "RISK_OPP": "RISKS_AND_OPPORTUNITIES",
}


@dataclass(frozen=True)
class FormerValues:
    """Former values of a column and the present ones.

    Attributes:
        names: the former value and the present one.
        key: of the JSON object that holds the value; None where the column does.
    """

    names: Names
    key: str | None = None

    def present(self, value: Any) -> Any:
        """Return a value as it is called now."""
        return self._renamed(value, self.names)

    def former(self, value: Any) -> Any:
        """Return a value as it was called first."""
        return self._renamed(value, {now: before for before, now in self.names.items()})

    def _renamed(self, value: Any, names: Names) -> Any:
        if self.key is None:
            return names.get(value, value)
        if value is None or self.key not in value:
            return value
        return {**value, self.key: names.get(value[self.key], value[self.key])}


FORMER_VALUES: Mapping[str, Mapping[str, FormerValues]] = {  # by table and present column
    "audit_responses": {"value": FormerValues(FORMER_VERDICTS, key="verdict")},
    "clauses": {"theme": FormerValues(_THEMES)},
    "findings": {"disposition": FormerValues({"NA": "NOT_APPLICABLE"})},
}


def present_action(row: Any) -> str:
    """Return the present name of the mutation in a row's column `action`."""
    return FORMER_ACTIONS.get(row.action, row.action)


def present_action_sql(row: Any) -> sa.ColumnElement[str]:
    """Return SQL for the same; `row` is the mapped class or an alias of it."""
    present = sa.case(dict(FORMER_ACTIONS), value=row.action, else_=row.action)
    return sa.type_coerce(present, sa.Text)


def present_changes(table: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes of an audit trail entry, before and after by column, as of now."""
    columns, values = FORMER_COLUMNS.get(table, {}), FORMER_VALUES.get(table, {})
    present = {columns.get(column, column): pair for column, pair in changes.items()}
    for column in values.keys() & present.keys():
        present[column] = [values[column].present(side) for side in present[column]]
    return present


def sealed_fields(table: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's fields under the names and values that every signature digest uses."""
    columns = {now: before for before, now in FORMER_COLUMNS.get(table, {}).items()}
    values = FORMER_VALUES.get(table, {})
    return {
        columns.get(column, column): values[column].former(value) if column in values else value
        for column, value in fields.items()
    }
