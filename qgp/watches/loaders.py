"""Register of the caller's watches."""

from qgp.kit.loader import Register
from qgp.watches.model import Watch
from qgp.watches.policy import READ

watches = Register(Watch, READ, ("-created_at",))
