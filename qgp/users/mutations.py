"""Mutations of users."""

from qgp.kit.gql import Input, command, command_input, mutations_of, update
from qgp.kit.policy import Role
from qgp.users import policy, service, workflow
from qgp.users.loaders import user_by_id
from qgp.users.types import User

user_update = update(
    User,
    policy.MANAGE,
    service.update,
    description="Changes name, site, department or validity of a user; of your own user only "
    "the name.",
)
user_change_role = command(
    service.change_role,
    input=command_input(
        Input("role", "New role; only an OWNER gives or takes the role OWNER.", Role)
    ),
    permission=policy.MANAGE,
    result=user_by_id,
    description="Changes the role of another user, from their next request on. An "
    "organization keeps an active OWNER without limits of validity.",
)
user_transitions = mutations_of(workflow.USER)
