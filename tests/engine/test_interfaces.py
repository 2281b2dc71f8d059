"""Fragments on the interfaces that records share."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pytest

from qgp.app import Application
from tests.company import Company, Hiring, signature
from tests.engine.read_paths import ReadPaths

PANELS: dict[str, tuple[str, dict[str, Any]]] = {
    "Commentable": (
        "comments(first: 2) { totalCount nodes { body } }",
        {"comments": {"totalCount": 1, "nodes": [{"body": "Ready?"}]}},
    ),
    "Attachable": (
        "attachments(first: 2) { nodes { filename status } }",
        {"attachments": {"nodes": [{"filename": "photo.jpg", "status": "PENDING"}]}},
    ),
    "Signable": (
        "signatures(last: 2) { nodes { meaning state } }",
        {"signatures": {"nodes": [{"meaning": "ACKNOWLEDGED", "state": "VALID"}]}},
    ),
    "HasEvidence": (
        'evidence(filter: {title: {contains: "PHOTO"}}) { nodes { title } }',
        {"evidence": {"nodes": [{"title": "Photo"}]}},
    ),
    "HasHistory": (
        "history(first: 1) { totalCount nodes { action } }",
        {"history": {"totalCount": 1, "nodes": [{"action": "actionCreate"}]}},
    ),
    "Transitionable": (
        "availableTransitions { name isAllowed }",
        {
            "availableTransitions": [
                {"name": "actionStart", "isAllowed": True},
                {"name": "actionCancel", "isAllowed": True},
            ]
        },
    ),
}


@dataclass(frozen=True)
class Subject:
    """An action with one comment, file, signature and item of evidence."""

    company: Company
    id: str


@pytest.fixture(scope="module")
async def subject(application: Application) -> Subject:
    company = await Hiring(application).company()
    owner = {"ownerId": company.owner.id}
    async with company.owner.signed_in() as api:
        action = {"title": "Ask", "kind": "FOLLOW_UP", "dueOn": "2099-01-01", **owner}
        created = await api.do("actionCreate", "action { id version }", **action)
        id, version = created["action"]["id"], created["action"]["version"]
        file = {"filename": "photo.jpg", "sizeBytes": 1, "sha256": sha256(b"x").hexdigest()}
        link = {"title": "Photo", "kind": "LINK", "url": "https://x.example/"}
        signed = {"expectedVersion": version, "signature": signature("ACKNOWLEDGED")}
        for payload in (
            await api.do("commentCreate", subjectId=id, body="Ready?"),
            await api.do("fileUploadCreate", subjectId=id, **file),
            await api.do("evidenceItemCreate", subjectId=id, effectiveOn="2026-01-01", **link),
            await api.do("recordSign", recordId=id, **signed),
        ):
            assert payload["errors"] == []
    return Subject(company, id)


ROOTS = {
    "any record": "query ($id: ID!) { found: node(id: $id) { ...Panel } }",
    "a record": "query ($id: ID!) { found: action(by: {id: $id}) { ...Panel } }",
    "inline": "query ($id: ID!) { found: node(id: $id) { ... on Recorded { ...Panel } } }",
}
ONLY_PYTHON = {"HasHistory": "TrailEntry is no record", "Transitionable": "guards of Action"}
SUBJECT = """query ($id: ID!) { comments(filter: {subjectId: {eq: $id}}) { nodes {
    subject { ...Panel } } } }"""


@pytest.mark.parametrize("root", ROOTS.values(), ids=ROOTS)
@pytest.mark.parametrize("interface", PANELS)
async def test_both_paths_answer_a_fragment_on_an_interface(
    subject: Subject, read_paths: ReadPaths, interface: str, root: str
) -> None:
    fields, expected = PANELS[interface]
    document = f"{root} fragment Panel on {interface} {{ {fields} }}"
    answer = await read_paths.same(subject.company.owner.token, document, id=subject.id)
    assert answer.data == {"found": expected}
    assert answer.reason == ONLY_PYTHON.get(interface)


@pytest.mark.parametrize("interface", PANELS)
async def test_the_subject_of_a_comment_answers_a_fragment_on_an_interface(
    subject: Subject, read_paths: ReadPaths, interface: str
) -> None:
    fields, expected = PANELS[interface]
    document = f"{SUBJECT} fragment Panel on {interface} {{ {fields} }}"
    answer = await read_paths.same(subject.company.owner.token, document, id=subject.id)
    assert answer.data == {"comments": {"nodes": [{"subject": expected}]}}


async def test_a_fragment_on_an_interface_answers_nothing_for_other_types(
    subject: Subject, read_paths: ReadPaths
) -> None:
    document = """query ($id: ID!) { node(id: $id) { __typename
        ... on Commentable { comments { totalCount } }
        ... on HasHistory { history { totalCount } } } }"""
    user = subject.company.owner.id
    answer = await read_paths.same(subject.company.owner.token, document, id=user)
    assert answer.reason is None
    assert answer.data["node"]["__typename"] == "User"
    assert set(answer.data["node"]) == {"__typename", "history"}


async def test_an_unplannable_field_of_one_type_does_not_affect_other_types(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    """A finding's transitions depend on the row; a site has none."""
    document = """query ($id: ID!) { node(id: $id) { id
        ... on Transitionable { availableTransitions { name } } } }"""
    async with company_with_data.owner.signed_in() as api:
        (site,) = (await api.ask("{ sites(first: 1) { nodes { id } } }"))["sites"]["nodes"]
    answer = await read_paths.same(company_with_data.owner.token, document, id=site["id"])
    assert (answer.reason, answer.data) == (None, {"node": site})
    answer = await read_paths.same(
        company_with_data.owner.token, document, id=company_with_data.owner.id
    )
    assert answer.reason == "guards of User"
