"""Commands and reads that the tests of standards share."""

from typing import Any

from tests.company import Client

IN_TREE_ORDER = """query ($standard: ID!, $filter: ClauseFilter, $size: Int, $after: String) {
    standard(by: {id: $standard}) { clauses(filter: $filter, first: $size, after: $after) {
        nodes { number } totalCount pageInfo { hasNextPage endCursor }
    } }
}"""


async def adopt(api: Client, code: str) -> str:
    """Adopt a shipped edition and return its id."""
    family, edition = code.split(":")
    payload = await api.do("standardAdopt", "standard { id }", familyCode=family, edition=edition)
    assert payload["errors"] == []
    id: str = payload["standard"]["id"]
    return id


async def write(api: Client, *numbers: str, family: str = "HOUSE", **facts: Any) -> str:
    """Add an own standard with these clauses and return its id."""
    payload = await api.do(
        "standardCreate",
        "standard { id }",
        **{"familyCode": family, "edition": "1", "title": "House rules", "kind": "SCHEME", **facts},
    )
    assert payload["errors"] == []
    id: str = payload["standard"]["id"]
    for number in numbers:
        await write_clause(api, id, number)
    return id


async def write_clause(api: Client, standard: str, number: str, **facts: Any) -> str:
    """Add a clause to an own standard and return its id."""
    payload = await api.do(
        "clauseCreate",
        "clause { id }",
        **{"standardId": standard, "number": number, "title": f"Rule {number}", **facts},
    )
    assert payload["errors"] == []
    id: str = payload["clause"]["id"]
    return id


async def clause(api: Client, standard: str, number: str, fields: str = "id") -> Any:
    """Read one clause by its number: its id, or an object of several fields."""
    data = await api.ask(
        f"""query ($standard: ID!, $number: String) {{ standard(by: {{id: $standard}}) {{
        clauses(filter: {{number: {{eq: $number}}}}) {{ nodes {{ {fields} }} }} }} }}""",
        standard=standard,
        number=number,
    )
    (one,) = data["standard"]["clauses"]["nodes"]
    return one["id"] if fields == "id" else one


async def numbers(api: Client, standard: str, filter: Any = None, *, size: int = 100) -> list[str]:
    """Page through a standard and return the numbers of its clauses as they come."""
    listed: list[str] = []
    after, more = None, True
    while more:
        variables = {"standard": standard, "filter": filter, "size": size, "after": after}
        page = (await api.ask(IN_TREE_ORDER, **variables))["standard"]["clauses"]
        listed += [row["number"] for row in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert page["totalCount"] == len(listed)
    return listed


def errors_of(payload: Any) -> list[tuple[str, str | None]]:
    """Return code and place of each error of a payload."""
    return [(error["code"], ".".join(error["path"] or []) or None) for error in payload["errors"]]
