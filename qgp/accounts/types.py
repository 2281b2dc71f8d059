"""The viewer: who is signed in, where, and what they may do."""

import strawberry

from qgp.kit.gql import belongs_to, computed
from qgp.kit.policy import permissions_of
from qgp.organizations.loaders import organization_by_id
from qgp.organizations.refs import OrganizationRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@strawberry.type(description="The signed-in person, in the organization they signed in to.")
class Viewer:
    """Its objects are `Principal`s."""

    user: UserRef = belongs_to(user_by_id, "user_id", "Who you are here.")
    organization: OrganizationRef = belongs_to(
        organization_by_id, "organization_id", "The organization whose records you see."
    )
    permissions: list[str] = computed(
        lambda principal: permissions_of(principal.role),
        "What your role allows, as `<record>:<act>`, sorted; at most 500.",
    )
