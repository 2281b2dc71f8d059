"""The closed sets of audit programmes."""

from qgp.kit.terms import Term


class AuditProgrammeStatus(Term):
    """Where an audit programme stands."""

    DRAFT = "DRAFT", "Being written; items come and go."
    APPROVED = "APPROVED", "Approved by somebody else; nothing changes any more."
    ACTIVE = "ACTIVE", "Being carried out; it is adjusted for a reason alone."
    CLOSED = "CLOSED", "Everything in it is reported, or was dropped for a reason."


class ProgrammeItemRisk(Term):
    """How much is at stake where an item of a programme looks."""

    LOW = "LOW", "Little would happen if it went wrong unnoticed."
    MEDIUM = "MEDIUM", "It would cost time, money or trust."
    HIGH = "HIGH", "People, customers, the environment or the law would suffer."


ADJUSTABLE = frozenset({AuditProgrammeStatus.DRAFT, AuditProgrammeStatus.ACTIVE})
