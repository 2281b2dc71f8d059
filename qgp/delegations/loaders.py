"""Loader and register of delegations."""

from qgp.delegations.model import Delegation
from qgp.delegations.policy import READ
from qgp.kit.loader import Register, one

delegation_by_id = one(Delegation, READ)

delegations = Register(Delegation, READ, ("starts_on",))
