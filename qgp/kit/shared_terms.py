"""Enums that models of several modules share, since a model imports no other module."""

from qgp.kit.described_enum import DescribedEnum


class FindingGrade(DescribedEnum):
    """Grade of a finding: major or minor nonconformity, observation, opportunity for improvement or
    good practice. Independent of `severity`.
    """

    MAJOR = (
        "MAJOR",
        "Major nonconformity: a requirement is not implemented, or its fulfilment has broken down "
        "as a whole. Response due after 30 days, closure after 90.",
    )
    MINOR = (
        "MINOR",
        "Minor nonconformity: a single lapse in fulfilling a requirement. Response due after 60 "
        "days, closure after 180.",
    )
    OBSERVATION = (
        "OBSERVATION",
        "Observation: the requirement is fulfilled, but a nonconformity may arise if nothing is "
        "done.",
    )
    OFI = "OFI", "Opportunity for improvement."
    GOOD_PRACTICE = "GOOD_PRACTICE", "Good practice, recommended to others."


class AuditMethod(DescribedEnum):
    """Method of obtaining audit evidence."""

    ONSITE = "ONSITE", "On site."
    REMOTE = "REMOTE", "Remotely, by information and communication technology."
    HYBRID = "HYBRID", "Partly on site, partly remotely."
    DOCUMENT = "DOCUMENT", "By review of documents only."
