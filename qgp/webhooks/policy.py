"""Permissions on webhooks: owners and administrators."""

from qgp.kit.policy import ADMINISTRATORS, Permission

READ = Permission("webhookEndpoint:read", ADMINISTRATORS)
MANAGE = Permission("webhookEndpoint:manage", ADMINISTRATORS)
