"""Looking for root causes: one tree for all methods, changed only while it is a draft."""

from typing import Any

import pytest

from qgp.capas.commands.analyses import MOST_LEVELS, MOST_NODES
from qgp.capas.model import CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import AnalysisMethod, AnalysisStatus, CapaStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from tests import factories
from tests.capas.capa_records import CapaRecords, blockers, errors_of
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.matrix import role_cases

SHOWN = "causeNode { id version kind category text isRoot position parent { id } }"


@pytest.fixture
async def draft(capa_records: CapaRecords) -> RootCauseAnalysis:
    """An analysis that is being worked on."""
    capa = await capa_records.capa(CapaStatus.ANALYSIS)
    return await capa_records.analysis(capa, AnalysisStatus.DRAFT)


async def add(api: Client, analysis: RootCauseAnalysis, text: str, **facts: Any) -> Any:
    """Add a cause and return it."""
    values = {"analysisId": analysis.public_id, "text": text, **facts}
    payload = await api.do("causeNodeCreate", SHOWN, **values)
    assert payload["errors"] == []
    return payload["causeNode"]


async def chain(api: Client, analysis: RootCauseAnalysis, levels: int) -> list[Any]:
    """Add causes, each below the one before."""
    rows: list[Any] = []
    for level in range(levels):
        above = {"parentId": rows[-1]["id"]} if rows else {}
        rows.append(await add(api, analysis, f"Why {level}", **above))
    return rows


def at(node: Any, **changes: Any) -> dict[str, Any]:
    return {"id": node["id"], "expectedVersion": node["version"], **changes}


@pytest.mark.parametrize("method", AnalysisMethod)
async def test_an_analysis_is_begun_in_the_present_round(
    api: Client, capa_records: CapaRecords, method: AnalysisMethod
) -> None:
    capa = await capa_records.capa(CapaStatus.ANALYSIS, round=3)
    shown = """rootCauseAnalysis { method confidence status round completedOn version
        capa { id } nodes { totalCount } } rootCauseAnalysisEdge { cursor }"""
    values = {"capaId": capa.public_id, "method": method.value, "confidence": "PROBABLE"}
    payload = await api.do("rootCauseAnalysisCreate", shown, **values)
    assert payload.pop("rootCauseAnalysisEdge")["cursor"]
    assert payload == {
        "rootCauseAnalysis": {
            "method": method.value,
            "confidence": "PROBABLE",
            "status": "DRAFT",
            "round": 3,
            "completedOn": None,
            "version": 1,
            "capa": {"id": capa.public_id},
            "nodes": {"totalCount": 0},
        },
        "errors": [],
    }


@pytest.mark.parametrize("status", [CapaStatus.CLOSED, CapaStatus.CANCELLED])
async def test_nothing_is_analyzed_after_the_end(
    api: Client, capa_records: CapaRecords, company: Company, status: CapaStatus
) -> None:
    capa = await capa_records.capa(status)
    async with unchanged(company):
        values = {"capaId": capa.public_id, "method": "PARETO"}
        payload = await api.do("rootCauseAnalysisCreate", **values)
        assert errors_of(payload) == [("BAD_USER_INPUT", "capaId")]


async def test_a_draft_changes_how_it_is_made(api: Client, draft: RootCauseAnalysis) -> None:
    values = {"id": draft.public_id, "expectedVersion": 1}
    changes = {"method": "FISHBONE", "confidence": "CONFIRMED"}
    shown = "rootCauseAnalysis { method confidence version }"
    payload = await api.do("rootCauseAnalysisUpdate", shown, **values, **changes)
    assert payload == {"rootCauseAnalysis": {**changes, "version": 2}, "errors": []}


async def test_it_is_completed_once_a_root_is_marked(
    api: Client, company: Company, draft: RootCauseAnalysis
) -> None:
    values = {"id": draft.public_id, "expectedVersion": 1}
    node = await add(api, draft, "The tool was worn.")
    announced = """query ($id: ID!) { rootCauseAnalysis(by: {id: $id}) {
        availableTransitions { name isAllowed blockers { code subject { id } } } } }"""

    async def moves() -> Any:
        data = await api.ask(announced, id=draft.public_id)
        return data["rootCauseAnalysis"]["availableTransitions"]

    async with unchanged(company):
        payload = await api.do("rootCauseAnalysisComplete", **values)
        assert blockers(payload) == [("ROOT_CAUSE_MARKED", draft.public_id)]
        missing = {"code": "ROOT_CAUSE_MARKED", "subject": {"id": draft.public_id}}
        name = "rootCauseAnalysisComplete"
        assert await moves() == [{"name": name, "isAllowed": False, "blockers": [missing]}]
    marked = await api.do("causeNodeUpdate", SHOWN, **at(node, isRoot=True))
    assert marked["causeNode"]["isRoot"] is True
    assert await moves() == [{"name": name, "isAllowed": True, "blockers": []}]
    shown = "rootCauseAnalysis { status completedOn version }"
    payload = await api.do("rootCauseAnalysisComplete", shown, **values)
    today = clock.today().isoformat()
    assert payload == {
        "rootCauseAnalysis": {"status": "COMPLETED", "completedOn": today, "version": 2},
        "errors": [],
    }
    assert await moves() == []


async def test_what_is_completed_stays(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    analysis = await capa_records.analysis(await capa_records.capa(CapaStatus.ANALYSIS), nodes=1)
    page = """query ($id: ID!) { rootCauseAnalysis(by: {id: $id}) {
        nodes { nodes { id version } } } }"""
    data = await api.ask(page, id=analysis.public_id)
    (node,) = data["rootCauseAnalysis"]["nodes"]["nodes"]
    of_analysis = {"id": analysis.public_id, "expectedVersion": 1}
    refused: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("rootCauseAnalysisUpdate", {**of_analysis, "method": "PARETO"}, "id"),
        ("causeNodeCreate", {"analysisId": analysis.public_id, "text": "x"}, "analysisId"),
        ("causeNodeUpdate", at(node, text="x"), "id"),
        ("causeNodeDelete", at(node), "id"),
    )
    async with unchanged(company):
        for mutation, values, path in refused:
            payload = await api.do(mutation, **values)
            assert errors_of(payload) == [("BAD_USER_INPUT", path)], mutation
        again = await api.do("rootCauseAnalysisComplete", **of_analysis)
        assert blockers(again) == [("WRONG_STATE", None)]


async def test_a_tree_is_read_by_position(api: Client, draft: RootCauseAnalysis) -> None:
    top = await add(api, draft, "Top", kind="EVENT", category="MACHINE")
    assert (top["kind"], top["category"], top["position"]) == ("EVENT", "MACHINE", 0)
    for text, position in (("third", 2), ("first", 0), ("second", 1)):
        await add(api, draft, text, parentId=top["id"], position=position, isRoot=position == 1)
    document = """query ($id: ID!, $top: ID!) {
        rootCauseAnalysis(by: {id: $id}) {
            top: nodes(filter: {parentId: {isNull: true}}) { nodes {
                text children { totalCount nodes { text parent { text } } } } }
            roots: nodes(filter: {isRoot: {eq: true}}) { nodes { text } } }
        causeNode(by: {id: $top}) { analysis { id } } node(id: $top) { __typename }
        causeNodes(filter: {analysis: {method: {eq: FIVE_WHYS}}}) { totalCount } }"""
    data = await api.ask(document, id=draft.public_id, top=top["id"])
    ((shown,), roots) = (data["rootCauseAnalysis"][part]["nodes"] for part in ("top", "roots"))
    assert [node["text"] for node in shown["children"]["nodes"]] == ["first", "second", "third"]
    assert shown["children"]["nodes"][0]["parent"] == {"text": "Top"}
    assert roots == [{"text": "second"}]
    assert data["causeNode"]["analysis"] == {"id": draft.public_id}
    assert data["node"] == {"__typename": "CauseNode"}
    assert data["causeNodes"]["totalCount"] == 4


async def test_a_tree_has_at_most_20_levels(
    api: Client, company: Company, draft: RootCauseAnalysis
) -> None:
    deep = await chain(api, draft, MOST_LEVELS)
    other = await chain(api, draft, 3)
    below = {"analysisId": draft.public_id, "text": "Too deep", "parentId": deep[-1]["id"]}
    async with unchanged(company):
        assert errors_of(await api.do("causeNodeCreate", **below)) == [
            ("BAD_USER_INPUT", "parentId")
        ]
        for level in (MOST_LEVELS - 1, MOST_LEVELS - 2, MOST_LEVELS - 3):
            moved = at(other[0], parentId=deep[level]["id"])
            payload = await api.do("causeNodeUpdate", **moved)
            assert errors_of(payload) == [("BAD_USER_INPUT", "parentId")]
    moved = at(other[0], parentId=deep[MOST_LEVELS - 4]["id"])
    payload = await api.do("causeNodeUpdate", SHOWN, **moved)
    assert payload["causeNode"]["parent"] == {"id": deep[MOST_LEVELS - 4]["id"]}


async def test_no_cause_lies_below_itself(
    api: Client, company: Company, draft: RootCauseAnalysis
) -> None:
    nodes = await chain(api, draft, 4)
    async with unchanged(company):
        for node in nodes:
            payload = await api.do("causeNodeUpdate", **at(nodes[0], parentId=node["id"]))
            assert errors_of(payload) == [("BAD_USER_INPUT", "parentId")]
    payload = await api.do("causeNodeUpdate", SHOWN, **at(nodes[3], parentId=nodes[0]["id"]))
    assert payload["causeNode"]["parent"] == {"id": nodes[0]["id"]}
    payload = await api.do("causeNodeUpdate", SHOWN, **at(nodes[1], parentId=None))
    assert (payload["errors"], payload["causeNode"]["parent"]) == ([], None)


async def test_a_cause_hangs_in_its_own_tree(
    api: Client, capa_records: CapaRecords, company: Company, hire: Hiring, draft: RootCauseAnalysis
) -> None:
    other = await capa_records.analysis(await capa_records.capa(), AnalysisStatus.DRAFT)
    cause, stranger = await add(api, draft, "Own"), await add(api, other, "Stranger")
    rival = CapaRecords(await hire.company())
    theirs = await rival.analysis(await rival.capa(), AnalysisStatus.DRAFT, nodes=1)
    async with work_of(rival.company) as work:
        (foreign,) = await work.rows(CauseNode.__table__.select().with_only_columns(CauseNode.id))
    hidden = f"cno_{foreign.hex}"
    below = {"analysisId": draft.public_id, "text": "x"}
    cases: tuple[tuple[str, dict[str, Any], tuple[str, str]], ...] = (
        ("causeNodeCreate", {**below, "parentId": stranger["id"]}, ("BAD_USER_INPUT", "parentId")),
        ("causeNodeUpdate", at(cause, parentId=stranger["id"]), ("BAD_USER_INPUT", "parentId")),
        ("causeNodeCreate", {**below, "parentId": hidden}, ("NOT_FOUND", "parentId")),
        ("causeNodeUpdate", at(cause, parentId=hidden), ("NOT_FOUND", "parentId")),
        ("causeNodeDelete", {"id": hidden, "expectedVersion": 1}, ("NOT_FOUND", "id")),
        ("causeNodeCreate", {"analysisId": theirs.public_id, "text": "x"},
         ("NOT_FOUND", "analysisId")),
        ("causeNodeCreate", {**below, "position": -1}, ("OUT_OF_RANGE", "position")),
        ("causeNodeUpdate", at(cause, position=-1), ("OUT_OF_RANGE", "position")),
        ("causeNodeCreate", {**below, "text": " "}, ("REQUIRED", "text")),
        ("causeNodeUpdate", at(cause, text=None), ("REQUIRED", "text")),
    )  # fmt: skip
    async with unchanged(company), unchanged(rival.company):
        for mutation, values, refused in cases:
            assert errors_of(await api.do(mutation, **values)) == [refused], (mutation, values)


async def test_a_deleted_cause_leaves_its_id(
    api: Client, company: Company, draft: RootCauseAnalysis
) -> None:
    upper, lower = await chain(api, draft, 2)
    shown = "causeNode { id } deletedId"
    async with unchanged(company):
        payload = await api.do("causeNodeDelete", shown, **at(upper))
        assert errors_of(payload) == [("STILL_IN_USE", "id")]
        assert payload["deletedId"] is None
        stale = await api.do("causeNodeDelete", shown, id=lower["id"], expectedVersion=9)
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
        assert (stale["causeNode"], stale["deletedId"]) == ({"id": lower["id"]}, None)
    key = {"idempotencyKey": "gone-for-good"}
    for node, more in ((lower, key), (lower, key), (upper, {})):
        payload = await api.do("causeNodeDelete", shown, **at(node), **more)
        assert payload == {"causeNode": None, "deletedId": node["id"], "errors": []}


async def test_a_tree_has_at_most_500_causes(
    api: Client, company: Company, draft: RootCauseAnalysis
) -> None:
    async with work_of(company) as work:
        await work.add(*[factories.cause_node(draft.id) for _ in range(MOST_NODES)])
    async with unchanged(company):
        payload = await api.do("causeNodeCreate", analysisId=draft.public_id, text="one more")
        assert errors_of(payload) == [("TOO_LONG", "analysisId")]


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_may_work_on_a_tree(shared_capa_records: CapaRecords, role: Role) -> None:
    draft = await shared_capa_records.analysis(
        await shared_capa_records.capa(), AnalysisStatus.DRAFT, nodes=1
    )
    async with work_of(shared_capa_records.company) as work:
        row = CauseNode.__table__.select().with_only_columns(CauseNode.id)
        (id,) = await work.rows(row.where(CauseNode.analysis_id == draft.id))
    node = {"id": f"cno_{id.hex}", "expectedVersion": 1}
    of_draft = {"id": draft.public_id, "expectedVersion": 1}
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("causeNodeCreate", {"analysisId": draft.public_id, "text": "x"}),
        ("causeNodeUpdate", {**node, "text": "y"}),
        ("causeNodeDelete", {**node, "expectedVersion": 2}),
        ("rootCauseAnalysisUpdate", {**of_draft, "method": "PARETO"}),
        ("rootCauseAnalysisComplete", {**of_draft, "expectedVersion": 2}),
    )
    workers = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.HSE_MANAGER, Role.PROCESS_OWNER}
    async with (await shared_capa_records.company.hire(role)).signed_in() as api:
        for mutation, values in cases:
            if role in workers:
                errors = errors_of(await api.do(mutation, **values))
                is_last = mutation == "rootCauseAnalysisComplete"
                assert errors == ([("TRANSITION_NOT_ALLOWED", None)] if is_last else [])
                continue
            kind = mutation[0].upper() + mutation[1:]
            document = f"mutation ($i: {kind}Input!) {{ {mutation}(input: $i) {{ __typename }} }}"
            async with unchanged(shared_capa_records.company):
                assert await api.refusal(document, i=values) == "FORBIDDEN", mutation
