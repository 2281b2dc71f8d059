"""Closed sets that records of several modules store; a model knows no other module's model."""

from qgp.kit.described_enum import DescribedEnum


class FindingGrade(DescribedEnum):
    """How much a finding weighs."""

    MAJOR = "MAJOR", "A requirement is missing or fails as a whole; due in 30 and 90 days."
    MINOR = "MINOR", "A lapse in meeting a requirement; due in 60 and 180 days."
    OBSERVATION = "OBSERVATION", "Met, but it may turn into a nonconformity if nothing is done."
    OFI = "OFI", "An opportunity for improvement."
    GOOD_PRACTICE = "GOOD_PRACTICE", "Something others should do likewise."


class AuditMethod(DescribedEnum):
    """How the auditors come by their evidence."""

    ONSITE = "ONSITE", "On the spot."
    REMOTE = "REMOTE", "From afar, by video and shared screens."
    HYBRID = "HYBRID", "Partly on the spot, partly from afar."
    DOCUMENT = "DOCUMENT", "From documents alone."
