"""Permissions of the organization, its sites and departments."""

from qgp.kit.policy import ADMINISTRATORS, EVERYONE, Permission

READ = Permission("organization:read", EVERYONE)
MANAGE = Permission("organization:manage", ADMINISTRATORS)
