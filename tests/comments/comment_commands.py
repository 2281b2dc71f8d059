"""Commands that the tests of comments share."""

from typing import Any

from tests.company import Client

SHOWN = """comment { id version body visibility editedAt deletedAt viewerCanUpdate viewerCanDelete
    parent { id } mentions { id } subject { id __typename } }"""


async def task(api: Client, owner: str, **facts: Any) -> str:
    """Give somebody something to do and return its id: a subject that needs nothing else."""
    values = {"title": "Ask", "kind": "FOLLOW_UP", "ownerId": owner, "dueOn": "2027-01-01"}
    payload = await api.do("actionCreate", "action { id }", **values, **facts)
    assert payload["errors"] == []
    return str(payload["action"]["id"])


async def say(api: Client, about: str, body: str = "Is it done?", **values: Any) -> Any:
    """Say something, which must succeed."""
    payload = await api.do("commentCreate", SHOWN, subjectId=about, body=body, **values)
    assert payload["errors"] == [], payload
    return payload["comment"]


def at(comment: Any, **changes: Any) -> dict[str, Any]:
    """Return the input of a change of the comment."""
    return {"id": comment["id"], "expectedVersion": comment["version"], **changes}


async def code(api: Client, mutation: str, **values: Any) -> tuple[str, str]:
    """Run a mutation that is refused and return the error's code and where it points."""
    (error,) = (await api.do(mutation, **values))["errors"]
    return error["code"], (error["path"] or [""])[-1]
