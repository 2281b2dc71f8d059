"""An organization with a record of every kind, made step by step through the API."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2

from qgp.kit.policy import Role
from tests.company import Client, Company, Person, signature


@dataclass
class World:
    """What the steps made so far.

    Attributes:
        word: stands in every text that the organization wrote.
        ids: public ids by the name that their step gave them.
        versions: the latest version of each record, by id.
        tokens: the invitation of each invited person.
        people: who does what the owner may not do alone, by name.
    """

    company: Company
    word: str
    people: dict[str, Person] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def bare_id(self) -> str:
        """The organization's id as the database writes it."""
        return str(self.company.organization_id)

    def text(self, what: str) -> str:
        """Return a text that gives this organization away."""
        return f"{self.word}-{what}"

    def at(self, record: str, /, **changes: Any) -> dict[str, Any]:
        """Return the input of a change of the record."""
        id = self.ids[record]
        return {"id": id, "expectedVersion": self.versions.get(id, 1), **changes}

    def noted(self, name: str, payload: dict[str, Any]) -> None:
        """Remember the record that a step answered with."""
        if "results" in payload:
            (payload,) = payload["results"]
            assert payload["errors"] == []
        rows = [v for v in payload.values() if isinstance(v, dict) and "version" in v]
        if not rows:  # it is gone, and its id stays good for attacks
            return
        row = rows[0]
        self.ids[name], self.versions[row["id"]] = row["id"], row["version"]
        if token := payload.get("invitationToken"):
            self.tokens[name] = token


@dataclass(frozen=True)
class Step:
    """One mutation that works in a world which went through the steps before it.

    Attributes:
        by: who takes it, by name.
        sends: the file to send where the payload says.
        finds: names for records beside it, each with the root field that shows one, by `$id`.
        awaits: what has to come about before it, past the API.
    """

    mutation: str
    name: str
    input_of: Callable[[World], dict[str, Any]]
    by: str = "owner"
    sends: Callable[[World], bytes] | None = None
    finds: Mapping[str, str] = field(default_factory=dict)
    awaits: Callable[[World], Awaitable[None]] | None = None

    async def wait(self, world: World) -> None:
        """Have come about what has to before it."""
        if self.awaits:
            await self.awaits(world)

    async def send(self, http: httpx2.AsyncClient, world: World, payload: dict[str, Any]) -> None:
        """Send the file that the step promised, where the payload says."""
        if self.sends:
            upload = payload["upload"]
            sent = await http.request(upload["method"], upload["url"], content=self.sends(world))
            assert sent.status_code == 200, (self, sent.text)
            world.versions[world.ids[self.name]] += 1

    async def look(self, api: Client, world: World) -> None:
        """Remember what else the step made or changed."""
        for name, shown in self.finds.items():
            query = f"query ($id: ID!) {{ {shown} }}"
            body = {"query": query, "variables": {"id": world.ids[self.name]}}
            data: Any = (await api.post(body)).json()["data"]
            while "id" not in data:  # down to the one record, through whatever holds it
                data = data[0] if isinstance(data, list) else next(iter(data.values()))
            world.ids[name], world.versions[data["id"]] = data["id"], data["version"]


STAFF = {
    "eve": Role.EMPLOYEE,
    "max": Role.EMPLOYEE,
    "zoe": Role.EMPLOYEE,
    "kim": Role.QUALITY_MANAGER,
    "lea": Role.LEAD_AUDITOR,
}


async def begin(company: Company, word: str) -> World:
    """Return the world in which an owner has a staff."""
    world = World(company, f"{word}-{secrets.token_hex(6)}", {"owner": company.owner})
    for name, role in STAFF.items():
        world.people[name] = await company.hire(role, name=world.text(name))
    world.ids["organization"] = f"org_{company.organization_id.hex}"
    world.ids |= {name: person.id for name, person in world.people.items()}
    return world


def place(code: str, parent: str | None = None) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        above = {"parentId": world.ids[parent]} if parent else {}
        return {"code": world.text(code)[-40:], "name": world.text(code), **above}

    return input_of


def change(record: str, /, **changes: Any) -> Callable[[World], dict[str, Any]]:
    """Change a record; `str` writes another text, a name of a record stands for its id."""

    def input_of(world: World) -> dict[str, Any]:
        return world.at(
            record,
            **{
                key: world.text(f"changed-{key}") if value is str else world.ids.get(value, value)
                for key, value in changes.items()
                if value is not None
            },
        )

    return input_of


def signed(record: str, meaning: str, /, **changes: Any) -> Callable[[World], dict[str, Any]]:
    """Change a record, as `change` does, with the signature of whoever does it."""
    change_input = change(record, **changes)
    return lambda world: {**change_input(world), "signature": signature(meaning)}
