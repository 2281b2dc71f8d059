"""Findings that an audit brings to light."""

from typing import Any

from qgp.audits.model import Audit, AuditResponse
from qgp.audits.policy import READ, READ_RESPONSES
from qgp.audits.terms import SCORED, AuditStatus
from qgp.kit.context import Work
from qgp.kit.errors import Invalid

_TAKING = SCORED | {AuditStatus.IN_PROGRESS}


async def fit(work: Work, values: dict[str, Any]) -> None:
    """Make sure that audit and answer of a new finding go together; the answer knows its audit.

    The audit is locked, so that it is not reported without the finding.

    Raises:
        Invalid: the answer is of another audit, or the audit is not between start and report.
        NotFound: one of them is not visible to the caller.
    """
    path = "auditId"
    if values["response_id"] is not None:
        path = "responseId" if values["audit_id"] is None else path
        response = await work.get(
            AuditResponse, values["response_id"], path="responseId", read=READ_RESPONSES
        )
        if values["audit_id"] not in {None, response.audit_id}:
            raise Invalid("This answer is of another audit. Leave the audit out.", "responseId")
        values["audit_id"] = response.audit_id
    if values["audit_id"] is None:
        return
    audit = await work.get(Audit, values["audit_id"], path=path, read=READ)
    if audit.status not in _TAKING:
        told = f"This audit is {audit.status.value}; findings are raised until it is reported."
        raise Invalid(told, path)
