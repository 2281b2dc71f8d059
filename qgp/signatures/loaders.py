"""Loaders of electronic signatures."""

from qgp.kit.loader import Register, one
from qgp.signatures.model import Signature
from qgp.signatures.policy import READ

signature_by_id = one(Signature, READ)

signatures = Register(Signature, READ, ("signed_at",))
