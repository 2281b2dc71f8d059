"""Inviting and changing users."""

from datetime import date

import strawberry

from qgp.kit.gql import command, given, key_field, step, version_field
from qgp.kit.policy import Role
from qgp.users import policy, service
from qgp.users.loaders import user_by_id


@strawberry.input(description="A person to invite into your organization.")
class UserInviteInput:
    """A person to invite."""

    email: str = given(
        "The address they will sign in with.",
        most=254,
        shape=(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    )
    name: str = given("Their name, 1 to 200 characters.")
    role: Role = given("What they will be; only an owner may invite owners.")
    site_id: strawberry.ID | None = given(
        "Site that the role is limited to.", id_of="sit", default=None
    )
    department_id: strawberry.ID | None = given(
        "Department that the role is limited to.", id_of="dep", default=None
    )
    valid_from: date | None = given("First day they may sign in.", default=None)
    valid_until: date | None = given("Last day they may sign in.", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a user; what you leave out stays, null clears.")
class UserUpdateInput:
    """Changes to a user."""

    id: strawberry.ID = given("The user.", id_of="usr")
    expected_version: int = version_field()
    name: strawberry.Maybe[str] = given("Their name.")
    site_id: strawberry.Maybe[strawberry.ID | None] = given("The role's site.", id_of="sit")
    department_id: strawberry.Maybe[strawberry.ID | None] = given(
        "The role's department.", id_of="dep"
    )
    valid_from: strawberry.Maybe[date | None] = given("First day they may sign in.")
    valid_until: strawberry.Maybe[date | None] = given("Last day they may sign in.")


@strawberry.input(description="Another role for a user.")
class UserChangeRoleInput:
    """Another role for a user."""

    id: strawberry.ID = given("The user.", id_of="usr")
    expected_version: int = version_field()
    role: Role = given("What they will be; only an owner may make or unmake owners.")


user_invite = command(
    service.invite,
    takes=UserInviteInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Invite a person; they become active once they accept.",
    creates=True,
)
user_update = command(
    service.update,
    takes=UserUpdateInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Change a user's name, place or validity.",
)
user_change_role = command(
    service.change_role,
    takes=UserChangeRoleInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Give a user another role, from their next request on.",
)
user_suspend = command(
    service.suspend,
    takes=step("usr"),
    may=policy.MANAGE,
    returns=user_by_id,
    description="End a user's access, from their next request on.",
)
user_reinstate = command(
    service.reinstate,
    takes=step("usr"),
    may=policy.MANAGE,
    returns=user_by_id,
    description="Let a suspended user sign in again.",
)
