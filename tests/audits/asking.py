"""What the tests of audits ask and do again and again."""

from typing import Any

from qgp.kit import clock
from tests.company import Client, signature, subject_id

SIGNED = {"auditSubmit": "AUTHORED", "auditIssueReport": "REVIEWED"}
AUDIT = "audit { id version status }"
STANDING = """auditResponse { id version isNa naReason comment isFailed score maxScore clientId
    clientSequence value { verdict options number text date time location { latitude longitude }
    user { id } site { id } } }"""


def errors_of(payload: Any) -> list[tuple[str, str | None]]:
    """Return code and place of each error of a payload."""
    return [(error["code"], ".".join(error["path"] or []) or None) for error in payload["errors"]]


def blockers(payload: Any) -> list[tuple[str, str | None]]:
    """Return code and subject of each blocker of the one refusal in a payload."""
    (error,) = payload["errors"]
    assert error["__typename"] == "TransitionNotAllowedError", error
    assert all(b["message"].endswith(".") and len(b["message"]) > 20 for b in error["blockers"])
    return [(blocker["code"], subject_id(blocker)) for blocker in error["blockers"]]


async def take(api: Client, step: str, row: Any, *, version: int | None = None, **more: Any) -> Any:
    """Take a step with an audit, signed where it has to be, and return the payload."""
    arguments = {"id": row.public_id, "expectedVersion": version or row.version, **more}
    if step in SIGNED:
        arguments = {"signature": signature(SIGNED[step]), **arguments}
    return await api.do(step, AUDIT, **arguments)


async def done(api: Client, mutation: str, shown: str = AUDIT, **arguments: Any) -> Any:
    """Run a mutation that must succeed and return its payload."""
    payload = await api.do(mutation, shown, **arguments)
    assert payload["errors"] == [], (mutation, payload["errors"])
    return payload


def answer(question: Any, /, sequence: int = 1, **said: Any) -> dict[str, Any]:
    """An answer of a tablet's; a text is a verdict."""
    value = said.pop("value", None)
    response_value = {"verdict": value} if isinstance(value, str) else value
    return {
        "questionId": question.public_id,
        "clientId": "tablet",
        "clientSequence": sequence,
        "answeredAt": clock.now().isoformat(),
        **({} if response_value is None else {"value": response_value}),
        **said,
    }


async def respond(api: Client, audit: Any, *answers: dict[str, Any]) -> list[Any]:
    """Send answers and return the result of each."""
    shown = f"results {{ {STANDING} errors {{ code path message }} }}"
    payload = await api.do(
        "auditResponsesRecord", shown, auditId=audit.public_id, answers=list(answers)
    )
    assert payload["errors"] == []
    results: list[Any] = payload["results"]
    return results


async def read(api: Client, audit: Any, shown: str) -> Any:
    """Read fields of an audit; None where it is hidden."""
    document = f"query ($id: ID!) {{ audit(by: {{id: $id}}) {{ {shown} }} }}"
    return (await api.ask(document, id=audit.public_id))["audit"]
