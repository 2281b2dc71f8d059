"""Changing users; accounts invites them."""

from qgp.kit.gql import Input, command, command_input, mutations_of, update
from qgp.kit.policy import Role
from qgp.users import policy, service, workflow
from qgp.users.loaders import user_by_id
from qgp.users.types import User

user_update = update(
    User,
    policy.MANAGE,
    service.update,
    description="Change a user's name, place or validity; of your own, the name alone.",
)
user_change_role = command(
    service.change_role,
    input=command_input(Input("role", "New role; only an owner makes or unmakes owners.", Role)),
    permission=policy.MANAGE,
    result=user_by_id,
    description="Give another user another role, from their next request on.",
)
user_transitions = mutations_of(workflow.USER)
