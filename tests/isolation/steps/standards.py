"""Standards, clauses, mappings and assessments."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change


def _standard(edition: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    texts = ("title", "publisher", "licenceNote")

    def input_of(world: World) -> dict[str, Any]:
        family = {"familyCode": world.text("rules")[-64:], "edition": edition, "kind": "SCHEME"}
        days = {"publishedOn": "2026-01-01", "transitionDeadline": "2029-01-01"}
        named = {key: world.ids[value] for key, value in facts.items()}
        source = {"sourceUrl": f"https://{world.text('source')}.example"}
        return {**family, **days, **source, **{name: world.text(name) for name in texts}, **named}

    return input_of


def _clause(standard: str, number: str, parent: str | None = None) -> Callable[[World], Any]:
    def input_of(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "summary", "text")}
        above = {"parentId": world.ids[parent]} if parent else {}
        control = {"controlTheme": "PEOPLE", "controlTypes": ["DETECTIVE"], "theme": "POLICY"}
        return {"standardId": world.ids[standard], "number": number, **texts, **control, **above}

    return input_of


def _mapping(world: World) -> dict[str, Any]:
    ends = {"fromClauseId": world.ids["rule"], "toClauseId": world.ids["other"]}
    return {**ends, "relation": "EQUAL", "strength": 90, "note": world.text("note")}


def _assessment(site: str | None = None) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        where = {"siteId": world.ids[site]} if site else {}
        who = {"clauseId": world.ids["rule"], "ownerId": world.ids["owner"], **where}
        values = {"justification": world.text("why"), "justificationBasis": ["RISK"]}
        return {**who, **values, "maturity": 3, "targetOn": "2027-01-01"}

    return input_of


def _mappings(world: World) -> dict[str, Any]:
    item = _mapping(world) | {"changeKind": "RENUMBERED"}
    return {"items": [item]}


def _adoption(edition: str) -> Callable[[World], dict[str, Any]]:
    return lambda _: {"familyCode": "ISO14001", "edition": edition}


def _assessments(world: World) -> dict[str, Any]:
    why = {"justification": world.text("because"), "ownerId": world.ids["owner"]}
    return {"items": [{"clauseId": world.ids["shipped"], **why}]}


_CLAUSE = """standard(by: {id: $id}) { clauses(filter: {number: {eq: "4.1"}})
    { nodes { id version } } }"""
_CARRIED = """clauseAssessments(filter: {carriedFrom: {clause: {standardId: {eq: $id}}}})
    { nodes { id version } }"""

STEPS = (
    Step("standardAdopt", "former", _adoption("2015"), finds={"shipped": _CLAUSE}),
    Step("standardAdopt", "latter", _adoption("2026")),
    Step("standardRefresh", "latter", change("latter")),
    Step("standardCreate", "old", _standard("1")),
    Step("standardCreate", "new", _standard("2", supersedesId="old")),
    Step("standardUpdate", "new", change("new", title=str, supersedesId="old")),
    Step("clauseCreate", "chapter", _clause("old", "1")),
    Step("clauseCreate", "rule", _clause("old", "1.1", "chapter")),
    Step("clauseCreate", "other", _clause("new", "1")),
    Step("clauseUpdate", "rule", change("rule", title=str, parentId="chapter")),
    Step("clauseMappingPropose", "mapping", _mapping),
    Step("clauseMappingsPropose", "change", _mappings),
    Step("clauseMappingConfirm", "mapping", change("mapping")),
    Step("clauseMappingReject", "mapping", change("mapping")),
    Step("clauseAssess", "overall", _assessment()),
    Step("clauseAssess", "local", _assessment("plant")),
    Step("clauseAssessmentUpdate", "local", change("local", justification=str, ownerId="owner")),
    Step("standardActivate", "old", change("old")),
    Step("clausesAssess", "judged", _assessments),
    Step("standardSupersede", "former", change("former"), finds={"carried": _CARRIED}),
    Step("clauseWithdraw", "other", change("other")),
    Step("standardWithdraw", "new", change("new")),
)
