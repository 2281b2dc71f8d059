"""The closed sets of the nonconformity register."""

from datetime import date, timedelta
from typing import Any

from qgp.kit.terms import Term


class FindingGrade(Term):
    """How much a finding weighs."""

    MAJOR = "MAJOR", "A requirement is missing or fails as a whole; due in 30 and 90 days."
    MINOR = "MINOR", "A lapse in meeting a requirement; due in 60 and 180 days."
    OBSERVATION = "OBSERVATION", "Met, but it may turn into a nonconformity if nothing is done."
    OFI = "OFI", "An opportunity for improvement."
    GOOD_PRACTICE = "GOOD_PRACTICE", "Something others should do likewise."


NONCONFORMITIES = frozenset({FindingGrade.MAJOR, FindingGrade.MINOR})
# Days for the response and for closure; what is no nonconformity has no due day.
DUE_DAYS = {FindingGrade.MAJOR: (30, 90), FindingGrade.MINOR: (60, 180)}


class FindingSource(Term):
    """What brought a finding to light."""

    AUDIT = "AUDIT", "An internal audit."
    INSPECTION = "INSPECTION", "An inspection or tour."
    INCIDENT = "INCIDENT", "An incident or near miss."
    COMPLAINT = "COMPLAINT", "A customer's complaint."
    SUPPLIER = "SUPPLIER", "What a supplier delivered or did."
    PROCESS = "PROCESS", "Monitoring of a process."
    PRODUCT = "PRODUCT", "A product or service that does not conform."
    REGULATOR = "REGULATOR", "An authority."
    CUSTOMER_AUDIT = "CUSTOMER_AUDIT", "An audit by a customer."
    CERT_AUDIT = "CERT_AUDIT", "An audit by a certification body."
    MANAGEMENT_REVIEW = "MANAGEMENT_REVIEW", "The management review."
    KPI = "KPI", "A figure that missed its target."
    OBLIGATION = "OBLIGATION", "The evaluation of legal and other obligations."
    SELF_REPORT = "SELF_REPORT", "Somebody who works here reported it."


class FindingStatus(Term):
    """Where a finding stands."""

    DRAFT = "DRAFT", "Being written down."
    OPEN = "OPEN", "Issued; its effects are to be contained first."
    CONTAINED = "CONTAINED", "Its effects are under control, or need no control."
    ANALYSIS = "ANALYSIS", "Its cause is being looked for."
    ACTION = "ACTION", "The cause is known and being removed."
    VERIFICATION = "VERIFICATION", "Done, says its owner; somebody else looks whether it is."
    CLOSED = "CLOSED", "Verified, or an observation that was answered."
    ACCEPTED = "ACCEPTED", "Left as it is, by a concession with a last day."
    VOID = "VOID", "It was none; kept for the record."


ENDED = frozenset({FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID})


class FindingDisposition(Term):
    """What becomes of the output that does not conform."""

    NA = "NA", "There is no output to decide on."
    USE_AS_IS = "USE_AS_IS", "Used as it is."
    REWORK = "REWORK", "Worked on until it conforms."
    SCRAP = "SCRAP", "Thrown away or recycled."
    RETURN = "RETURN", "Sent back to whoever supplied it."
    REGRADE = "REGRADE", "Used where lower requirements hold."
    CONCESSION = "CONCESSION", "Released by somebody with the authority to, or the customer."


def due_days(grade: FindingGrade, opened_on: date) -> dict[str, Any]:
    """Return the columns of the days on which response and closure are due."""
    response, closure = DUE_DAYS.get(grade, (None, None))
    return {
        "response_due_on": None if response is None else opened_on + timedelta(response),
        "closure_due_on": None if closure is None else opened_on + timedelta(closure),
    }
