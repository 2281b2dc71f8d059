"""Fields that accounts add to the payloads of users: the invitation token."""

from qgp.accounts.commands import invitation_delivery
from qgp.kit.gql import Offer, adds_to_payload

_TOKEN = Offer(
    "Token for the invited person, who sends it with `invitationAccept` within 7 days; null "
    "once accepted, and where the server sends it to them by mail.",
    invitation_delivery.offer,
)
adds_to_payload("userInvite", invitation_token=_TOKEN)
adds_to_payload("userInvitationRenew", invitation_token=_TOKEN)
