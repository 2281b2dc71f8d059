"""Queries of users."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.users import loaders
from qgp.users.loaders import user_by_email, user_by_id
from qgp.users.types import User


@strawberry.type
class Query:
    """Root queries."""

    user: User | None = lookup("One user.", id=user_by_id, email=user_by_email)
    users: Connection[User] | None = listing(loaders.users, "Users by name.")
