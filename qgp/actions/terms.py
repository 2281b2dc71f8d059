"""The closed sets of actions."""

from qgp.kit.terms import Term


class ActionKind(Term):
    """What an action is for."""

    CONTAINMENT = "CONTAINMENT", "Keeps what went wrong from spreading."
    CORRECTION = "CORRECTION", "Puts right what went wrong."
    CORRECTIVE = "CORRECTIVE", "Removes the cause, so that it does not happen again."
    PREVENTIVE = "PREVENTIVE", "Removes the cause of something that has not happened yet."
    IMPROVEMENT = "IMPROVEMENT", "Makes better what is good enough."
    TREATMENT = "TREATMENT", "Changes a risk, or takes an opportunity."
    FOLLOW_UP = "FOLLOW_UP", "Looks again later."


class ActionPriority(Term):
    """How much an action matters beside others."""

    LOW = "LOW", "When there is time."
    MEDIUM = "MEDIUM", "In its turn."
    HIGH = "HIGH", "Before what is in its turn."
    CRITICAL = "CRITICAL", "Before everything else."


class ActionStatus(Term):
    """Where an action stands."""

    TODO = "TODO", "Nobody has begun."
    IN_PROGRESS = "IN_PROGRESS", "Somebody is at it."
    BLOCKED = "BLOCKED", "Begun, and something keeps it from going on."
    DONE = "DONE", "Whoever did it says so."
    VERIFIED = "VERIFIED", "Somebody else has seen that it is done."
    CANCELLED = "CANCELLED", "It will not be done."
