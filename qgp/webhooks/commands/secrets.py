"""Secrets of endpoints: made, encrypted, rotated, and read to sign."""

import base64
import secrets
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import clock
from qgp.kit.secret_box import SecretBox
from qgp.kit.work import Work
from qgp.webhooks.model import WebhookEndpoint, WebhookSecret

OVERLAP = timedelta(hours=24)  # in which the former secret signs beside the present one
_BYTES = 32  # Standard Webhooks asks for 24 to 64


async def renew(work: Work, endpoint: WebhookEndpoint) -> str:
    """Give an endpoint another secret and return it; the former one signs for 24 more hours."""
    now = clock.now()
    for former in await _rows(work.session, endpoint):
        if former.expires_at is None:
            former.expires_at = now + OVERLAP
        else:
            await work.session.delete(former)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    sealed = work.services[SecretBox].seal(secret, _purpose(endpoint))
    row = WebhookSecret(
        organization_id=endpoint.organization_id,
        endpoint_id=endpoint.id,
        sealed=sealed,
        created_at=now,
        expires_at=None,
    )
    work.session.add(row)
    await work.flush()
    return secret


async def remove(work: Work, endpoint: WebhookEndpoint) -> None:
    """Delete the secrets of an endpoint."""
    for row in await _rows(work.session, endpoint):
        await work.session.delete(row)
    await work.flush()


async def in_force(
    session: AsyncSession, box: SecretBox, endpoint: WebhookEndpoint
) -> Sequence[str]:
    """Return the secrets that sign now, the present one first.

    Raises:
        SecretUnreadable: SECRET_KEY has changed since.
    """
    now = clock.now()
    rows = [
        row
        for row in await _rows(session, endpoint)
        if row.expires_at is None or row.expires_at > now
    ]
    return [box.unseal(row.sealed, _purpose(endpoint)) for row in rows]


async def _rows(session: AsyncSession, endpoint: WebhookEndpoint) -> Sequence[WebhookSecret]:
    """Return the secrets of an endpoint, the newest first."""
    statement = sa.select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint.id)
    return (await session.scalars(statement.order_by(WebhookSecret.id.desc()))).all()


def _purpose(endpoint: WebhookEndpoint) -> str:
    return f"webhook {endpoint.organization_id} {endpoint.id}"
