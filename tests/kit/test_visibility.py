"""What a record names of records that are hidden from its reader is not told to them."""

from typing import Any

import pytest

from qgp.capas.model.terms import CapaStatus
from qgp.kit import clock
from qgp.kit.clock import print_instant
from qgp.kit.policy import Role
from tests.capas.capa_records import CapaRecords, take
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.exchange.files import fetch
from tests.kit.places import Map, charted

HIDDEN = "A record that is hidden from you blocks this ({}). " + (
    "Ask somebody who is QUALITY_MANAGER, ADMIN or OWNER."
)


@pytest.fixture
def capa_records(company: Company) -> CapaRecords:
    """Where a test writes records."""
    return CapaRecords(company)


class Scene:
    """A process owner with an action of a CAPA that is hidden from them, and one of their own."""

    def __init__(self, capa_records: CapaRecords, map: Map) -> None:
        self.capa_records, self.map = capa_records, map

    async def set_up(self, status: CapaStatus = CapaStatus.DRAFT) -> None:
        """Write the records."""
        self.person = await self.map.hire(Role.PROCESS_OWNER, "site_id")
        mine: Any = {"owner_id": self.person.user_id}
        self.hidden = await self.capa_records.capa(status, **self.map.facts("there"))
        self.shown = await self.capa_records.capa(title="shown", **self.map.facts("here"))
        self.task = await self.capa_records.action(self.hidden, title="task", **mine)
        self.other = await self.capa_records.action(self.shown, title="other", **mine)

    async def count(self, api: Client, **filter: Any) -> int:
        """Count the actions that a filter leaves, which the file agrees with."""
        document = """query ($filter: ActionFilter) {
            actions(filter: $filter) { totalCount nodes { id } } }"""
        connection = (await api.ask(document, filter=filter))["actions"]
        filed = await fetch(api, "actions", "title", filter=filter)
        assert connection["totalCount"] == len(connection["nodes"]) == len(filed.column("title"))
        return int(connection["totalCount"])


@pytest.fixture
async def scene(capa_records: CapaRecords) -> Scene:
    """The scene, set up."""
    scene_with_places = Scene(capa_records, await charted(capa_records.company))
    await scene_with_places.set_up()
    return scene_with_places


async def test_a_filter_takes_a_hidden_parent_for_none(scene: Scene) -> None:
    hidden, shown = scene.hidden.public_id, scene.shown.public_id
    async with scene.person.signed_in() as api:
        assert await scene.count(api, capaId={"eq": hidden}) == 0
        assert await scene.count(api, capaId={"in": [hidden, shown]}) == 1
        assert await scene.count(api, capaId={"isNull": True}) == 1
        assert await scene.count(api, capaId={"isNull": False}) == 1
        assert await scene.count(api, **{"not": {"capaId": {"eq": hidden}}}) == 2
        assert await scene.count(api, **{"not": {"capaId": {"isNull": True}}}) == 1
    async with scene.capa_records.company.owner.signed_in() as api:
        assert await scene.count(api, capaId={"eq": hidden}) == 1
        assert await scene.count(api, capaId={"isNull": True}) == 0


async def test_history_and_the_past_name_no_hidden_parent(scene: Scene) -> None:
    document = """query ($id: ID!, $at: DateTime!) {
        action(by: {id: $id}) { capa { id } history { nodes { changes { field after } } } }
        asOf(recordId: $id, at: $at) { fields { field value } } }"""
    now = print_instant(clock.now())
    for who, name in (
        (scene.person, None),
        (scene.capa_records.company.owner, scene.hidden.public_id),
    ):
        async with who.signed_in() as api:
            answer = await api.ask(document, id=scene.task.public_id, at=now)
        (entry,) = answer["action"]["history"]["nodes"]
        after = {change["field"]: change["after"] for change in entry["changes"]}
        past = {each["field"]: each["value"] for each in answer["asOf"]["fields"]}
        assert (after.get("capa"), past["capa"]) == (name, name)
        assert (after["title"], past["title"]) == ("task", "task")


async def test_histories_are_screened_in_as_many_statements_as_one(scene: Scene) -> None:
    document = "{ actions { nodes { history(first: 2) { nodes { changes { field after } } } } } }"
    counts = []
    async with scene.person.signed_in() as api:
        for more in (0, 20):
            for _ in range(more):
                await scene.capa_records.action(scene.hidden, owner_id=scene.person.user_id)
            await api.ask(document)
            api.statements.clear()
            await api.ask(document)
            counts.append(len(api.statements))
    assert counts[0] == counts[1]


async def test_a_blocker_counts_what_is_hidden_and_does_not_name_it(
    capa_records: CapaRecords,
) -> None:
    worker = await capa_records.company.hire(Role.EMPLOYEE)
    capa = await capa_records.capa(CapaStatus.IMPLEMENTING, owner_id=worker.user_id)
    task = await capa_records.action(capa, owner_id=worker.user_id)
    hidden = [await capa_records.action(capa) for _ in range(2)]
    document = """query ($id: ID!) { capa(by: {id: $id}) { availableTransitions {
        name blockers { code message subject { id } } } } }"""
    named = f"{task.reference} is not done. Complete or cancel it first."
    blocker = {"code": "ACTIONS_DONE", "message": named, "subject": {"id": task.public_id}}
    nameless = {"code": "ACTIONS_DONE", "message": HIDDEN.format("ACTIONS_DONE"), "subject": None}
    async with worker.signed_in() as api:
        options = (await api.ask(document, id=capa.public_id))["capa"]["availableTransitions"]
        (verifying,) = [each for each in options if each["name"] == "capaSubmitForVerification"]
        assert verifying["blockers"] == [blocker, nameless]
        async with unchanged(capa_records.company):
            payload = await take(api, "capaSubmitForVerification", capa)
    (error,) = payload["errors"]
    assert error["blockers"] == [blocker, nameless]
    assert not any(row.reference in error["message"] for row in hidden)
    async with capa_records.company.owner.signed_in() as api:
        (error,) = (await take(api, "capaSubmitForVerification", capa))["errors"]
    subjects = [each["subject"]["id"] for each in error["blockers"]]
    assert subjects == [row.public_id for row in (task, *hidden)]
