"""Endpoints: their addresses, events, conditions and documents, and who may manage them."""

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.webhooks.model import WebhookSecret
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.notifications.consuming import listed, notify
from tests.receiver import Received
from tests.webhooks.conftest import Webhooks
from tests.webhooks.test_delivery import create_process

ENDPOINT = """name url events states changedFields requiresOtherActor document status
    disabledReason actingUser { id } viewerCanUpdate"""


async def test_an_endpoint_shows_what_was_written_and_its_secret_once(
    webhooks: Webhooks, api: Client, company: Company
) -> None:
    values = {
        "name": "ERP",
        "url": webhooks.url,
        "events": ["finding.*", "*.assigned", "process.created"],
        "states": ["CLOSED"],
        "changedFields": ["dueOn", "owner"],
        "requiresOtherActor": True,
        "document": "query ($id: ID!) { node(id: $id) { id } }",
    }
    call = "webhookEndpointCreate", f"secret webhookEndpoint {{ {ENDPOINT} }}"
    created = await api.do(*call, **values, idempotencyKey="once")
    assert created["webhookEndpoint"] == values | {
        "status": "ACTIVE",
        "disabledReason": None,
        "actingUser": {"id": company.owner.id},
        "viewerCanUpdate": True,
    }
    assert created["secret"].startswith("whsec_")
    async with company.application.database.read(Scope(company.organization_id)) as session:
        (sealed,) = await session.scalars(sa.select(WebhookSecret.sealed))
    assert created["secret"].encode() not in sealed
    repeated = await api.do(*call, **values, idempotencyKey="once")
    assert repeated["secret"] is None
    trail = await api.ask("{ trail(first: 100) { nodes { changes { field before after } } } }")
    assert created["secret"] not in json.dumps(trail)


@pytest.mark.parametrize(
    ("values", "path", "words"),
    [
        ({"url": "https://10.0.0.1/hook"}, "url", "no address of the public internet"),
        ({"url": "http://0251.254.169.254/"}, "url", "http is for addresses of this machine"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "url", "no address of the public internet"),
        ({"url": "https://user:secret@hooks.example/"}, "url", "user name"),
        ({"events": []}, "events", "at least one"),
        ({"events": ["finding.exploded"]}, "events", "has no verb of an event"),
        ({"events": ["webhook_delivery.created"]}, "events", "names no record with events"),
        ({"events": ["finding"]}, "events", "has no verb of an event"),
        ({"states": ["ASLEEP"]}, "states", "is no state"),
        ({"changedFields": ["colour"]}, "changedFields", "is no field"),
        ({"document": "query ($id: ID!) { node(id: $id) { colour } }"}, "document", "colour"),
        ({"document": "mutation { logout { errors { code } } }"}, "document", "not a query"),
        (
            {"document": "query ($n: Int!) { findings(first: $n) { totalCount } }"},
            "document",
            "$id",
        ),
    ],
)
async def test_an_invalid_endpoint_is_refused(
    webhooks: Webhooks, company: Company, values: dict[str, Any], path: str, words: str | None
) -> None:
    valid = {"name": "ERP", "url": webhooks.url, "events": ["*"]}
    async with unchanged(company):
        payload = await webhooks.api.do("webhookEndpointCreate", **valid | values)
    (error,) = payload["errors"]
    assert error["path"] == [path]
    assert words is None or words in error["message"]


async def test_webhooks_are_managed_by_owners_and_administrators(
    webhooks: Webhooks, company: Company
) -> None:
    endpoint, _ = await webhooks.create("*")
    quality = await company.hire(Role.QUALITY_MANAGER)
    async with quality.signed_in() as api, unchanged(company):
        for mutation in ("Update", "Disable", "Delete", "SecretRotate", "Test"):
            kind = f"webhookEndpoint{mutation}"
            document = f"""mutation ($input: {kind[0].upper()}{kind[1:]}Input!) {{
                {kind}(input: $input) {{ errors {{ code }} }} }}"""
            assert await api.refusal(document, input=endpoint) == "FORBIDDEN"
        assert await api.refusal("{ webhookDeliveries { totalCount } }") == "FORBIDDEN"


async def test_conditions_select_events(webhooks: Webhooks, company: Company) -> None:
    api = webhooks.api
    endpoints = [
        await webhooks.create("*.assigned", name="assigned"),
        await webhooks.create("finding.*", name="opened", states=["OPEN"]),
        await webhooks.create("*", name="renamed", changedFields=["name"]),
        await webhooks.create("process.*", name="others", requiresOtherActor=True),
    ]
    process = await create_process(api, "P1")
    await api.do("processUpdate", **process, name="Renamed", ownerId=company.owner.id)
    admin = await company.hire(Role.ADMIN)
    async with admin.signed_in() as other:
        await create_process(other, "P2")
    for endpoint, _ in endpoints:
        await webhooks.send(endpoint)
    log = [(row["endpoint"]["name"], row["eventName"]) for row in await webhooks.deliveries()]
    assert sorted(log) == [
        ("assigned", "process.assigned"),
        ("others", "process.created"),
        ("renamed", "process.updated"),
    ]


def results(requests: list[Received]) -> list[Any]:
    return [json.loads(request.body)["data"].get("result") for request in requests]


async def test_a_document_shapes_the_message_under_the_rights_of_its_user(
    webhooks: Webhooks, company: Company
) -> None:
    admin = await company.hire(Role.ADMIN)
    viewer = "query ($id: ID!) { viewer { user { id } } process(by: {id: $id}) { name } }"
    async with admin.signed_in() as api:
        managed = Webhooks(api, company, webhooks.receiver)
        endpoint, _ = await managed.create("process.*", document=viewer)
    await create_process(webhooks.api, "P1")
    await webhooks.send(endpoint)
    assert results(webhooks.receiver.requests) == [
        {"viewer": {"user": {"id": admin.id}}, "process": {"name": "P1"}}
    ]
    many = "query ($id: ID!) { processes(first: 50) { nodes { inputs } } node(id: $id) { id } }"
    changes = {"id": endpoint["id"], "expectedVersion": 1, "document": many}
    assert (await webhooks.api.do("webhookEndpointUpdate", **changes))["errors"] == []
    for number in (1, 2, 3):
        await webhooks.api.do(
            "processCreate", code=f"L{number}", name="Long", kind="CORE", inputs="x" * 9_000
        )
    await webhooks.send(endpoint)
    data = json.loads(webhooks.receiver.requests[-1].body)["data"]
    assert data["result"] is None
    (error,) = data["errors"]
    assert re.fullmatch(r"The message would have 27,4\d\d bytes; at most 20,480 are sent\.", error)


async def test_an_endpoint_whose_user_lost_the_right_is_disabled_and_sends_nothing(
    webhooks: Webhooks, company: Company
) -> None:
    admin = await company.hire(Role.ADMIN)
    async with admin.signed_in() as api:
        endpoint, _ = await Webhooks(api, company, webhooks.receiver).create("process.*")
    await create_process(webhooks.api, "P1")
    await webhooks.dispatch()
    suspended = {"id": admin.id, "expectedVersion": 1}
    assert (await webhooks.api.do("userSuspend", **suspended))["errors"] == []
    await webhooks.send(endpoint)
    assert not webhooks.receiver.requests
    shown = await webhooks.endpoint(endpoint)
    assert (shown["status"], shown["disabledReason"]) == ("DISABLED", "RIGHTS_ENDED")
    assert await noticed(webhooks, company) == [("ENABLE_WEBHOOK_ENDPOINT", endpoint["id"])]
    enabled = {"id": endpoint["id"], "expectedVersion": shown["version"]}
    assert (await webhooks.api.do("webhookEndpointEnable", **enabled))["errors"] == []
    assert await noticed(webhooks, company) == []


async def noticed(webhooks: Webhooks, company: Company) -> list[tuple[str, str]]:
    """Return the work that the caller was notified of, and that `myWork` has: kind and record."""
    await notify(company)
    work = "{ myWork { nodes { kind record { id } } } }"
    waiting = (await webhooks.api.ask(work))["myWork"]["nodes"]
    notices = [(one["workKind"], one["record"]["id"]) for one in await listed(webhooks.api)]
    assert notices == [(one["kind"], one["record"]["id"]) for one in waiting]
    return notices


async def test_a_test_and_a_deleted_endpoint(webhooks: Webhooks) -> None:
    endpoint, _ = await webhooks.create("process.*")
    assert (await webhooks.api.do("webhookEndpointTest", **endpoint))["errors"] == []
    await webhooks.send(endpoint)
    (request,) = webhooks.receiver.requests
    message = json.loads(request.body)
    assert (message["type"], message["data"]["id"]) == ("webhook_endpoint.test", endpoint["id"])
    disabled = await webhooks.api.do(
        "webhookEndpointDisable", "webhookEndpoint { disabledReason version }", **endpoint
    )
    endpoint["expectedVersion"] = disabled["webhookEndpoint"]["version"]
    (error,) = (await webhooks.api.do("webhookEndpointTest", **endpoint))["errors"]
    assert "is DISABLED. Enable it first" in error["message"]
    deleted = await webhooks.api.do("webhookEndpointDelete", "deletedId", **endpoint)
    assert deleted["deletedId"] == endpoint["id"]
    (delivery,) = await webhooks.deliveries()
    assert (delivery["status"], delivery["endpoint"]) == ("DELIVERED", None)
    (error,) = (await webhooks.api.do("webhookDeliveryReplay", id=delivery["id"]))["errors"]
    assert error["code"] == "NOT_FOUND"
