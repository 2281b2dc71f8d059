"""Which roles a test of rights goes through."""

from collections.abc import Iterable, Sequence

import pytest
from _pytest.mark import ParameterSet

from qgp.kit.policy import Role


def role_cases(*every_time: Role, among: Iterable[Role] = Role) -> Sequence[ParameterSet]:
    """Return roles as parameters; all but the first given ones in the exhaustive run alone.

    What a role may do is declared, and the kit tests each workflow with each of them. Over HTTP
    one that may, one that may not and one that sees nothing show that the declaration is asked.
    """
    rest = pytest.mark.exhaustive
    return [pytest.param(role, marks=() if role in every_time else rest) for role in among]
