"""Notifications of the owner, as the worker leaves them."""

from uuid import UUID

import sqlalchemy as sa

from qgp.findings.model import Finding
from qgp.kit import clock, ids
from qgp.kit.session import Scope
from tests import factories
from tests.isolation.world import Step, World


async def _notify(world: World) -> None:
    """Leave two unread notifications about a finding, and one that is read."""
    company, kim = world.company, ids.decode("usr", world.ids["kim"])
    facts = {"actor_id": kim, "responsible_id": kim}
    async with company.application.database.write(Scope(company.organization_id)) as session:
        id = ids.decode("fnd", world.ids["nc"])
        finding = (await session.scalars(sa.select(Finding).where(Finding.id == id))).one()
        rows = [
            factories.notification(company.owner.user_id, finding, **facts, **more)
            for more in (
                {"work_kind": "VERIFY_FINDING"},
                {"due_on": clock.today()},
                {"read_at": clock.now()},
            )
        ]
        session.add_all(rows)
    world.ids["notification"], world.ids["put-off"] = rows[0].public_id, rows[1].public_id


def _id(world: World, name: str) -> str:
    """Return the id of a notification; of none, before the worker has left them."""
    return world.ids.get(name, f"ntf_{UUID(int=0).hex}")


STEPS = (
    Step(
        "notificationsMarkRead",
        "notification",
        lambda world: {"ids": [_id(world, "notification")]},
        awaits=_notify,
    ),
    Step(
        "notificationSnooze",
        "put-off",
        lambda world: {"id": _id(world, "put-off"), "until": "2100-01-01T00:00:00Z"},
    ),
    Step(
        "notificationPreferencesUpdate",
        "preferences",
        lambda _: {
            "preferences": [{"kind": "DUE_SOON", "channel": "MAIL", "frequency": "WEEKLY"}],
            "quietHours": {"startTime": "22:00", "endTime": "06:00"},
        },
    ),
)
