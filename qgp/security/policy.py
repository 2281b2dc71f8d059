"""Permission on the security log: owners and administrators."""

from qgp.kit.policy import ADMINISTRATORS, Permission

READ = Permission("securityEvent:read", ADMINISTRATORS)
