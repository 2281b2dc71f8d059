"""Changing users; accounts invites them."""

import strawberry

from qgp.kit.gql import command, given, mutations_of, update, version_field
from qgp.kit.policy import Role
from qgp.users import policy, service, workflow
from qgp.users.loaders import user_by_id
from qgp.users.types import User


@strawberry.input(description="Another role for a user.")
class UserChangeRoleInput:
    """Another role for a user."""

    id: strawberry.ID = given("The user.", id_of="usr")
    expected_version: int = version_field()
    role: Role = given("What they will be; only an owner may make or unmake owners.")


user_update = update(
    User,
    policy.MANAGE,
    service.update,
    returns=user_by_id,
    description="Change a user's name, place or validity; of your own, the name alone.",
)
user_change_role = command(
    service.change_role,
    takes=UserChangeRoleInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Give another user another role, from their next request on.",
)
user_transitions = mutations_of(workflow.USER, user_by_id)
