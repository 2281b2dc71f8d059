"""What accounts add to payloads of users: the token of an invitation."""

from qgp.accounts.commands import invitations
from qgp.kit.gql import Offer, adds_to_payload

_TOKEN = Offer(
    "Pass it on to the person, who sends it with `invitationAccept` within 7 days; null once they "
    "have accepted.",
    invitations.offer,
)
adds_to_payload("userInvite", invitation_token=_TOKEN)
adds_to_payload("userInvitationRenew", invitation_token=_TOKEN)
