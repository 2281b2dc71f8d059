"""People who are invited and moved; one is suspended with the actions that she hands over."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change


def _person(name: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        email = f"{world.text(name)}@firm.example".lower()
        where = {"siteId": world.ids["plant"], "departmentId": world.ids["lab"]}
        return {"email": email, "name": world.text(name), "role": "AUDITOR", **where, **facts}

    return input_of


DAYS = {"validFrom": "2020-01-01", "validUntil": "2100-01-01"}
STEPS = (
    Step("userInvite", "ann", _person("ann", **DAYS)),
    Step("userInvite", "bob", _person("bob")),
    Step(
        "userUpdate",
        "ann",
        change("ann", name=str, siteId="plant", departmentId="lab", managerId="eve"),
    ),
    Step("userChangeRole", "ann", change("ann", role="EMPLOYEE")),
    Step("userInvitationWithdraw", "bob", change("bob")),
    Step("userInvitationRenew", "bob", change("bob")),
    Step("userInvitationRenew", "ann", change("ann")),
)
