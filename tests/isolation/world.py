"""An organization with a record of every kind, made step by step through the API."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from qgp.kit.policy import Role
from tests.company import Company, Person


@dataclass
class World:
    """What the steps made so far.

    Attributes:
        word: stands in every text that the organization wrote.
        ids: public ids by the name that their step gave them.
        versions: the latest version of each record, by id.
        tokens: the invitation of each invited person.
        max: an employee who does what the owner may not do alone.
    """

    company: Company
    word: str
    max: Person
    ids: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def text(self, what: str) -> str:
        """Return a text that gives this organization away."""
        return f"{self.word}-{what}"

    def at(self, record: str, /, **changes: Any) -> dict[str, Any]:
        """Return the input of a change of the record."""
        id = self.ids[record]
        return {"id": id, "expectedVersion": self.versions.get(id, 1), **changes}

    def noted(self, name: str, payload: dict[str, Any]) -> None:
        """Remember the record that a step answered with."""
        if "results" in payload:
            (payload,) = payload["results"]
            assert payload["errors"] == []
        rows = [v for v in payload.values() if isinstance(v, dict) and "version" in v]
        if not rows:  # it is gone, and its id stays good for attacks
            return
        row = rows[0]
        self.ids[name], self.versions[row["id"]] = row["id"], row["version"]
        if token := payload.get("invitationToken"):
            self.tokens[name] = token


@dataclass(frozen=True)
class Step:
    """One mutation that works in a world which went through the steps before it.

    Attributes:
        by_max: whether Max takes it, in place of the owner.
    """

    mutation: str
    name: str
    given: Callable[[World], dict[str, Any]]
    by_max: bool = False


async def begin(company: Company, word: str) -> World:
    """Return the world in which an owner has two employees."""
    word = f"{word}-{secrets.token_hex(6)}"
    world = World(company, word, await company.hire(Role.EMPLOYEE, name=f"{word}-max"))
    world.ids["max"] = world.max.id
    world.ids["organization"] = f"org_{company.organization_id.hex}"
    world.ids["owner"] = company.owner.id
    world.ids["eve"] = (await company.hire(Role.EMPLOYEE, name=world.text("eve"))).id
    return world


def _place(code: str, parent: str | None = None) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        above = {"parentId": world.ids[parent]} if parent else {}
        return {"code": world.text(code)[-40:], "name": world.text(code), **above}

    return given


def _change(record: str, /, **changes: Any) -> Callable[[World], dict[str, Any]]:
    """Change a record; `text` writes a text, a name of a record stands for its id."""

    def given(world: World) -> dict[str, Any]:
        return world.at(
            record,
            **{
                key: world.text(key) if value is str else world.ids.get(value, value)
                for key, value in changes.items()
                if value is not None
            },
        )

    return given


def _person(name: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        email = f"{world.text(name)}@firm.example".lower()
        where = {"siteId": world.ids["plant"], "departmentId": world.ids["lab"]}
        return {"email": email, "name": world.text(name), "role": "AUDITOR", **where, **facts}

    return given


def _standard(edition: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    texts = ("title", "publisher", "licenceNote")

    def given(world: World) -> dict[str, Any]:
        family = {"familyCode": world.text("rules")[-64:], "edition": edition, "kind": "SCHEME"}
        days = {"publishedOn": "2026-01-01", "transitionDeadline": "2029-01-01"}
        named = {key: world.ids[value] for key, value in facts.items()}
        source = {"sourceUrl": f"https://{world.text('source')}.example"}
        return {**family, **days, **source, **{name: world.text(name) for name in texts}, **named}

    return given


def _clause(standard: str, number: str, parent: str | None = None) -> Callable[[World], Any]:
    def given(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "summary", "text")}
        above = {"parentId": world.ids[parent]} if parent else {}
        control = {"controlTheme": "PEOPLE", "controlTypes": ["DETECTIVE"], "theme": "POLICY"}
        return {"standardId": world.ids[standard], "number": number, **texts, **control, **above}

    return given


def _mapping(world: World) -> dict[str, Any]:
    ends = {"fromClauseId": world.ids["rule"], "toClauseId": world.ids["other"]}
    return {**ends, "relation": "EQUAL", "strength": 90, "note": world.text("note")}


def _assessment(site: str | None = None) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        where = {"siteId": world.ids[site]} if site else {}
        who = {"clauseId": world.ids["rule"], "ownerId": world.ids["owner"], **where}
        told = {"justification": world.text("why"), "justificationBasis": ["RISK"]}
        return {**who, **told, "maturity": 3, "targetOn": "2027-01-01"}

    return given


def _adoption(edition: str) -> Callable[[World], dict[str, Any]]:
    return lambda _: {"familyCode": "ISO14001", "edition": edition}


def _found(**facts: Any) -> Callable[[World], dict[str, Any]]:
    """Write down something found; names of records stand for their ids."""
    names = ("title", "statement", "evidenceText", "requirementText", "rootCause")

    def given(world: World) -> dict[str, Any]:
        ids = world.ids
        who = {"ownerId": ids["eve"], "detectedById": ids["owner"]}
        where = {"siteId": ids["plant"], "departmentId": ids["lab"]}
        why = {"causeCategoryId": ids["cause"], "severity": 3, "isSystemic": True}
        clauses = {"primaryClauseId": ids["rule"], "clauseIds": [ids["chapter"]]}
        common = {"grade": "MAJOR", "sourceType": "AUDIT", "disposition": "REWORK"}
        own = {key: ids.get(value, value) for key, value in facts.items()}
        texts = {name: world.text(name) for name in names}
        return {**common, **who, **where, **why, **clauses, **texts, **own}

    return given


def _problem(*findings: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    """Write a CAPA down; names of records stand for their ids."""
    said = ("title", "problemStatement", "sourceJustification")
    names = (*said, "causeKnownReason", "rootCauseSummary", "effectivenessCriteria")

    def given(world: World) -> dict[str, Any]:
        ids = world.ids
        who = {"ownerId": ids["eve"], "sponsorId": ids["owner"]}
        where = {"siteId": ids["plant"], "departmentId": ids["lab"]}
        why = {"causeCategoryId": ids["cause"], "effectivenessMetric": "SAMPLE"}
        behind = {"findingIds": [ids[name] for name in findings], "dueOn": "2027-01-01"}
        own = {key: world.text(key) if value is str else value for key, value in facts.items()}
        texts = {name: world.text(name) for name in names}
        return {**who, **where, **why, **behind, **texts, **own}

    return given


def _task(**facts: str) -> Callable[[World], dict[str, Any]]:
    """Hand out an action; facts name the records that it points at."""

    def given(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "description")}
        named = {key: world.ids[value] for key, value in {"ownerId": "owner", **facts}.items()}
        return {"kind": "CORRECTION", "dueOn": "2027-01-01", **texts, **named}

    return given


def _tasks(world: World) -> dict[str, Any]:
    return {"ids": [world.ids["task"]], "ownerId": world.ids["owner"], "reason": world.text("why")}


def _days(world: World) -> dict[str, Any]:
    move = {"newDueOn": "2027-03-01", "reason": world.text("why")}
    return {"items": [world.at("task", **move)]}


def _cause(parent: str | None = None) -> Callable[[World], dict[str, Any]]:
    def given(world: World) -> dict[str, Any]:
        above = {"parentId": world.ids[parent]} if parent else {}
        said = {"text": world.text("why"), "category": "MACHINE", "isRoot": True}
        return {"analysisId": world.ids["analysis"], **said, **above}

    return given


def _analysis(world: World) -> dict[str, Any]:
    return {"capaId": world.ids["capa"], "method": "FISHBONE", "confidence": "PROBABLE"}


DAYS = {"validFrom": "2020-01-01", "validUntil": "2100-01-01"}
STEPS = (
    Step("organizationUpdate", "organization", _change("organization", name=str, locale="de")),
    Step("siteCreate", "hq", _place("hq")),
    Step("siteCreate", "plant", _place("plant", "hq")),
    Step("siteUpdate", "plant", _change("plant", name=str, country="DE", parentId="hq")),
    Step("departmentCreate", "qa", _place("qa")),
    Step("departmentCreate", "lab", _place("lab", "qa")),
    Step("departmentUpdate", "lab", _change("lab", name=str, parentId="qa")),
    Step("userInvite", "ann", _person("ann", **DAYS)),
    Step("userInvite", "bob", _person("bob")),
    Step("userUpdate", "ann", _change("ann", name=str, siteId="plant", departmentId="lab")),
    Step("userChangeRole", "ann", _change("ann", role="EMPLOYEE")),
    Step("userInvitationWithdraw", "bob", _change("bob")),
    Step("userInvitationRenew", "bob", _change("bob")),
    Step("userInvitationRenew", "ann", _change("ann")),
    Step("userSuspend", "eve", _change("eve")),
    Step("userReinstate", "eve", _change("eve")),
    Step("standardAdopt", "former", _adoption("2015")),
    Step("standardAdopt", "latter", _adoption("2026")),
    Step("standardCreate", "old", _standard("1")),
    Step("standardCreate", "new", _standard("2", supersedesId="old")),
    Step("standardUpdate", "new", _change("new", title=str, supersedesId="old")),
    Step("clauseCreate", "chapter", _clause("old", "1")),
    Step("clauseCreate", "rule", _clause("old", "1.1", "chapter")),
    Step("clauseCreate", "other", _clause("new", "1")),
    Step("clauseUpdate", "rule", _change("rule", title=str, parentId="chapter")),
    Step("clauseMappingPropose", "mapping", _mapping),
    Step("clauseMappingConfirm", "mapping", _change("mapping")),
    Step("clauseMappingReject", "mapping", _change("mapping")),
    Step("clauseAssess", "overall", _assessment()),
    Step("clauseAssess", "local", _assessment("plant")),
    Step("clauseAssessmentUpdate", "local", _change("local", justification=str, ownerId="owner")),
    Step("standardActivate", "old", _change("old")),
    Step("standardSupersede", "old", _change("old")),
    Step("clauseWithdraw", "other", _change("other")),
    Step("standardWithdraw", "new", _change("new")),
    Step("causeCategoryCreate", "causes", _place("causes")),
    Step("causeCategoryCreate", "cause", _place("cause", "causes")),
    Step("causeCategoryUpdate", "cause", _change("cause", name=str, parentId="causes")),
    Step("findingCreate", "nc", _found()),
    Step("findingUpdate", "nc", _change("nc", statement=str, ownerId="eve")),
    Step("findingOpen", "nc", _change("nc")),
    Step("findingContain", "nc", _change("nc", containmentText=str)),
    Step("findingAnalyze", "nc", _change("nc")),
    Step("findingAct", "nc", _change("nc", rootCause=str, causeCategoryId="cause")),
    Step("findingVerify", "nc", _change("nc")),
    Step("findingReject", "nc", _change("nc", reason=str)),
    Step("findingVerify", "nc", _change("nc")),
    Step("findingClose", "nc", _change("nc", comment=str)),
    Step("findingReopen", "nc", _change("nc", reason=str)),
    Step("findingAct", "nc", _change("nc")),
    Step("findingVerify", "nc", _change("nc")),
    Step("findingClose", "nc", _change("nc", comment=str)),
    Step("findingCreate", "twin", _found(grade="MINOR", repeatOfId="nc")),
    Step("findingRegrade", "twin", _change("twin", grade="MAJOR", reason=str)),
    Step("findingOpen", "twin", _change("twin")),
    Step("findingContain", "twin", _change("twin", noContainmentReason=str)),
    Step("findingVoid", "twin", _change("twin", reason=str)),
    Step("findingCreate", "wish", _found(grade="OFI", repeatOfId="nc")),
    Step("findingOpen", "wish", _change("wish")),
    Step(
        "findingAccept",
        "wish",
        _change("wish", reason=str, acceptedUntil="2100-01-01"),
    ),
    Step("actionCreate", "task", _task()),
    Step("actionCreate", "before", _task(findingId="nc")),
    Step("actionUpdate", "task", _change("task", title=str, description=str)),
    Step("actionReport", "task", _change("task", progress=10)),
    Step("actionDependencyAdd", "task", _change("task", prerequisiteId="before")),
    Step("actionDependencyRemove", "task", _change("task", prerequisiteId="before")),
    Step("actionDependencyAdd", "task", _change("task", prerequisiteId="before")),
    Step("actionCancel", "before", _change("before", reason=str)),
    Step("actionReschedule", "task", _change("task", newDueOn="2027-02-01", reason=str)),
    Step("actionsReschedule", "task", _days),
    Step("actionReassign", "task", _change("task", ownerId="eve", reason=str)),
    Step("actionsAssign", "task", _tasks),
    Step("actionReassign", "task", _change("task", ownerId="max", reason=str)),
    Step("actionStart", "task", _change("task")),
    Step("actionBlock", "task", _change("task", reason=str)),
    Step("actionUnblock", "task", _change("task")),
    Step("actionComplete", "task", _change("task", completionNote=str), by_max=True),
    Step("actionReject", "task", _change("task", reason=str)),
    Step("actionComplete", "task", _change("task", completionNote=str), by_max=True),
    Step("actionVerify", "task", _change("task")),
    Step("capaCreate", "capa", _problem("wish", supplierName=str)),
    Step("capaUpdate", "capa", _change("capa", rootCauseSummary=str, sponsorId="owner")),
    Step("capaLinkFinding", "capa", _change("capa", findingId="nc")),
    Step("capaUnlinkFinding", "capa", _change("capa", findingId="wish")),
    Step("capaOpen", "capa", _change("capa")),
    Step("capaAnalyze", "capa", _change("capa")),
    Step("rootCauseAnalysisCreate", "analysis", _analysis),
    Step("rootCauseAnalysisUpdate", "analysis", _change("analysis", method="TIMELINE")),
    Step("causeNodeCreate", "slip", _cause()),
    Step("causeNodeDelete", "slip", _change("slip")),
    Step("causeNodeCreate", "top", _cause()),
    Step("causeNodeCreate", "below", _cause("top")),
    Step("causeNodeUpdate", "below", _change("below", text=str, parentId="top")),
    Step("rootCauseAnalysisComplete", "analysis", _change("analysis")),
    Step("capaPlan", "capa", _change("capa")),
    Step("actionCreate", "chore", _task(capaId="capa", ownerId="max")),
    Step("capaImplement", "capa", _change("capa")),
    Step("actionStart", "chore", _change("chore")),
    Step("actionComplete", "chore", _change("chore", completionNote=str), by_max=True),
    Step("capaVerify", "capa", _change("capa")),
    Step("capaCheckEffectiveness", "capa", _change("capa")),
    Step("capaFail", "capa", _change("capa", resultNote=str)),
    Step("capaUpdate", "capa", _change("capa", causeKnownReason=str)),
    Step("capaPlan", "capa", _change("capa")),
    Step("capaImplement", "capa", _change("capa")),
    Step("capaVerify", "capa", _change("capa")),
    Step("capaCheckEffectiveness", "capa", _change("capa")),
    Step(
        "capaClose",
        "capa",
        _change("capa", result="PARTIAL", resultNote=str, waiverReason=str),
    ),
    Step("capaReopen", "capa", _change("capa", reason=str)),
    Step("capaCreate", "plan", _problem("wish")),
    Step("capaCancel", "plan", _change("plan", reason=str)),
)
