"""What a signature can be."""

from qgp.kit.terms import Term


class SignatureState(Term):
    """Whether what was signed is still what the record says."""

    VALID = "VALID", "The record has not changed since."
    SUPERSEDED = "SUPERSEDED", "The record was changed later; what was signed is its past."


class SignatureMethod(Term):
    """How a signer proved who they are."""

    PASSWORD = "PASSWORD", "The signer gave their password at the act, after signing in."
