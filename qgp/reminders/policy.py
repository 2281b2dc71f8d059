"""Permissions on the rules of reminders: quality reads them, administrators manage them."""

from qgp.kit.policy import ADMINISTRATORS, QUALITY, Permission

READ = Permission("reminderRule:read", QUALITY)
MANAGE = Permission("reminderRule:manage", ADMINISTRATORS)
