"""Rights over audit templates and all that belongs to them."""

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Role
from qgp.templates.steps import AUTHORS

READ = Permission("auditTemplate:read", EVERYONE - {Role.SUPPLIER_CONTACT})
WRITE = Permission("auditTemplate:write", AUTHORS)
PUBLISH = Permission("templateVersion:publish", QUALITY)
