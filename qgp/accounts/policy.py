"""Permission for one's own sign-in."""

from qgp.kit.policy import EVERYONE, Permission

OWN = Permission("account:own", EVERYONE)
