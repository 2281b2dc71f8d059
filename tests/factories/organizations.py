"""Sites and departments, each with a code that nobody else has."""

from itertools import count
from typing import Any

from qgp.organizations.model import Department, Site

_number = count()


def site(**facts: Any) -> Site:
    """Make a site on top of the tree."""
    code = facts.setdefault("code", f"S{next(_number)}")
    return Site(**{"name": code, **facts})


def department(**facts: Any) -> Department:
    """Make a department on top of the tree."""
    code = facts.setdefault("code", f"D{next(_number)}")
    return Department(**{"name": code, **facts})
