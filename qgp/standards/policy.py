"""Permissions of the standards library."""

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Role

READ = Permission("standard:read", EVERYONE - {Role.SUPPLIER_CONTACT})
MANAGE = Permission("standard:manage", QUALITY)
READ_IMPORTS = Permission("standardImport:read", QUALITY)
ASSESS = Permission("clause:assess", QUALITY | {Role.LEAD_AUDITOR, Role.PROCESS_OWNER})
