"""Mutations of signing in and out, passwords, invitations and links to exports."""

from typing import Any

from strawberry import UNSET

from qgp.accounts import policy
from qgp.accounts.commands import (
    accounts,
    invitation_delivery,
    invitations,
    password_resets,
)
from qgp.accounts.types import (
    ExportLinkCreateInput,
    ExportLinkCreatePayload,
    InvitationAcceptInput,
    InvitationAcceptPayload,
    LoginInput,
    LoginPayload,
    LogoutPayload,
    PasswordChangeInput,
    PasswordChangePayload,
    PasswordResetInput,
    PasswordResetPayload,
    PasswordResetRequestInput,
    PasswordResetRequestPayload,
    TokenRefreshInput,
    TokenRefreshPayload,
    UserInviteInput,
    tokens_of,
)
from qgp.kit.context import Context
from qgp.kit.export_links import ExportLinks
from qgp.kit.gql import Offer, command, mutation
from qgp.users.loaders import user_by_id

# One of them per document: each checks a secret, or sends one.
SENSITIVE = frozenset(
    {
        "login",
        "tokenRefresh",
        "passwordChange",
        "passwordReset",
        "passwordResetRequest",
        "invitationAccept",
    }
)


async def _login(context: Context, input: LoginInput) -> dict[str, Any]:
    granted = await accounts.log_in(
        context,
        email=input.email,
        password=input.password,
        organization=None if input.organization is UNSET else input.organization,
    )
    return tokens_of(granted)


async def _token_refresh(context: Context, input: TokenRefreshInput) -> dict[str, Any]:
    return tokens_of(await accounts.refresh(context, refresh_token=input.refresh_token))


async def _logout(context: Context) -> dict[str, Any]:
    await accounts.log_out(context)
    return {}


async def _password_change(context: Context, input: PasswordChangeInput) -> dict[str, Any]:
    granted = await accounts.change_password(
        context, current_password=input.current_password, new_password=input.new_password
    )
    return tokens_of(granted)


async def _invitation_accept(context: Context, input: InvitationAcceptInput) -> dict[str, Any]:
    accepted = await invitations.accept(context, token=input.token, password=input.password)
    joined = {"email": accepted.email, "organization": accepted.organization}
    return joined | tokens_of(accepted.granted)


async def _password_reset_request(
    context: Context, input: PasswordResetRequestInput
) -> dict[str, Any]:
    await password_resets.request(context, email=input.email)
    return {}


async def _password_reset(context: Context, input: PasswordResetInput) -> dict[str, Any]:
    await password_resets.reset(context, token=input.token, password=input.password)
    return {}


async def _export_link_create(context: Context, input: ExportLinkCreateInput) -> dict[str, Any]:
    parameters = {
        "filter": input.filter or None,
        "orderBy": input.order_by or None,
        "columns": ",".join(input.columns) if input.columns else None,
        "delimiter": input.delimiter.value,
        "bom": "true" if input.bom else "false",
    }
    sent = {name: text for name, text in parameters.items() if text is not None}
    return vars(context.services[ExportLinks].create(context, input.register, sent))


login = mutation(
    _login,
    input=LoginInput,
    payload=LoginPayload,
    description="Signs in with a password; the rest of the document runs as that user. Send "
    "it without the Authorization header: an expired token there is answered with "
    "401.",
    permission=None,
)
token_refresh = mutation(
    _token_refresh,
    input=TokenRefreshInput,
    payload=TokenRefreshPayload,
    description="Exchanges a refresh token for new tokens. Repeated within the grace period "
    "(10 seconds unless the operator changed it), it returns the same refresh "
    "token and another access token; later reuse ends the sign-in (RFC 9700, "
    "4.14.2). Send it without the Authorization header: an expired token there is "
    "answered with 401.",
    permission=None,
)
logout = mutation(
    _logout,
    payload=LogoutPayload,
    description="Ends this sign-in: its tokens are refused from the next request on.",
    permission=policy.OWN,
)
password_change = mutation(
    _password_change,
    input=PasswordChangeInput,
    payload=PasswordChangePayload,
    description="Changes your password and ends all your sign-ins, this one included; the "
    "payload has the tokens of a new one.",
    permission=policy.OWN,
)
password_reset_request = mutation(
    _password_reset_request,
    input=PasswordResetRequestInput,
    payload=PasswordResetRequestPayload,
    description="Sends a link to set a new password to an address that an active user has. The "
    "answer is the same for any other address. An address gets 3 messages in 30 minutes at most, "
    "and the newest link alone is valid. UNAVAILABLE where the server sends no mail.",
    permission=None,
)
password_reset = mutation(
    _password_reset,
    input=PasswordResetInput,
    payload=PasswordResetPayload,
    description="Sets a new password with the token of `passwordResetRequest`, once, within 30 "
    "minutes, and ends all sign-ins of the account. Sign in with the new password afterwards.",
    permission=None,
)
export_link_create = mutation(
    _export_link_create,
    input=ExportLinkCreateInput,
    payload=ExportLinkCreatePayload,
    description="Returns a link to a list as a CSV file, for a browser to download. It ends "
    "after 10 minutes or with this sign-in, holds for this list and these parameters only, and the "
    "file has the rows that you may read when it is used.",
    permission=policy.OWN,
)
user_invite = command(
    invitations.invite,
    input=UserInviteInput,
    permission="user:manage",
    result=user_by_id,
    description="Invites a person to your organization as an INVITED user, who becomes ACTIVE "
    "on acceptance. The person gets the invitation by mail where the server sends mail. Only an "
    "OWNER invites an OWNER.",
    creates=True,
    offers={
        "invitation_token": Offer(invitation_delivery.TOKEN_DESCRIPTION, invitation_delivery.token)
    },
)
invitation_accept = mutation(
    _invitation_accept,
    input=InvitationAcceptInput,
    payload=InvitationAcceptPayload,
    description="Accepts an invitation and signs in. Repeated with the same password within "
    "the grace period (10 seconds unless the operator changed it), it signs in "
    "again.",
    permission=None,
)
