"""The closed sets of this module, published."""

from qgp.kit.gql import described
from qgp.signatures.terms import SignatureMethod, SignatureState

described(SignatureState, "Whether what was signed is still what the record says.")
described(SignatureMethod, "How a signer proved who they are.")

__all__ = ["SignatureMethod", "SignatureState"]
