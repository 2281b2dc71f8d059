"""The closed sets of the process map."""

from qgp.kit.terms import Term


class ProcessKind(Term):
    """What a process is for."""

    CORE = "CORE", "Makes what customers get."
    SUPPORT = "SUPPORT", "Provides what the other processes need."
    MANAGEMENT = "MANAGEMENT", "Plans, directs and improves."
