"""Permissions of processes."""

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Role

READ = Permission("process:read", EVERYONE - {Role.SUPPLIER_CONTACT})
MANAGE = Permission("process:manage", QUALITY)
