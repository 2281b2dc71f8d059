"""Background work of accounts: messages with invitations and links to set a new password."""

from qgp.accounts.commands.invitation_delivery import SEND_INVITATION
from qgp.accounts.commands.password_resets import SEND_RESET

__all__ = ["SEND_INVITATION", "SEND_RESET"]
