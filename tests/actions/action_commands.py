"""Commands that the tests of actions share."""

from datetime import date
from typing import Any

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus, AuditType
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import Finding, FindingStatus
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

DUE = "2027-03-01"
DIRTY = {"title": "Dirty filter", "detected_on": date(2026, 1, 1)}
NOTE = "Changed the filter."
FORBIDDEN = ["FORBIDDEN"]


async def hand_out(api: Client, owner: str, **facts: Any) -> str:
    """Create an action and return its id."""
    values = {"title": "Change the filter", "kind": "CORRECTION", "ownerId": owner, "dueOn": DUE}
    payload = await api.do("actionCreate", "action { id }", **{**values, **facts})
    assert payload["errors"] == []
    id: str = payload["action"]["id"]
    return id


async def attempt(api: Client, mutation: str, id: str, version: int, **values: Any) -> list[str]:
    """Run a mutation on an action; return the codes of what is in the way."""
    title = mutation[0].upper() + mutation[1:]
    document = f"""mutation ($i: {title}Input!) {{ {mutation}(input: $i) {{ errors {{ code
        ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
    answer = await api.send(document, i={"id": id, "expectedVersion": version, **values})
    if "errors" in answer:
        return [error["extensions"]["code"] for error in answer["errors"]]
    errors = answer["data"][mutation]["errors"]
    return [b["code"] for e in errors for b in e.get("blockers", [e])]


async def go(api: Client, id: str, *steps: str) -> int:
    """Take steps that must succeed, from whatever version it has; return the version then."""
    for step in steps:
        version = await show(api, id, "version")
        assert await attempt(api, step, id, version, **needs(step)) == [], step
    version = await show(api, id, "version")
    assert isinstance(version, int)
    return version


def needs(step: str) -> dict[str, str]:
    """Return what a step takes beside the action."""
    if step == "actionComplete":
        return {"completionNote": NOTE}
    explained = step in {"actionBlock", "actionReject", "actionCancel"}
    return {"reason": "It has to be."} if explained else {}


async def show(api: Client, id: str, fields: str) -> Any:
    """Read an action: one field, or an object of several."""
    data = await api.ask(f"query ($id: ID!) {{ action(by: {{id: $id}}) {{ {fields} }} }}", id=id)
    action = data["action"]
    return action[fields] if action and fields.isidentifier() else action


async def finding(
    company: Company, status: FindingStatus = FindingStatus.DRAFT, **facts: Any
) -> Finding:
    """Write a finding in a state, past its own commands."""
    async with work_of(company) as work:
        row = factories.finding(status, **{**DIRTY, **facts})
        return await work.add(row)


async def capa(company: Company, status: CapaStatus = CapaStatus.DRAFT, **facts: Any) -> Capa:
    """Write a CAPA in a state, past its own commands."""
    async with work_of(company) as work:
        row = factories.capa(status, **{"owner_id": company.owner.user_id, **facts})
        return await work.add(row)


async def audit(
    company: Company,
    status: AuditStatus = AuditStatus.PLANNED,
    *,
    title: str = "Filters",
    **facts: Any,
) -> Audit:
    """Write an audit in a state, past its own commands."""
    row = factories.audit(status, type=AuditType.PROCESS, title=title, **facts)
    async with work_of(company) as work:
        return await work.add(row)
