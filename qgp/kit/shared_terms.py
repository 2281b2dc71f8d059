"""Enums that models of several modules share, since a model imports no other module."""

from qgp.kit.described_enum import DescribedEnum


class FindingGrade(DescribedEnum):
    """Severity of a finding."""

    MAJOR = "MAJOR", "A requirement is missing or fails as a whole; due in 30 and 90 days."
    MINOR = "MINOR", "A lapse in meeting a requirement; due in 60 and 180 days."
    OBSERVATION = (
        "OBSERVATION",
        "The requirement is met, but may become a nonconformity without action.",
    )
    OFI = "OFI", "Opportunity for improvement."
    GOOD_PRACTICE = "GOOD_PRACTICE", "Good practice, recommended to others."


class AuditMethod(DescribedEnum):
    """Method of obtaining audit evidence."""

    ONSITE = "ONSITE", "On site."
    REMOTE = "REMOTE", "Remotely, by video and screen sharing."
    HYBRID = "HYBRID", "Partly on site, partly remotely."
    DOCUMENT = "DOCUMENT", "By review of documents only."
