"""What follows from a transition's declaration: mutation, input, audience, and what it needs."""

from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type

from qgp.capas.model.terms import CapaStatus
from qgp.kit.gql.workflows import RequiredInput
from qgp.kit.model import records
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import permission_names
from qgp.kit.transitions import Transition
from qgp.kit.workflow import Stateful
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Company
from tests.findings.finding_commands import prepare_finding_commands, read
from tests.kit.built import GRAPHQL, mutations

WORKFLOWS = [kind.workflow for kind in records().values() if issubclass(kind, Stateful)]
STEPS = {step.name: step for workflow in WORKFLOWS for step in workflow.transitions.values()}
DERIVED = {name: step for name, step in sorted(STEPS.items()) if step.has_mutation}
OFFERED = """availableTransitions { name requiresReason requiredInputs { name type }
    blockers { code subject { id ... on Action { reference } } } }"""


def described(type_: str, field: str) -> str:
    kind: Any = GRAPHQL.type_map[type_]
    return str(kind.fields[field].description)


@pytest.mark.parametrize("step", DERIVED.values(), ids=DERIVED)
def test_the_input_of_a_transition_is_its_declaration(step: Transition) -> None:
    kind: Any = get_named_type(mutations()[step.name].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    declared = {
        part.name: (part.type, part.description) for part in map(RequiredInput.of, step.values)
    }
    common = {"id": "ID!", "expectedVersion": "Int!", "idempotencyKey": "String"}
    if step.signature:
        common["signature"] = RequiredInput.signature(step).type
    shown = {name: (str(field.type), field.description) for name, field in kind.fields.items()}
    assert {name: shown.pop(name)[0] for name in common} == common
    assert shown == declared


@pytest.mark.parametrize("step", DERIVED.values(), ids=DERIVED)
def test_a_mutation_is_described_by_its_transition_and_who_takes_it(step: Transition) -> None:
    said = mutations()[step.name].description
    assert said == f"{step.description} {step.audience}".strip()
    if step.separation:
        assert said.endswith(step.separation.description)


def test_every_step_that_takes_a_mandatory_text_requires_a_reason() -> None:
    needed = {
        n for n, step in STEPS.items() if any(p.is_text and p.required is True for p in step.values)
    }
    assert {
        "capaRecordIneffective",
        "actionComplete",
        "findingGrantConcession",
        "auditReturn",
    } <= needed
    assert not needed & {"capaClose", "findingOpen", "auditSubmit", "actionVerify"}


def test_the_codes_of_blockers_are_the_conditions_of_the_workflows() -> None:
    codes = {code for workflow in WORKFLOWS for code, _ in workflow.conditions}
    kind = GRAPHQL.type_map["BlockerCode"]
    assert isinstance(kind, GraphQLEnumType)
    assert set(kind.values) == codes | {"FORBIDDEN", "WRONG_STATE", "SIGNATURE"}
    assert all(value.description for value in kind.values.values())


def test_closed_sets_of_texts_are_listed_where_they_are_shown() -> None:
    names = described("AvailableTransition", "name")
    listed = names.removesuffix(".").partition(" One of: ")[2].split(", ")
    assert sorted(listed) == sorted(f"`{name}`" for name in STEPS)
    states = described("AvailableTransition", "to").removesuffix(".").partition(" One of: ")[2]
    assert set(states.split(", ")) == {f"`{step.target.value}`" for step in STEPS.values()}
    held = described("Viewer", "permissions")
    permissions = ", ".join(f"`{name}`" for name in permission_names())
    assert held.endswith(f" One of: {permissions}; at most 500.")
    done = described("TrailEntry", "action")
    assert all(f"`{action.value}`" in done for action in OperatorAction)


async def test_a_blocker_shows_the_record_in_the_way(api: Client, company: Company) -> None:
    capa_records = CapaRecords(company)
    capa = await capa_records.capa(CapaStatus.IMPLEMENTING)
    counts = []
    for more in (1, 6):
        tasks = [await capa_records.action(capa) for _ in range(more)]
        document = f"query ($id: ID!) {{ capa(by: {{id: $id}}) {{ {OFFERED} }} }}"
        shown = (await api.ask(document, id=capa.public_id))["capa"]["availableTransitions"]
        counts.append(len(api.statements))
        (verify,) = [option for option in shown if option["name"] == "capaSubmitForVerification"]
        subjects = [blocker["subject"] for blocker in verify["blockers"]]
        assert {"id": tasks[0].public_id, "reference": tasks[0].reference} in subjects
    assert len(subjects) == 7
    assert counts[0] == counts[1]


async def test_a_transition_says_what_this_record_needs(api: Client, company: Company) -> None:
    finding_commands = await prepare_finding_commands(company, api)

    async def needs(grade: str) -> dict[str, tuple[bool, dict[str, str]]]:
        finding = await finding_commands.walk("findingOpen", grade=grade)
        options = (await read(api, finding, OFFERED))["availableTransitions"]
        return {
            option["name"]: (
                option["requiresReason"],
                {part["name"]: part["type"] for part in option["requiredInputs"]},
            )
            for option in options
        }

    observed = await needs("OBSERVATION")
    assert observed["findingClose"] == (True, {"comment": "String"})
    assert observed["findingRecordContainment"] == (True, {"containmentText": "String"})
    accepted = {"reason": "String!", "acceptedUntil": "Date", "signature": "SignatureInput!"}
    assert observed["findingGrantConcession"] == (True, accepted)
    major = await needs("MAJOR")
    assert major["findingClose"] == (False, {"signature": "SignatureInput"})
