"""Rights over the organization and its places."""

from qgp.kit.policy import ADMINISTRATORS, EVERYONE, Permission

READ = Permission("organization:read", EVERYONE)
MANAGE = Permission("organization:manage", ADMINISTRATORS)
