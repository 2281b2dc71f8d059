"""Kind of work on webhooks: to mend and enable what the server disabled."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.pending_work import WorkKind
from qgp.kit.policy import Principal
from qgp.webhooks.model import WebhookDisabledReason, WebhookEndpoint, WebhookEndpointStatus
from qgp.webhooks.policy import MANAGE


def _was_disabled_by_server(endpoint: Any, _: Principal) -> sa.ColumnElement[bool]:
    is_disabled = endpoint.status == WebhookEndpointStatus.DISABLED
    return sa.and_(is_disabled, endpoint.disabled_reason != WebhookDisabledReason.USER)


ENABLE_WEBHOOK_ENDPOINT = WorkKind(
    "ENABLE_WEBHOOK_ENDPOINT",
    "The server disabled a webhook endpoint, whose `disabledReason` says why: mend its cause and "
    "enable it, or delete it.",
    WebhookEndpoint,
    MANAGE.roles,
    _was_disabled_by_server,
    states=(WebhookEndpointStatus.DISABLED,),
)
