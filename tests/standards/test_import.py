"""OSCAL files on the shelf: read once, read again, changed, broken, and the real one."""

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from qgp.kit import ids
from qgp.kit.errors import Invalid
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.standards.commands.catalogue_import import Tally
from qgp.standards.commands.oscal_import import import_oscal
from tests.company import Client, Company
from tests.evidence import trail_length, unchanged
from tests.standards import standard_commands
from tests.standards.test_oscal import FAMILIES, GARDEN, NIST, SHARED

CODE = "GARDEN-SAFETY-RULES-SMALL-BASELINE:3.0"
TREE = ["WT", "WT-2", "WT-2(1)", "WT-10", "TL", "TL.SHARP", "TL-1"]
Change = Callable[[Any], None]


async def shelve(company: Company, raw: bytes, supersedes_id: UUID | None = None) -> Tally:
    """Import a file in a unit of work, as the command line does."""
    organization, user = company.organization_id, company.owner.user_id
    caller = Principal(user, uuid4(), organization, uuid4(), Role.OWNER)
    scope = Scope(organization, actor_id=user, action="standards import")
    async with company.application.database.write(scope) as session:
        _, tally = await import_oscal(Work(session, caller), raw, supersedes_id)
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


def edition(version: str, *prose: str, **metadata: object) -> bytes:
    """Return a catalog with a control below a group for each statement."""
    controls = [
        {"id": f"c-{n}", "title": "C", "parts": [{"name": "statement", "prose": text}]}
        for n, text in enumerate(prose)
        if text
    ]
    about = {"title": "Rules", "version": version, **metadata}
    groups = [{"id": "g", "title": "G", "controls": controls}]
    uuid = about.pop("uuid", "7f1a2f66-5a0e-4c39-9a43-0d8b1f6f2a01")
    return json.dumps({"catalog": {"uuid": uuid, "metadata": about, "groups": groups}}).encode()


GAP = """query ($older: ID!, $newer: ID!) { transitionGap(olderId: $older, newerId: $newer) {
    counts { changeKind count openCount } changes { totalCount } } }"""


REVIEWED = """{ clauseAssessments(filter: {isReviewRequired: {eq: true}}) {
    nodes { clause { number } } } }"""


async def library(api: Client) -> list[dict[str, Any]]:
    document = "{ standards { nodes { id code supersedes { code } } } }"
    rows: list[dict[str, Any]] = (await api.ask(document))["standards"]["nodes"]
    return rows


async def gap(api: Client, older: str, newer: str) -> dict[str, int]:
    by_code = {row["code"]: row["id"] for row in await library(api)}
    answer = await api.ask(GAP, older=by_code[older], newer=by_code[newer])
    counts = {row["changeKind"]: row["count"] for row in answer["transitionGap"]["counts"]}
    assert answer["transitionGap"]["changes"]["totalCount"] == sum(counts.values())
    return counts


async def test_the_next_edition_is_mapped_and_assessed_by_the_ids_of_its_controls(
    api: Client, company: Company
) -> None:
    texts = [f"Do {n}." for n in range(6)]
    await shelve(company, edition("1.9.0", *texts))
    former = (await library(api))[0]["id"]
    for number in ("C-0", "C-4"):
        clause_id = await standard_commands.clause(api, former, number)
        facts = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
        assert (await api.do("clauseAssess", clauseId=clause_id, **facts))["errors"] == []
    await api.do("standardSupersede", id=former, expectedVersion=1)
    changed = [*texts[:3], "", "Do  4\nnow.", "Do\n 5.", "Do 6."]
    await shelve(company, edition("1.10.0", *changed, title="Rules v2"))
    superseded = {row["code"]: row["supersedes"] for row in await library(api)}
    assert superseded == {"RULES:1.9.0": None, "RULES:1.10.0": {"code": "RULES:1.9.0"}}
    carried = (await api.ask(REVIEWED))["clauseAssessments"]["nodes"]
    assert carried == [{"clause": {"number": "C-0"}}]
    counts = {"UNCHANGED": 4, "EXTENDED": 1, "NEW": 1, "REMOVED": 1}
    assert await gap(api, "RULES:1.9.0", "RULES:1.10.0") == counts
    async with unchanged(company):
        await shelve(company, edition("1.10.0", *changed, title="Rules v2"))
        await shelve(company, edition("1.9.0", *texts))
    await shelve(company, edition("1.10.0", *texts, title="Rules v2"))
    assert await gap(api, "RULES:1.9.0", "RULES:1.10.0") == {"UNCHANGED": 6}


def succession(version: str, *controls: dict[str, Any]) -> bytes:
    about = {"title": "Rules", "version": version}
    return json.dumps({"catalog": {"metadata": about, "controls": controls}}).encode()


def control(id: str, text: str, *links: tuple[str, str]) -> dict[str, Any]:
    """Return a control, which is withdrawn if it has links."""
    statement = {"id": f"{id}_smt", "name": "statement", "prose": text}
    props = [{"name": "status", "value": "withdrawn"}] if links else []
    targets = [{"rel": relation, "href": target} for relation, target in links]
    return {"id": id, "title": id, "props": props, "links": targets, "parts": [statement]}


async def test_a_control_that_moved_is_followed_by_the_control_that_it_became(
    api: Client, company: Company
) -> None:
    """Also over a further move, into a part of another control, or in other letters."""
    former = [control(id, f"Do {id}.") for id in ("a", "b", "c", "d", "e", "f")]
    await shelve(company, succession("1", *former))
    older = (await library(api))[0]["id"]
    for number in "ABE":
        clause_id = await standard_commands.clause(api, older, number)
        facts = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
        await api.do("clauseAssess", clauseId=clause_id, **facts)
    await api.do("standardSupersede", id=older, expectedVersion=1)
    newer = succession(
        "2",
        control("a", "", ("moved-to", "#x")),
        control("x", "", ("moved-to", "#g"), ("moved-to", "#a")),
        control("b", "", ("Incorporated-Into", "#c_smt"), ("related", "#g")),
        control("c", "Do c and b."),
        control("d", "", ("moved-to", "#nowhere"), ("moved-to", "https://x.example")),
        control("E", "Do e."),
        control("g", "Do a."),
        control("h", "Do f."),
    )
    await shelve(company, newer)
    expected = {"RENUMBERED": 1, "EXTENDED": 2, "UNCHANGED": 1, "REMOVED": 2, "NEW": 1}
    assert await gap(api, "RULES:1", "RULES:2") == expected
    carried = (await api.ask(REVIEWED))["clauseAssessments"]["nodes"]
    assert sorted(row["clause"]["number"] for row in carried) == ["E", "G"]
    (edition,) = [row["id"] for row in await library(api) if row["code"] == "RULES:2"]
    declared = await api.do(
        "clauseMappingPropose",
        fromClauseId=await standard_commands.clause(api, older, "F"),
        toClauseId=await standard_commands.clause(api, edition, "H"),
        changeKind="RENUMBERED",
        relation="EQUAL",
        strength=100,
    )
    assert declared["errors"] == []
    expected = {"RENUMBERED": 2, "EXTENDED": 2, "UNCHANGED": 1, "REMOVED": 1}
    assert await gap(api, "RULES:1", "RULES:2") == expected
    async with unchanged(company):
        await shelve(company, newer)


async def test_an_edition_is_recognized_by_title_or_id_whatever_came_first(
    api: Client, company: Company
) -> None:
    doi = [{"scheme": "doi", "identifier": "10.1/rules"}]
    await shelve(company, edition("3", "Do.", uuid="3", **{"document-ids": doi}))
    await shelve(company, edition("1", "Do.", uuid="1"))
    await shelve(company, edition("2", "Do.", uuid="2", title="New", **{"document-ids": doi}))
    await shelve(company, edition("3", "Do.", uuid="3", title="Other"))
    rows = await library(api)
    (other,) = [row for row in rows if row["code"] == "OTHER:3"]
    other_id = ids.decode("std", other["id"])
    await shelve(company, edition("4", "Do.", uuid="4", title="Renamed"), other_id)
    assert {row["code"]: row["supersedes"] for row in await library(api)} == {
        "OTHER:3": None,
        "OTHER:4": {"code": "OTHER:3"},
        "RULES:1": None,
        "RULES:2": {"code": "RULES:1"},
        "RULES:3": {"code": "RULES:1"},
    }
    assert await gap(api, "OTHER:3", "OTHER:4") == {"UNCHANGED": 1}
    async with unchanged(company):
        with pytest.raises(Invalid, match="is edition 3 of OTHER:3 itself"):
            await shelve(company, edition("3", "Do.", title="Other"), other_id)


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
