"""Delegations of the users' work while they are absent, as the kit reads them.

A delegate sees what waits for the absent user, as far as their own rights allow them to do it.
"""

from typing import Any

import sqlalchemy as sa

from qgp.kit import clock, sql_dates
from qgp.kit.model import records
from qgp.kit.policy import Principal

_DELEGATIONS = "delegations"


def delegators_of(caller: Principal) -> sa.Select[Any]:
    """Select the ids of the users whom the caller represents today."""
    delegation: Any = records()[_DELEGATIONS]
    today = sql_dates.today()
    is_in_force = delegation.starts_on <= today, delegation.ends_on >= today
    selected: sa.Select[Any] = sa.select(delegation.delegator_id)
    return selected.where(delegation.delegate_id == caller.user_id, *is_in_force)


def delegates() -> sa.Select[Any]:
    """Select user and delegate of each delegation that is in force today."""
    delegation: Any = records()[_DELEGATIONS]
    today = sql_dates.today(clock.now())
    columns: tuple[Any, ...] = (delegation.delegator_id, delegation.delegate_id)
    selected: sa.Select[Any] = sa.select(*columns)
    return selected.where(delegation.starts_on <= today, delegation.ends_on >= today)
