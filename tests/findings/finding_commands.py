"""Commands that the tests of findings share."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from qgp.kit import clock
from qgp.standards.model.terms import StandardStatus
from tests import factories
from tests.company import Client, Company, Person, signature
from tests.kit.work import work_of

SHOWN = "finding { id reference version status }"
WHOLE = {
    "grade": "MINOR",
    "sourceType": "AUDIT",
    "title": "Gauges without a label",
    "statement": "Three gauges in use show no date of calibration.",
    "evidenceText": "Gauges 4, 7 and 9, seen in the lab.",
}
TERM = clock.today() + timedelta(100)  # last day of a concession
CAUSE = "Nobody looks after what is lent."


@dataclass
class FindingCommands:
    """Commands on findings, and the records that findings refer to.

    Attributes:
        clauses: ids by number.
        ids: ids of the site, the department, the cause category, the owner and the standard.
        approver: approves concessions, by a signature of another person than the finding's author.
    """

    api: Client
    clauses: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    approver: Person | None = None

    async def write(self, **facts: Any) -> Any:
        """Create a nonconformity with every required field, some of which `facts` replace."""
        values = {**WHOLE, "ownerId": self.ids["owner"], "primaryClauseId": self.clauses["1"]}
        return (await done(self.api, "findingCreate", **{**values, **facts}))["finding"]

    async def walk(self, *steps: str, **facts: Any) -> Any:
        """Create a nonconformity and run transitions on it, by the organization's owner."""
        finding = await self.write(**facts)
        for step in steps:
            finding = await self.step(finding, step)
        return finding

    async def step(self, finding: Any, step: str, **values: Any) -> Any:
        """Run a transition that must succeed, with the input that it requires."""
        if step == "findingSubmitForVerification":
            await self.prove(finding)
        if step == "findingGrantConcession" and self.approver:
            async with self.approver.signed_in() as api:
                needed = self.needs(step) | values
                return (await done(api, step, **at(finding), **needed))["finding"]
        return (await done(self.api, step, **at(finding), **self.needs(step), **values))["finding"]

    async def prove(self, subject: Any, **facts: Any) -> Any:
        """Create an evidence item about a record."""
        what = {"title": "Photo", "kind": "LINK", "url": "https://files.example/photo"}
        values = {"subjectId": subject["id"], "effectiveOn": "2026-11-20", **what, **facts}
        shown = "evidenceItem { id version }"
        return (await done(self.api, "evidenceItemCreate", shown, **values))["evidenceItem"]

    def needs(self, step: str) -> dict[str, Any]:
        """Return the required input of a transition beside the record and its version."""
        needed: dict[str, dict[str, Any]] = {
            "findingRecordContainment": {"containmentText": "Taken out of use."},
            "findingStartCorrectiveAction": {
                "rootCause": CAUSE,
                "causeCategoryId": self.ids["cause"],
            },
            "findingClose": {
                "comment": "Seen to be done.",
                "signature": signature("VERIFIED"),
            },
            "findingGrantConcession": {
                "acceptedUntil": str(TERM),
                "reason": "It harms nobody.",
                "signature": signature("APPROVED"),
            },
            "findingRejectCorrectiveAction": {"reason": "Gauge 9 is still without."},
            "findingRevokeConcession": {"reason": "It does harm somebody."},
            "findingVoid": {
                "reason": "The labels were on the back.",
                "signature": signature("APPROVED"),
            },
            "findingReopen": {"reason": "Seen again."},
        }
        return needed.get(step, {})


async def prepare_finding_commands(
    company: Company, api: Client, owner: str | None = None
) -> FindingCommands:
    """Write clauses, a site, a department and a cause category, and return the commands.

    Args:
        owner: id of the user who owns the findings; the company's owner without it.
    """
    async with work_of(company) as work:
        standard = await work.add(factories.standard(StandardStatus.DRAFT, family_code="HOUSE"))
        facts = [{"number": n, "sort_key": f"0{n}", "title": f"Rule {n}"} for n in "123"]
        clauses = [factories.clause(standard.id, **each) for each in facts]
        site = factories.site(code="HQ", name="Head office")
        unit = factories.department(code="QA", name="Quality")
        cause = factories.cause_category(code="METHOD", name="Method")
        await work.add(*clauses, site, unit, cause)
    named = {"site": site, "department": unit, "cause": cause, "standard": standard}
    return FindingCommands(
        api,
        {clause.number: clause.public_id for clause in clauses},
        {name: row.public_id for name, row in named.items()} | {"owner": owner or company.owner.id},
    )


async def done(api: Client, mutation: str, shown: str = SHOWN, **values: Any) -> Any:
    """Run a mutation that must succeed and return its payload."""
    payload = await api.do(mutation, shown, **values)
    assert payload["errors"] == [], (mutation, values, payload["errors"])
    return payload


def at(finding: Any, **changes: Any) -> dict[str, Any]:
    """Return the input of a change of the finding."""
    return {"id": finding["id"], "expectedVersion": finding["version"], **changes}


async def read(api: Client, finding: Any, fields: str) -> Any:
    """Read fields of a finding; None where it is hidden."""
    document = f"query ($id: ID!) {{ finding(by: {{id: $id}}) {{ {fields} }} }}"
    return (await api.ask(document, id=finding["id"]))["finding"]


def blockers(payload: Any) -> list[str]:
    """Return the codes of the blockers of a transition."""
    (error,) = payload["errors"]
    assert error["code"] == "TRANSITION_NOT_ALLOWED", error
    return [blocker["code"] for blocker in error["blockers"]]
