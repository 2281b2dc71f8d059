"""Permission on events: everybody, for those about records that they may read."""

from qgp.kit.policy import EVERYONE, Permission

READ = Permission("event:read", EVERYONE)
