"""Permissions of audit templates, their versions, sections and questions."""

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Role

AUTHORS = QUALITY | {Role.LEAD_AUDITOR}
READ = Permission("auditTemplate:read", EVERYONE - {Role.SUPPLIER_CONTACT})
WRITE = Permission("auditTemplate:write", AUTHORS)
PUBLISH = Permission("templateVersion:publish", QUALITY)
