"""Delegations of a user who is absent today."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from qgp.delegations.model import Delegation
from qgp.kit import clock


def delegation(delegator_id: UUID, delegate_id: UUID, **facts: Any) -> Delegation:
    """Make a delegation from yesterday until tomorrow."""
    today = clock.today()
    days = {"starts_on": today - timedelta(days=1), "ends_on": today + timedelta(days=1)}
    return Delegation(delegator_id=delegator_id, delegate_id=delegate_id, **{**days, **facts})
