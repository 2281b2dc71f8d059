"""The way from one edition to the next: what changed, and what is still open."""

from typing import Any

import pytest

from tests.company import Client
from tests.standards import standard_commands

GAP = """query ($older: ID!, $newer: ID!) { transitionGap(olderId: $older, newerId: $newer) {
    older { code } newer { code } counts { changeKind count openCount }
    changes(first: 100) { totalCount nodes { changeKind toClause { id number } } } } }"""
EDITIONS = {
    "ISO9001": {
        "UNCHANGED": (53, 0),
        "RENUMBERED": (3, 0),
        "EXTENDED": (2, 2),
    },
    "ISO14001": {
        "UNCHANGED": (27, 0),
        "RENUMBERED": (5, 0),
        "EXTENDED": (2, 2),
        "NEW": (2, 2),
    },
}


async def gap(api: Client, older: str, newer: str) -> Any:
    return (await api.ask(GAP, older=older, newer=newer))["transitionGap"]


def counts(gap: Any) -> dict[str, tuple[int, int]]:
    rows = gap["counts"]
    assert sum(row["count"] for row in rows) == gap["changes"]["totalCount"]
    return {row["changeKind"]: (row["count"], row["openCount"]) for row in rows}


@pytest.mark.parametrize(("family", "expected"), EDITIONS.items())
async def test_what_is_new_or_extended_stays_open_until_it_conforms(
    api: Client, family: str, expected: dict[str, tuple[int, int]]
) -> None:
    newer = await standard_commands.adopt(api, f"{family}:2026")
    older = await standard_commands.adopt(api, f"{family}:2015")
    analysis = await gap(api, older, newer)
    assert (analysis["older"]["code"], analysis["newer"]["code"]) == (
        f"{family}:2015",
        f"{family}:2026",
    )
    assert counts(analysis) == expected
    for change in analysis["changes"]["nodes"]:
        kind = change["changeKind"]
        if kind not in {"NEW", "EXTENDED"}:
            continue
        total, still_open = counts(await gap(api, older, newer))[kind]
        arguments = {"clauseId": change["toClause"]["id"], "conformity": "MAJOR_GAP"}
        assessed = await api.do("clauseAssess", "clauseAssessment { id }", **arguments)
        assert counts(await gap(api, older, newer))[kind] == (total, still_open)
        id = assessed["clauseAssessment"]["id"]
        await api.do("clauseAssessmentUpdate", id=id, expectedVersion=1, conformity="CONFORM")
        assert counts(await gap(api, older, newer))[kind] == (total, still_open - 1)
    after = counts(await gap(api, older, newer))
    assert after == {kind: (count, 0) for kind, (count, _) in expected.items()}


async def test_a_rejected_change_does_not_count(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = (
        """{ clauseMappings(filter: {changeKind: {eq: EXTENDED}}) { nodes { id version } } }"""
    )
    for row in (await api.ask(document))["clauseMappings"]["nodes"]:
        done = await api.do("clauseMappingReject", id=row["id"], expectedVersion=row["version"])
        assert done["errors"] == []
    assert counts(await gap(api, older, newer)) == {"UNCHANGED": (53, 0), "RENUMBERED": (3, 0)}


async def test_the_newer_edition_supersedes_the_older_in_the_library(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = "query ($id: ID!) { standard(by: {id: $id}) { supersedes { id } } }"
    superseded = [
        (await api.ask(document, id=id))["standard"]["supersedes"] for id in (older, newer)
    ]
    assert superseded == [None, {"id": older}]


async def test_editions_of_two_families_have_no_gap(api: Client) -> None:
    one, other = [await standard_commands.adopt(api, f"{family}:2015") for family in EDITIONS]
    assert await api.refusal(GAP, older=one, newer=other) == "BAD_USER_INPUT"
    assert await gap(api, one, one.replace(one[4:12], "00000000")) is None


async def test_both_editions_are_read_in_one_statement(api: Client) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    document = """query ($older: ID!, $newer: ID!) {
        transitionGap(olderId: $older, newerId: $newer) { older { code } newer { code } } }"""
    await api.ask(document, older=older, newer=newer)
    assert len([statement for statement in api.statements if "FROM standards" in statement]) == 1
