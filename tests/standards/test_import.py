"""OSCAL files on the shelf: read once, read again, changed, broken, and the real one."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from qgp.kit.errors import Invalid
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.standards.commands.catalogue_import import Tally, import_oscal
from tests.company import Client, Company
from tests.evidence import trail_length, unchanged
from tests.standards import standard_commands
from tests.standards.test_oscal import FAMILIES, GARDEN, NIST, SHARED

CODE = "GARDEN-SAFETY-RULES-SMALL-BASELINE:3.0"
TREE = ["WT", "WT-2", "WT-2(1)", "WT-10", "TL", "TL.SHARP", "TL-1"]
Change = Callable[[Any], None]


async def shelve(company: Company, raw: bytes) -> Tally:
    """Import a file in a unit of work, as the command line does."""
    organization, user = company.organization_id, company.owner.user_id
    caller = Principal(user, uuid4(), organization, uuid4(), Role.OWNER)
    scope = Scope(organization, actor_id=user, action="standards import")
    async with company.application.database.write(scope) as session:
        _, tally = await import_oscal(Work(session, caller), raw)
    return tally


def edited(change: Change) -> bytes:
    document = json.loads(GARDEN.read_bytes())
    change(document["catalog"]["groups"])
    return json.dumps(document).encode()


async def garden(api: Client, fields: str) -> Any:
    document = f"query ($code: String!) {{ standard(by: {{code: $code}}) {{ {fields} }} }}"
    return (await api.ask(document, code=CODE))["standard"]


async def test_a_file_becomes_a_standard_that_is_imported(api: Client, company: Company) -> None:
    tally = await shelve(company, GARDEN.read_bytes())
    record = await garden(api, "id origin publisher publishedOn clauses { nodes { number } }")
    assert sorted(TREE) == sorted(row["number"] for row in record["clauses"]["nodes"])
    assert tally == Tally(added=len(TREE))
    assert (record["origin"], record["publisher"]) == ("IMPORTED", "Garden Guild")
    assert record["publishedOn"] == "2025-03-01"
    plan = await standard_commands.clause(
        api, record["id"], "WT-2", "text isRequirement ancestors { number } children { totalCount }"
    )
    assert plan["text"].startswith("In spring, autumn:")
    del plan["text"]
    assert plan == {
        "isRequirement": True,
        "ancestors": [{"number": "WT"}],
        "children": {"totalCount": 1},
    }


async def test_the_same_file_again_changes_nothing(company: Company) -> None:
    await shelve(company, GARDEN.read_bytes())
    async with unchanged(company):
        assert await shelve(company, GARDEN.read_bytes()) == Tally()


async def test_a_changed_file_updates_adds_and_withdraws(api: Client, company: Company) -> None:
    def change(groups: Any) -> None:
        groups[0]["controls"][1]["title"] = "Hard frost"
        groups[0]["controls"].append({"id": "wt-11", "title": "Heat"})
        sheaths = groups[1]["groups"][0]["controls"][0]
        sheaths["props"] = [{"name": "status", "value": "withdrawn"}]

    await shelve(company, GARDEN.read_bytes())
    length = await trail_length(company)
    assert await shelve(company, edited(change)) == Tally(added=1, changed=1, withdrawn=1)
    assert await trail_length(company) == length + 3
    rows = (await garden(api, "clauses { nodes { number title version withdrawnAt } }"))["clauses"]
    by_number = {row["number"]: row for row in rows["nodes"]}
    assert (by_number["WT-10"]["title"], by_number["WT-10"]["version"]) == ("Hard frost", 2)
    assert (by_number["WT-11"]["title"], by_number["WT-11"]["version"]) == ("Heat", 1)
    assert by_number["TL-1"]["withdrawnAt"] is not None
    async with unchanged(company):
        assert await shelve(company, edited(change)) == Tally()
    assert await shelve(company, GARDEN.read_bytes()) == Tally(changed=2, withdrawn=1)


async def test_numbers_pass_from_one_clause_to_another(company: Company) -> None:
    def change(groups: Any) -> None:
        for control, label in zip(groups[0]["controls"], ["WT-10", "WT-2"], strict=False):
            control["props"] = [{"name": "label", "value": label}]
        groups[1]["groups"][0]["controls"][0]["id"] = "tl-one"

    await shelve(company, GARDEN.read_bytes())
    assert await shelve(company, edited(change)) == Tally(added=1, changed=2, withdrawn=1)
    async with unchanged(company):
        assert await shelve(company, edited(change)) == Tally()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        edited(lambda groups: groups[0]["controls"][0].pop("title")),
        edited(lambda groups: groups[1].update(id="wt")),
        edited(lambda groups: groups[0].update(controls="none")),
    ],
)
async def test_a_broken_file_writes_nothing(company: Company, raw: bytes) -> None:
    await shelve(company, GARDEN.read_bytes())
    async with unchanged(company):
        with pytest.raises(Invalid):
            await shelve(company, raw)


async def test_an_edition_from_elsewhere_is_left_alone(api: Client, company: Company) -> None:
    family, edition = CODE.split(":")
    await standard_commands.write(api, family=family, edition=edition)
    async with unchanged(company):
        with pytest.raises(Invalid, match="with origin OWN"):
            await shelve(company, GARDEN.read_bytes())


async def test_imported_clauses_are_not_added_to(api: Client, company: Company) -> None:
    await shelve(company, GARDEN.read_bytes())
    id = (await garden(api, "id"))["id"]
    async with unchanged(company):
        payload = await api.do("clauseCreate", standardId=id, number="WT-99", title="Mine")
        assert standard_commands.errors_of(payload) == [("BAD_USER_INPUT", "standardId")]


FAMILY = """query ($after: String) { standards { nodes { code } } clauses(first: 100,
    after: $after, filter: {isRequirement: {eq: true}}) { nodes { number depth
    ancestors { number } } pageInfo { hasNextPage endCursor } } }"""


@pytest.mark.parametrize("level", NIST)
async def test_the_real_baseline_reads_back_as_a_tree(
    api: Client, company: Company, level: str
) -> None:
    file = SHARED / f"nist_800-53r5_{level}.json"
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    began = time.monotonic()
    tally = await shelve(company, file.read_bytes())
    assert time.monotonic() - began < 5
    assert tally == Tally(added=sum(NIST[level]) + len(FAMILIES))
    controls: list[Any] = []
    page: Any = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = (await api.ask(FAMILY, after=page["pageInfo"]["endCursor"]))["clauses"]
        controls += page["nodes"]
    assert len(controls) == sum(NIST[level])
    families = Counter(control["ancestors"][0]["number"] for control in controls)
    assert families == dict(zip(FAMILIES, NIST[level], strict=True))
    assert all(control["depth"] == len(control["ancestors"]) for control in controls)
    async with unchanged(company):
        assert await shelve(company, file.read_bytes()) == Tally()
