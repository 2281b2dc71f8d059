"""The security log of accounts: what throttling counts and an investigation reads."""

from uuid import UUID

from qgp.accounts.model import AccountEvent, AccountEventKind
from qgp.accounts.throttle import exact, network
from qgp.kit import clock
from qgp.kit.context import Context


def event(
    context: Context,
    kind: AccountEventKind,
    *,
    account_id: UUID | None,
    email_key: bytes | None = None,
) -> AccountEvent:
    """Make the entry that tells of `kind`, here and now."""
    return AccountEvent(
        at=clock.now(),
        kind=kind,
        account_id=account_id,
        email_key=email_key,
        network=network(context.client_ip),
        address=exact(context.client_ip),
        request_id=context.request_id,
    )
