"""Name columns and values in full: attachments, verdicts, themes, dispositions, mutations.

Earlier releases query the former names, so the migration declares a floor: on this schema their
/readyz is 503. Rollback is the downgrade.

No entry of the audit trail is written, since only names change: entries and signatures keep the
former ones, which `qgp.kit.former_names` translates.
"""

from collections.abc import Mapping, Sequence

from alembic import op

from qgp.kit import migration_operations

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
needs_code = "0037"

Names = Mapping[str, str]
COLUMNS = {"bytes": "size_bytes", "mime": "content_type", "state": "status"}
CHECKS = {"bytes": "size_bytes", "state": "status"}
VERDICTS = {"C": "CONFORM", "OBS": "OBSERVATION", "MIN": "MINOR", "MAJ": "MAJOR"}
THEMES = {
    "COMPLIANCE_EVAL": "COMPLIANCE_EVALUATION",
    "DOC_INFO": "DOCUMENTED_INFORMATION",
    "MGMT_REVIEW": "MANAGEMENT_REVIEW",
    "NC_CA": "NONCONFORMITY_CORRECTIVE_ACTION",
    "RISK_OPP": "RISKS_AND_OPPORTUNITIES",
}
ALL_THEMES = (
    "CONTEXT",
    "PARTIES",
    "SCOPE",
    "SYSTEM",
    "LEADERSHIP",
    "POLICY",
    "ROLES",
    "RISK_OPP",
    "OBJECTIVES",
    "CHANGE",
    "RESOURCES",
    "COMPETENCE",
    "AWARENESS",
    "COMMUNICATION",
    "DOC_INFO",
    "OPERATION",
    "EMERGENCY",
    "SUPPLIERS",
    "MONITORING",
    "COMPLIANCE_EVAL",
    "INTERNAL_AUDIT",
    "MGMT_REVIEW",
    "NC_CA",
    "IMPROVEMENT",
)
DISPOSITIONS = {"NA": "NOT_APPLICABLE"}
ALL_DISPOSITIONS = ("NA", "USE_AS_IS", "REWORK", "SCRAP", "RETURN", "REGRADE", "CONCESSION")
ACTIONS = {
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


def upgrade() -> None:
    migration_operations.set_timeouts()
    for former, present in COLUMNS.items():
        op.alter_column("attachments", former, new_column_name=present)
    for former, present in CHECKS.items():
        _rename_check("attachments", former, present)
    _rename_choices("clauses", "theme", ALL_THEMES, THEMES)
    _rename_choices("findings", "disposition", ALL_DISPOSITIONS, DISPOSITIONS)
    _rename_verdicts(VERDICTS)
    for table in ("security_events", "status_events"):
        _rename_values(table, "action", ACTIONS)


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in ("security_events", "status_events"):
        _rename_values(table, "action", _back(ACTIONS))
    _rename_verdicts(_back(VERDICTS))
    present = [DISPOSITIONS.get(value, value) for value in ALL_DISPOSITIONS]
    _rename_choices("findings", "disposition", present, _back(DISPOSITIONS))
    present = [THEMES.get(value, value) for value in ALL_THEMES]
    _rename_choices("clauses", "theme", present, _back(THEMES))
    for former, name in CHECKS.items():
        _rename_check("attachments", name, former)
    for former, name in COLUMNS.items():
        op.alter_column("attachments", name, new_column_name=former)


def _back(names: Names) -> Names:
    return {present: former for former, present in names.items()}


def _rename_check(table: str, before: str, after: str) -> None:
    op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_{before} TO ck_{table}_{after}")


def _rename_choices(table: str, column: str, values: Sequence[str], names: Names) -> None:
    """Rename values of a closed set, the whole of which is `values`."""
    rule = op.f(f"ck_{table}_{column}")
    op.drop_constraint(rule, table, type_="check")
    _rename_values(table, column, names)
    listed = ", ".join(f"'{names.get(value, value)}'" for value in values)
    op.create_check_constraint(rule, table, f"{column} IN ({listed})")


def _rename_values(table: str, column: str, names: Names) -> None:
    with migration_operations.without_triggers(table):
        op.execute(_VALUES.format(table=table, column=column, **_sql(column, names)))


_VALUES = "UPDATE {table} SET {column} = {renamed} WHERE {column} IN ({former})"
_RESPONSES = """
UPDATE audit_responses SET value = jsonb_build_object('verdict', {renamed})
WHERE value ->> 'verdict' IN ({former})
"""
# Options may have such keys, too: the question that is compared decides.
_CONDITIONS = """
UPDATE {table} conditional SET visible_if_values = ARRAY(
  SELECT {renamed}
  FROM unnest(conditional.visible_if_values) WITH ORDINALITY AS one (verdict, place)
  ORDER BY place
)
FROM questions compared
WHERE compared.organization_id = conditional.organization_id
  AND compared.id = conditional.visible_if_question_id AND compared.type = 'CONFORMITY'
  AND conditional.visible_if_values && ARRAY[{former}]
"""


def _rename_verdicts(names: Names) -> None:
    """Rename verdicts in responses, and in conditions on questions that take them."""
    with migration_operations.without_triggers("audit_responses"):
        op.execute(_RESPONSES.format(**_sql("value ->> 'verdict'", names)))
    with (
        migration_operations.without_triggers("questions"),
        migration_operations.without_triggers("sections"),
    ):
        for table in ("sections", "questions"):
            op.execute(_CONDITIONS.format(table=table, **_sql("one.verdict", names)))


def _sql(value: str, names: Names) -> dict[str, str]:
    """Return SQL that renames a text and keeps any other, and the list of those to rename."""
    whens = " ".join(f"WHEN '{before}' THEN '{after}'" for before, after in names.items())
    former = ", ".join(f"'{name}'" for name in names)
    return {"renamed": f"CASE {value} {whens} ELSE {value} END", "former": former}
