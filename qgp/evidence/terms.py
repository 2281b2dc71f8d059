"""The closed sets of evidence."""

from qgp.kit.terms import Term


class EvidenceKind(Term):
    """What a piece of evidence consists of."""

    FILE = "FILE", "A file that was added to a record of this system."
    LINK = "LINK", "Something at a web address."
    RECORD = "RECORD", "Another record of this system."


class EvidenceConfidentiality(Term):
    """Who may see a piece of evidence, of those who see its subject."""

    PUBLIC = "PUBLIC", "Everybody; it may be shown outside the organization."
    INTERNAL = "INTERNAL", "Everybody; it is not to be shown outside the organization."
    CONFIDENTIAL = (
        "CONFIDENTIAL",
        "Owners, administrators, quality managers, lead auditors, and who collected it.",
    )


class EvidencePolarity(Term):
    """Which way evidence speaks about a clause."""

    SUPPORTS = "SUPPORTS", "It shows that the clause is met."
    CONTRADICTS = "CONTRADICTS", "It shows that the clause is not met."


class EvidenceLinkStatus(Term):
    """Whether somebody has agreed that evidence speaks about a clause."""

    PROPOSED = "PROPOSED", "Somebody says so."
    CONFIRMED = "CONFIRMED", "Somebody else agrees."
    REJECTED = "REJECTED", "Somebody else does not agree."
