"""An endpoint on this machine, and the jobs that send to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from qgp.egress.client import EgressClient
from qgp.kit import clock, ids
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import read_events
from qgp.kit.secret_box import SecretBox
from qgp.webhooks.commands.dispatch import dispatch
from qgp.webhooks.commands.sending import Sender
from tests.company import Client, Company
from tests.receiver import Receiver, receiving

DELIVERIES = """query { webhookDeliveries(first: 100) { nodes { id eventName status attempts
    responseCode latencyMs error nextAttemptAt recordId endpoint { name } } } }"""


@dataclass(frozen=True)
class Webhooks:
    """The API of an owner, a receiver, and the jobs of the worker.

    Attributes:
        read: positions of the events that were dispatched.
    """

    api: Client
    company: Company
    receiver: Receiver
    read: list[int] = field(default_factory=lambda: [0])

    @property
    def url(self) -> str:
        """The address of the receiver."""
        return f"http://127.0.0.1:{self.receiver.port}/hook"

    async def create(self, *events: str, **values: Any) -> tuple[dict[str, Any], str]:
        """Register an endpoint; return its id and version as an input has them, and its secret."""
        arguments = {"name": "ERP", "url": self.url, "events": [*events], **values}
        payload = await self.api.do(
            "webhookEndpointCreate", "secret webhookEndpoint { id version }", **arguments
        )
        assert payload["errors"] == []
        endpoint = payload["webhookEndpoint"]
        return {"id": endpoint["id"], "expectedVersion": endpoint["version"]}, payload["secret"]

    async def dispatch(self) -> None:
        """Dispatch new events."""
        database, id = self.company.application.database, self.company.organization_id
        async with operating(database, id, OperatorAction.WEBHOOKS_SEND) as work:
            events = await read_events(work.session, after=self.read[-1])
            await dispatch(work, events)
        self.read.extend(event.position for event in events)

    async def send(self, endpoint: dict[str, Any], at: datetime | None = None) -> Any:
        """Dispatch new events, then send what is due at an instant, and return the instant.

        The second value is the instant of the next attempt, or None.
        """
        at = at or clock.now()
        with clock.fixed(at):
            return at, await self._send(endpoint)

    async def _send(self, endpoint: dict[str, Any]) -> datetime | None:
        await self.dispatch()
        client = self.company.application.services.by_type[EgressClient]
        return await self.send_by(client, endpoint)

    async def send_by(self, client: EgressClient, endpoint: dict[str, Any]) -> datetime | None:
        """Send what is due by a client."""
        application, id = self.company.application, ids.decode("whe", endpoint["id"])
        box = application.services.by_type[SecretBox]
        sender = Sender(application.database, client, box, application.stored_documents)
        return await sender.send_due(self.company.organization_id, id)

    async def deliveries(self) -> list[dict[str, Any]]:
        """Return the delivery log."""
        nodes: list[dict[str, Any]] = (await self.api.ask(DELIVERIES))["webhookDeliveries"]["nodes"]
        return nodes

    async def endpoint(self, endpoint: dict[str, Any]) -> Any:
        """Return status, reason and version of an endpoint."""
        document = """query ($id: ID!) { webhookEndpoint(by: {id: $id}) {
            status disabledReason version } }"""
        return (await self.api.ask(document, id=endpoint["id"]))["webhookEndpoint"]


@pytest.fixture
async def webhooks(api: Client, company: Company) -> AsyncIterator[Webhooks]:
    """Return the webhooks of a company."""
    async with receiving() as receiver:
        yield Webhooks(api, company, receiver)
