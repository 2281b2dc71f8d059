"""Permissions and row scopes of users."""

from qgp.kit.policy import ADMINISTRATORS, EVERYONE, Permission, Role
from qgp.users.model import User

READ = Permission(
    "user:read",
    EVERYONE,
    rows={Role.SUPPLIER_CONTACT: lambda principal: User.id == principal.user_id},
)
MANAGE = Permission("user:manage", ADMINISTRATORS)
