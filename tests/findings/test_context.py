"""A few fields of what an action follows from, and of what raised a finding, where it is hidden."""

from typing import Any

from qgp.findings.model import FindingStatus
from qgp.kit.policy import Role
from qgp.kit.work import Work
from tests import factories
from tests.company import Company, Person
from tests.engine.conftest import read_paths
from tests.engine.read_paths import ReadPaths
from tests.kit.work import work_of

__all__ = ["read_paths"]
ACTION = """query ($id: ID!) { action(by: {id: $id}) { title
    finding { id } parentFinding { __typename reference title status clause }
    capa { id } parentCapa { __typename reference title status clause }
    audit { id } parentAudit { __typename reference title status clause } } }"""
FINDING = """query ($id: ID!) { finding(by: {id: $id}) { title audit { id }
    raisingAudit { reference criteria leadAuditor { name } } } }"""


async def _cited(work: Work) -> tuple[Any, Any]:
    """Write a standard and a clause of it."""
    standard = await work.add(factories.standard(family_code="HOUSE"))
    return standard, await work.add(factories.clause(standard.id, number="8.5.1"))


async def test_an_action_shows_the_context_of_its_hidden_parent(
    company: Company, read_paths: ReadPaths
) -> None:
    worker = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        standard, clause = await _cited(work)
        finding = await work.add(factories.finding(FindingStatus.OPEN, title="No label"))
        await work.add(factories.finding_clause(finding.id, clause.id, is_primary=True))
        capa = await work.add(factories.capa(owner_id=company.owner.user_id, title="Label all"))
        await work.add(factories.capa_finding(capa.id, finding.id))
        audit = await work.add(factories.audit(title="Lab"))
        await work.add(factories.audit_standard(audit.id, standard.id))
        await work.add(factories.audit_clause(audit.id, clause.id))
        parents: dict[str, Any] = {"Finding": finding, "Capa": capa, "Audit": audit}
        actions: dict[str, Any] = {}
        for name, parent in parents.items():
            ends: dict[str, Any] = {f"{name.lower()}_id": parent.id}
            actions[name] = await work.add(factories.action(owner_id=worker.user_id, **ends))
    for name, parent in parents.items():
        answer = await read_paths.same(worker.token, ACTION, id=actions[name].public_id)
        assert answer.reason is None
        row = answer.data["action"]
        assert [row[hidden] for hidden in ("finding", "capa", "audit")] == [None] * 3
        assert {each: row[f"parent{each}"] for each in parents if row[f"parent{each}"]} == {
            name: {
                "__typename": f"Parent{name}",
                "reference": parent.reference,
                "title": parent.title,
                "status": parent.status.value,
                "clause": "HOUSE:1 8.5.1",
            }
        }


async def test_the_owner_of_a_finding_sees_the_context_of_its_hidden_audit_and_others_do_not(
    company: Company, read_paths: ReadPaths
) -> None:
    owner, witness = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    lead = await company.hire(Role.LEAD_AUDITOR, name="Lead")
    async with work_of(company) as work:
        standard, clause = await _cited(work)
        criteria: dict[str, Any] = {
            "lead_auditor_id": lead.user_id,
            "criteria": "Work instruction 7",
        }
        audit = await work.add(factories.audit(**criteria))
        await work.add(factories.audit_standard(audit.id, standard.id))
        await work.add(factories.audit_clause(audit.id, clause.id))
        people = {"owner_id": owner.user_id, "detected_by_id": witness.user_id}
        finding = await work.add(factories.finding(FindingStatus.OPEN, audit_id=audit.id, **people))

    async def seen(person: Person) -> tuple[Any, Any]:
        answer = await read_paths.same(person.token, FINDING, id=finding.public_id)
        assert answer.reason is None
        row = answer.data["finding"]
        return row["audit"], row["raisingAudit"]

    context = {
        "reference": audit.reference,
        "criteria": "HOUSE:1; HOUSE:1 8.5.1; Work instruction 7",
        "leadAuditor": {"name": "Lead"},
    }
    assert await seen(owner) == (None, context)
    assert await seen(witness) == (None, None)
    assert await seen(company.owner) == ({"id": audit.public_id}, context)
