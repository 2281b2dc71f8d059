"""The example documents of schema/operations, executed as one story of a frontend."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from qgp import schema
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Company, Person, client, texts
from tests.events.stream import Stream, subscribed
from tests.kit.built import BUILT
from tests.mails import mails_to, plain, token_in
from tests.notifications.consuming import notify

FOLDER = Path(__file__).parents[1] / "schema" / "operations"
FILES = {file.stem: file for file in sorted(FOLDER.glob("*.graphql"))}
PASSWORD = "a rather long sentence"


class Frontend:
    """Somebody with the documents at hand; counts which ones it used."""

    def __init__(self, api: Client, used: set[str]) -> None:
        self.api, self.used = api, used

    async def run(self, name: str, **variables: Any) -> Any:
        """Run a document and return its one root field, which must be without errors."""
        ((_, payload),) = (await self.run_all(name, **variables)).items()
        assert not isinstance(payload, dict) or not payload.get("errors"), payload
        return payload

    async def run_all(self, name: str, **variables: Any) -> Any:
        """Run a document and return its root fields."""
        self.used.add(name)
        return await self.api.ask(FILES[name].read_text(), **variables)

    def subscribed(self, name: str, **variables: Any) -> AbstractAsyncContextManager[Stream]:
        """Subscribe by a document until the end of the block."""
        self.used.add(name)
        return subscribed(self.api, FILES[name].read_text(), **variables)

    async def sign_in(self, **credentials: str) -> Any:
        """Log in and go on with the token that came back."""
        payload = await self.run("Login", input=credentials)
        self.carry(payload["accessToken"])
        return payload

    def carry(self, token: str) -> None:
        """Send this token from now on."""
        self.api.http.headers["authorization"] = f"Bearer {token}"


@pytest.mark.parametrize("name", FILES)
def test_a_document_is_valid_and_says_what_it_is_for(name: str) -> None:
    text = FILES[name].read_text()
    assert text.startswith("# ")
    assert text.splitlines()[0].endswith(".")
    assert f" {name}" in text.splitlines()[1]
    assert validate(_published(), parse(text)) == []


@cache
def _published() -> GraphQLSchema:
    return build_schema(schema.sdl(BUILT))


@pytest.fixture
async def nobody(company: Company) -> AsyncIterator[Client]:
    """A browser in which nobody has signed in."""
    async with client(company.application) as api:
        yield api


async def test_the_documents_tell_one_story(api: Client, nobody: Client, company: Company) -> None:
    used: set[str] = set()
    owner, ann = Frontend(api, used), Frontend(nobody, used)
    await _move_in(owner, ann, company)
    await _fill_the_library(ann)
    await _assess(ann)
    await _map(ann)
    await _prepare(owner, ann)
    await _programme(owner, ann)
    await _find(ann)
    await _correct(ann)
    await _act(ann)
    await _talk(ann)
    await _sign(ann)
    await _look_back(ann)
    await _prove(ann)
    await _audit(owner, ann, company)
    await _move_on(ann)
    await _renumber(ann)
    await _fail(ann, company)
    await _integrate(owner)
    await _be_notified(owner, ann, company)
    await _follow(owner, ann)
    await _leave(ann, company)
    assert used == set(FILES)


async def _move_in(owner: Frontend, ann: Frontend, company: Company) -> None:
    """The owner adds sites and invites Ann, who signs in."""
    assert (await ann.run("ServerInfo"))["limits"]["pageMax"] == 100
    hq = await owner.run("SiteCreate", input={"code": "HQ", "name": "Head office"})
    plant = {"code": "P1", "name": "Plant", "parentId": hq["site"]["id"]}
    await owner.run("SiteCreate", input=plant)
    sites = (await owner.run("SiteTree"))["nodes"]
    assert [(s["code"], s["parent"] and s["parent"]["code"]) for s in sites] == [
        ("HQ", None),
        ("P1", "HQ"),
    ]
    email = f"ann@{company.slug}.example"
    invitation = {"email": email, "name": "Ann", "role": "QUALITY_MANAGER"}
    invited = await owner.run("UserInvite", input=invitation)
    assert (await owner.run("Users", filter={"status": {"eq": "INVITED"}}))["totalCount"] == 1
    accepting = {"token": invited["invitationToken"], "password": PASSWORD}
    accepted = await ann.run("InvitationAccept", input=accepting)
    assert accepted == {"email": email, "organization": company.slug, "errors": []}
    signed_in = await ann.sign_in(email=email, password=PASSWORD)
    assert signed_in["viewer"] == {"user": {"name": "Ann", "role": "QUALITY_MANAGER"}}
    renewed = await ann.run("TokenRefresh", input={"refreshToken": signed_in["refreshToken"]})
    ann.carry(renewed["accessToken"])
    viewer = await ann.run("Viewer")
    assert viewer["organization"]["name"] == company.slug
    assert "standard:manage" in viewer["permissions"]
    node = await ann.run("Node", id=viewer["user"]["id"])
    assert (node["__typename"], node["version"]) == ("User", 2)
    assert (await ann.run("CalendarFeedCreate"))["url"].endswith(".ics")


async def _integrate(owner: Frontend) -> None:
    """The owner registers an address for events, and tries other days of reminders."""
    endpoint = {"name": "ERP", "url": "https://hooks.example/", "events": ["finding.*"]}
    assert (await owner.run("WebhookEndpointCreate", input=endpoint))["secret"]
    (shown,) = (await owner.run("Webhooks"))["nodes"]
    assert (shown["status"], shown["deliveries"]["nodes"]) == ("ACTIVE", [])
    days = {"dueDate": "Finding.responseDueOn", "remindDays": [-14, -2, 0, 3]}
    rule = (await owner.run("ReminderRuleCreate", input=days))["reminderRule"]
    schedules = {one["dueDate"]: one for one in await owner.run("ReminderSchedules")}
    assert schedules[days["dueDate"]]["rule"]["id"] == rule["id"]
    ended = {"id": rule["id"], "expectedVersion": rule["version"]}
    assert (await owner.run("ReminderRuleDelete", input=ended))["deletedId"] == rule["id"]


async def _fill_the_library(ann: Frontend) -> None:
    """Ann adopts three editions, reads one and agrees with a mapping."""
    for key in ("ISO9001:2015", "ISO9001:2026", "ISO14001:2015"):
        entry = next(e for e in await ann.run("Catalogue") if e["code"] == key)
        assert entry["adopted"] is None
        edition = {name: entry[name] for name in ("familyCode", "edition")}
        adopted = await ann.run("StandardAdopt", input=edition)
        assert adopted["standard"]["code"] == key
    shelf = await ann.run("Library")
    assert texts(shelf["nodes"], "code") == ["ISO9001:2015", "ISO9001:2026", "ISO14001:2015"]
    tree = await ann.run("ClauseTree", code="ISO9001:2015")
    chapters = tree["clauses"]["nodes"]
    assert texts(chapters, "number") == [str(number) for number in range(4, 11)]
    assert texts(chapters[-1]["children"]["nodes"], "number") == ["10.1", "10.2", "10.3"]
    wanted_filter = {"theme": {"eq": "INTERNAL_AUDIT"}, "number": {"eq": "9.2"}}
    assert (await ann.run("ClauseSearch", filter=wanted_filter))["totalCount"] == 3
    pair = {"in": [shelf["nodes"][0]["id"], shelf["nodes"][2]["id"]]}
    between = {"status": {"eq": "PROPOSED"}, "fromStandardId": pair, "toStandardId": pair}
    review = await ann.run("MappingReview", filter=between)
    assert review["totalCount"] == 28
    first = review["nodes"][0]
    decision = {"id": first["id"], "expectedVersion": first["version"]}
    decided = (await ann.run("MappingConfirm", input=decision))["clauseMapping"]
    assert (decided["status"], decided["decidedBy"]) == ("CONFIRMED", {"name": "Ann"})
    assert (await ann.run("MappingReview", filter=between))["totalCount"] == 27


async def _assess(ann: Frontend) -> None:
    """Ann sees what the newer edition asks, and assesses it."""
    shelf = {row["code"]: row["id"] for row in (await ann.run("Library"))["nodes"]}
    editions = {"older": shelf["ISO9001:2015"], "newer": shelf["ISO9001:2026"]}
    gap = await ann.run("TransitionGap", **editions)
    changed = [change["toClause"] for change in gap["changes"]["nodes"]]
    assert sorted(texts(changed, "number")) == ["5.1.1", "6.1.2", "6.1.3", "6.3"]
    me = (await ann.run("Viewer"))["user"]["id"]
    for clause in changed:
        assessment = {
            "clauseId": clause["id"],
            "implementation": "IMPLEMENTED",
            "conformity": "CONFORM",
            "ownerId": me,
            "maturity": 3,
        }
        assessed = await ann.run("ClauseAssess", input=assessment)
        assert assessed["clauseAssessment"]["site"] is None
        detail = await ann.run("ClauseDetail", id=clause["id"])
        assert detail["assessment"]["owner"] == {"name": "Ann"}
        assert detail["standard"] == {"code": "ISO9001:2026"}
        assert detail["ancestors"][0]["number"] == detail["number"][0]
    after = (await ann.run("TransitionGap", **editions))["counts"]
    assert sum(row["openCount"] for row in after) == 0
    work = await ann.run("Assessments", filter={"ownerId": {"eq": me}})
    assert (work["totalCount"], json.dumps(work).count("ISO9001:2026")) == (4, 4)


async def _map(ann: Frontend) -> None:
    """Ann draws the process map."""
    for code, above in (("MAKE", None), ("BUY", "MAKE")):
        (parent,) = (await ann.run("ProcessMap"))["nodes"] if above else [{"id": None}]
        process = {"code": code, "name": code, "kind": "CORE", "parentId": parent["id"]}
        await ann.run("ProcessCreate", input=process)
    (shown,) = (await ann.run("ProcessMap"))["nodes"]
    assert texts(shown["children"]["nodes"], "code") == ["BUY"]


async def _prepare(owner: Frontend, ann: Frontend) -> None:
    """Ann writes a checklist, which the owner publishes."""
    template_input = {"name": "Calibration", "category": "PROCESS_AUDIT"}
    template = (await ann.run("TemplateCreate", input=template_input))["auditTemplate"]
    began = await ann.run("TemplateVersionDraft", input={"templateId": template["id"]})
    version = began["templateVersion"]
    part = {"templateVersionId": version["id"], "title": "Gauges"}
    section = (await ann.run("SectionCreate", input=part))["section"]
    asks = {"sectionId": section["id"], "text": "Is every gauge labelled?", "type": "YES_NO"}
    wants = {"isFindingCreatedOnFail": True, "failGrade": "OFI"}
    first = (await ann.run("QuestionCreate", input=asks | wants))["question"]
    options = [{"key": "LOST", "label": "Lost", "score": "0"}, {"key": "OLD", "label": "Old"}]
    options[1]["score"] = "1"
    condition = {"questionId": first["id"], "operator": "EQ", "values": ["NO"]}
    asks |= {"text": "Why?", "type": "SINGLE", "options": options, "visibleIf": condition}
    await ann.run("QuestionCreate", input=asks)
    at = {"id": version["id"], "expectedVersion": version["version"]}
    marked = await ann.run("TemplateVersionUpdate", input={**at, "passMark": "80.50"})
    assert marked["templateVersion"]["passMark"] == "80.5"
    at["expectedVersion"] = marked["templateVersion"]["version"]
    submitted = (await ann.run("TemplateVersionSubmit", input=at))["templateVersion"]
    allowed = {move["name"]: move["isAllowed"] for move in submitted["availableTransitions"]}
    assert allowed == {"templateVersionReject": True, "templateVersionPublish": False}
    at["expectedVersion"] = submitted["version"]
    signed = {**at, "signature": {"meaning": "APPROVED", "proof": {"password": PASSWORD}}}
    published = (await owner.run("TemplateVersionPublish", input=signed))["templateVersion"]
    assert published["status"] == "PUBLISHED"
    (shown,) = (await ann.run("Templates"))["nodes"]
    assert (shown["currentVersion"]["id"], shown["draft"]) == (version["id"], None)
    questions = (await ann.run("Checklist", id=version["id"]))["questions"]["nodes"]
    assert [
        question["visibleIf"] and question["visibleIf"]["values"] for question in questions
    ] == [
        None,
        ["NO"],
    ]
    assert texts(questions[1]["options"], "key") == ["LOST", "OLD"]


async def _programme(owner: Frontend, ann: Frontend) -> None:
    """Ann plans next year's audits, the owner approves, and she sees what is left out."""
    shelf = {row["code"]: row["id"] for row in (await ann.run("Library"))["nodes"]}
    sites = {row["code"]: row["id"] for row in (await owner.run("SiteTree"))["nodes"]}
    me = (await ann.run("Viewer"))["user"]["id"]
    input = {"title": "Audits of 2027", "method": "ONSITE", "ownerId": me}
    input |= {"periodStartOn": "2027-01-01", "periodEndOn": "2027-12-31"}
    input |= {"standardIds": [shelf["ISO9001:2015"]]}
    programme = (await ann.run("AuditProgrammeCreate", input=input))["auditProgramme"]
    assert texts(programme["standards"], "code") == ["ISO9001:2015"]
    of = {"programmeId": programme["id"]}
    before = await ann.run("CoverageGap", of=of, first=1)
    assert (before["sinceOn"], before["coveredPct"]) == ("2025-01-01", "0")
    assert before["requirements"] == before["gap"] > 50
    chapter = {"standardId": {"eq": shelf["ISO9001:2015"]}, "number": {"eq": "8"}}
    (eight,) = (await ann.run("ClauseSearch", filter=chapter))["nodes"]
    what = {"clauseId": eight["id"], "siteId": sites["HQ"], "risk": "HIGH"}
    item = {"programmeId": programme["id"], "plannedMonth": "2027-03-01", **what}
    planned = (await ann.run("ProgrammeItemCreate", input=item))["programmeItem"]
    assert (planned["priority"], planned["lastAuditedOn"]) == (70, None)
    step = {"id": programme["id"], "expectedVersion": planned["programme"]["version"]}
    signed = {**step, "signature": {"meaning": "APPROVED", "proof": {"password": PASSWORD}}}
    approved = (await owner.run("AuditProgrammeApprove", input=signed))["auditProgramme"]
    step["expectedVersion"] = approved["version"]
    started = (await ann.run("AuditProgrammeStart", input=step))["auditProgramme"]
    (option,) = started["availableTransitions"]
    assert [blocker["code"] for blocker in option["blockers"]] == ["ITEMS_DONE"]
    carried = {"id": planned["id"], "expectedVersion": planned["version"]}
    audit = (await ann.run("ProgrammeItemPlanAudit", input=carried))["programmeItem"]["audit"]
    assert (audit["status"], audit["plannedEndOn"]) == ("PLANNED", "2027-03-31")
    after = await ann.run("CoverageGap", of=of, first=1)
    assert after["covered"] == before["gap"] - after["gap"] > 20
    assert after["gaps"]["nodes"][0] == {
        "clause": {"number": "4.1", "title": "Internal and external issues"},
        "site": None,
    }
    (shown,) = (await ann.run("AuditProgrammes"))["nodes"]
    (slot,) = shown["items"]["nodes"]
    assert (slot["clause"]["number"], slot["audit"]["reference"]) == ("8", audit["reference"])


async def _find(ann: Frontend) -> None:
    """Ann writes down a nonconformity, adds what it lacks, and issues it."""
    shelf = {row["code"]: row["id"] for row in (await ann.run("Library"))["nodes"]}
    of_2015 = {"standardId": {"eq": shelf["ISO9001:2015"]}, "number": {"eq": "7.1.5.2"}}
    (clause,) = (await ann.run("ClauseSearch", filter=of_2015))["nodes"]
    me = (await ann.run("Viewer"))["user"]["id"]
    input = {"grade": "MINOR", "sourceType": "AUDIT", "title": "Gauges without a label"}
    input |= {"statement": "No date of calibration.", "evidenceText": "Gauges 4 and 7."}
    input |= {"primaryClauseId": clause["id"], "ownerId": me}
    first, second = [(await ann.run("FindingCreate", input=input))["finding"] for _ in range(2)]
    assert texts(second["similar"], "reference") == [first["reference"]]
    step = {"id": second["id"], "expectedVersion": second["version"]}
    opened = (await ann.run("FindingOpen", input=step))["finding"]
    assert opened["status"] == "OPEN"
    blockers = {
        o["name"]: [b["code"] for b in o["blockers"]] for o in opened["availableTransitions"]
    }
    assert blockers["findingRecordContainment"] == ["CONTAINMENT"]
    assert blockers["findingClose"] == ["VERIFIER_DIFFERS", "NC_VERIFICATION", "EVIDENCE"]
    work = await ann.run("Findings", filter={"ownerId": {"eq": me}})
    assert texts(work["nodes"], "reference") == [second["reference"], first["reference"]]


async def _correct(ann: Frontend) -> None:
    """Ann raises a CAPA for what she found, and hears what it lacks."""
    me = (await ann.run("Viewer"))["user"]["id"]
    mine = {"ownerId": {"eq": me}}
    behind = [row["id"] for row in (await ann.run("Findings", filter=mine))["nodes"]]
    input: dict[str, Any] = {
        "title": "Label gauges",
        "problemStatement": "Two of nine.",
        "dueOn": "2027-03-01",
    }
    input |= {"findingIds": behind, "ownerId": me}
    capa = (await ann.run("CapaCreate", input=input))["capa"]
    assert len(capa["findings"]) == 2
    step = {"id": capa["id"], "expectedVersion": capa["version"]}
    opened = (await ann.run("CapaOpen", input=step))["capa"]
    assert opened["status"] == "OPEN"
    (shown,) = (await ann.run("Capas", filter=mine))["nodes"]
    assert shown["reference"] == capa["reference"]
    moves = {o["name"]: o["isAllowed"] for o in opened["availableTransitions"]}
    assert moves == {"capaStartAnalysis": True, "capaCancel": True}


async def _act(ann: Frontend) -> None:
    """Ann gives herself something to do, and does it later than she thought."""
    me = (await ann.run("Viewer"))["user"]["id"]
    input = {"title": "Ask", "kind": "FOLLOW_UP", "ownerId": me, "dueOn": "2027-01-01"}
    action = (await ann.run("ActionCreate", input=input))["action"]
    assert action["owner"] == {"name": "Ann"}
    move = {"newDueOn": "2027-02-01", "reason": "Nobody was there."}
    item = {"id": action["id"], "expectedVersion": action["version"], **move}
    (moved,) = (await ann.run("ActionsReschedule", input={"items": [item]}))["results"]
    assert (moved["action"]["originalDueOn"], moved["errors"]) == ("2027-01-01", [])
    actions = {"kind": {"eq": "COMPLETE_ACTION"}}
    (item,) = (await ann.run_all("MyWork", filter=actions))["myWork"]["nodes"]
    task = item["record"]
    assert (task["reference"], item["dueOn"]) == (action["reference"], "2027-02-01")
    step = {"id": task["id"], "expectedVersion": task["version"]}
    await _attach(ann, task["id"])
    begun = (await ann.run("ActionStart", input=step))["action"]
    step["expectedVersion"] = begun["version"]
    done = await ann.run("ActionComplete", input={**step, "completionNote": "They said yes."})
    assert done["action"]["status"] == "DONE"
    assert (await ann.run_all("MyWork", filter=actions))["myWork"]["totalCount"] == 0
    owner = (await ann.run("Users", filter={"role": {"eq": "OWNER"}}))["nodes"][0]["id"]
    leave = {"delegateId": owner, "startsOn": "2020-01-01", "endsOn": "2100-01-01"}
    delegation = (await ann.run("DelegationCreate", input=leave))["delegation"]
    assert delegation["delegator"] == {"name": "Ann"}


async def _talk(ann: Frontend) -> None:
    """Ann says something about what she found, and answers herself."""
    finding = (await ann.run("Findings", filter={}))["nodes"][0]
    me = (await ann.run("Viewer"))["user"]["id"]
    comment = {"subjectId": finding["id"], "body": "Who has the labels?", "mentionIds": [me]}
    said = (await ann.run("CommentCreate", input=comment))["comment"]
    assert (said["visibility"], said["mentions"]) == ("INTERNAL", [{"name": "Ann"}])
    answer = {"subjectId": finding["id"], "body": "The lab.", "parentId": said["id"]}
    await ann.run("CommentCreate", input=answer)
    (thread,) = (await ann.run("Comments", filter={"parentId": {"isNull": True}}))["nodes"]
    assert thread["subject"]["reference"] == finding["reference"]
    assert texts(thread["answers"]["nodes"], "body") == ["The lab."]


async def _attach(ann: Frontend, action_id: str) -> None:
    """Ann adds a photo of what she saw, and looks at it."""
    data = b"\x89PNG\r\n\x1a\n" + bytes(100)
    said = {"filename": "seen.png", "sizeBytes": len(data), "sha256": sha256(data).hexdigest()}
    created = await ann.run("FileUploadCreate", input={"subjectId": action_id, **said})
    upload = created["upload"]
    headers = {header["name"]: header["value"] for header in upload["headers"]}
    sent = await ann.api.http.request(
        upload["method"], upload["url"], content=data, headers=headers
    )
    assert (sent.status_code, sent.json()["status"]) == (200, "STORED")
    (photo,) = (await ann.run("Attachments", actionId=action_id))["attachments"]["nodes"]
    assert (photo["contentType"], photo["createdBy"]) == ("image/png", {"name": "Ann"})
    assert (await ann.api.http.get(photo["url"])).content == data


async def _sign(ann: Frontend) -> None:
    """Ann says that she knows of the finding, and proves that it was her."""
    row = (await ann.run("Findings"))["nodes"][0]
    whole = await ann.api.ask(
        "query ($id: ID!) { finding(by: {id: $id}) { version } }", id=row["id"]
    )
    meant = {"meaning": "ACKNOWLEDGED", "proof": {"password": PASSWORD}}
    input = {"recordId": row["id"], "expectedVersion": whole["finding"]["version"]}
    signature = (await ann.run("RecordSign", input={**input, "signature": meant}))["signature"]
    assert signature["printedName"] == "Ann"
    (shown, *_) = (await ann.run("Signatures"))["nodes"]
    assert (shown["state"], shown["subject"]) == ("VALID", {"id": row["id"]})
    verdict = await ann.run("SignatureVerify", signatureId=signature["id"])
    assert (verdict["isIntact"], verdict["isContentUnchanged"]) == (True, True)
    (action,) = (await ann.api.ask("{ actions(first: 1) { nodes { id } } }"))["actions"]["nodes"]
    panels = await ann.run_all("RecordPanels", findingId=row["id"], actionId=action["id"])
    assert panels["finding"]["comments"]["totalCount"] == 2
    assert texts(panels["finding"]["signatures"]["nodes"], "meaning") == ["ACKNOWLEDGED"]
    assert panels["action"].keys() == panels["finding"].keys()


async def _look_back(ann: Frontend) -> None:
    """Ann looks at what became of her finding, and that nobody wrote history anew."""
    (row,) = [f for f in (await ann.run("Findings"))["nodes"] if f["status"] == "OPEN"]
    entries = (await ann.run("History", id=row["id"]))["history"]["nodes"]
    _, cited, created = entries
    assert texts(entries, "action") == ["findingOpen", "findingCreate", "findingCreate"]
    names = {change["field"]: change["afterName"] for change in cited["changes"]}
    assert (names["clause"], names["finding"]) == (cited["recordName"], created["recordName"])
    then = await ann.run("AsOf", recordId=row["id"], at=created["changedAt"])
    values = {field["field"]: field["value"] for field in then["fields"]}
    assert (then["version"], values["status"]) == (1, "DRAFT")
    since = {"changedAt": {"gte": entries[0]["changedAt"]}, "kind": {"eq": "FINDING"}}
    (last,) = (await ann.run("Trail", filter=since))["nodes"]
    assert (last["recordReference"], last["actor"]) == (row["reference"], {"name": "Ann"})
    assert (await ann.run("TrailVerify"))["isIntact"]


async def _prove(ann: Frontend) -> None:
    """Ann collects evidence about what she found, and says which clause it speaks about."""
    finding = (await ann.run("Findings", filter={}))["nodes"][0]
    what = {"title": "Labels", "kind": "LINK", "url": "https://files.example/labels"}
    input = {"subjectId": finding["id"], "effectiveOn": "2026-11-20", **what}
    item = (await ann.run("EvidenceItemCreate", input=input))["evidenceItem"]
    assert item["collectedBy"] == {"name": "Ann"}
    number = finding["primaryClause"]["clause"]["number"]
    shelf = {row["code"]: row["id"] for row in (await ann.run("Library"))["nodes"]}
    filter = {"standardId": {"eq": shelf["ISO9001:2015"]}, "number": {"eq": number}}
    (clause,) = (await ann.run("ClauseSearch", filter=filter))["nodes"]
    ends = {"evidenceId": item["id"], "clauseId": clause["id"], "polarity": "SUPPORTS"}
    link = (await ann.run("EvidenceLinkCreate", input=ends))["evidenceLink"]
    (first, _) = link["availableTransitions"]
    assert [blocker["code"] for blocker in first["blockers"]] == ["PROPOSER_DIFFERS"]
    (shown,) = (await ann.run("Evidence", filter={"subjectId": {"eq": finding["id"]}}))["nodes"]
    assert shown["links"]["nodes"][0]["clause"]["number"] == number


async def _audit(owner: Frontend, ann: Frontend, company: Company) -> None:
    """Ann audits by the checklist, finds something, and the owner issues the report."""
    (template,) = (await ann.run("Templates"))["nodes"]
    me = (await ann.run("Viewer"))["user"]["id"]
    days = {"plannedStartOn": "2026-11-02", "plannedEndOn": "2026-11-03"}
    kind = {"type": "PROCESS", "method": "ONSITE", "source": "FIRST_PARTY"}
    input: dict[str, Any] = {"title": "Gauges", "scope": "All gauges in use.", **kind, **days}
    input |= {"leadAuditorId": me, "templateVersionId": template["currentVersion"]["id"]}
    helper, audited = [await company.hire(Role.EMPLOYEE, name=name) for name in ("Bo", "Eve")]
    input["auditeeIds"] = [audited.id]
    audit = (await ann.run("AuditCreate", input=input))["audit"]
    assert audit["team"] == [{"role": "LEAD", "user": {"name": "Ann"}}]
    assert {move["name"]: move["isAllowed"] for move in audit["availableTransitions"]} == {
        "auditSchedule": True,
        "auditCancel": True,
    }
    helping = {"auditId": audit["id"], "userId": helper.id, "role": "EXPERT"}
    joined = (await ann.run("AuditTeamMemberAdd", input=helping))["auditTeamMember"]
    at = {"id": audit["id"], "expectedVersion": joined["audit"]["version"]}
    for step in ("AuditSchedule", "AuditStart"):
        at["expectedVersion"] = (await ann.run(step, input=at))["audit"]["version"]
    failing = await _answer(ann, audit["id"])
    drafted = (await ann.run("AuditFindingsDraft", input=at))["audit"]["findings"]["nodes"]
    assert [(row["title"], row["statement"], row["response"]["id"]) for row in drafted] == [
        ("Nonconforming answer: Is every gauge labelled?", None, failing)
    ]
    said = {"id": drafted[0]["id"], "expectedVersion": drafted[0]["version"]}
    await ann.run("FindingUpdate", input=said | {"statement": "Gauge 4 has no label."})
    done = (await ann.run("AuditCompleteFieldwork", input=at))["audit"]
    assert (done["scorePct"], done["result"]) == ("0", "FAIL")
    blockers = {o["name"]: [b["code"] for b in o["blockers"]] for o in done["availableTransitions"]}
    assert blockers == {"auditSubmit": ["CONCLUSION", "SIGNATURE"]}
    at["expectedVersion"] = done["version"]
    concluded = (await ann.run("AuditUpdate", input=at | {"conclusion": "NOT_CONFORM"}))["audit"]
    at["expectedVersion"] = concluded["version"]
    proof = {"signature": {"meaning": "AUTHORED", "proof": {"password": PASSWORD}}}
    at["expectedVersion"] = (await ann.run("AuditSubmit", input=at | proof))["audit"]["version"]
    proof = {"signature": {"meaning": "REVIEWED", "proof": {"password": PASSWORD}}}
    issued = (await owner.run("AuditIssueReport", input=at | proof))["audit"]
    assert texts(issued["findings"]["nodes"], "status") == ["OPEN"]
    (row,) = (await ann.run("Audits", filter={"status": {"eq": "REPORTED"}}))["nodes"]
    assert (row["reference"], row["leadAuditor"]) == (audit["reference"], {"name": "Ann"})
    whole = await ann.run("AuditInFull", id=audit["id"])
    assert texts(whole["report"]["failures"], "text") == ["Is every gauge labelled?"]
    assert texts(whole["signatures"]["nodes"], "meaning") == ["AUTHORED", "REVIEWED"]
    await _show(ann, audit["id"], drafted[0]["id"])
    await _supplement(ann, audit["id"])
    await _correct_finding(ann, audit["id"], drafted[0]["id"])
    await _hand_over(owner, audited, me)


async def _correct_finding(ann: Frontend, audit_id: str, finding_id: str) -> None:
    """Ann corrects an issued finding, and the signatures of the report show that she did."""
    finding = await ann.run("FindingInFull", id=finding_id)
    at = {"id": finding_id, "expectedVersion": finding["version"]}
    why = {"severity": 4, "reason": "Rated with the laboratory."}
    corrected = (await ann.run("FindingCorrect", input=at | why))["finding"]
    assert (corrected["severity"], corrected["viewerCanCorrect"]) == (4, True)
    signed = await ann.run("Signatures", filter={"subjectId": {"eq": audit_id}})
    change = {"record": {"id": finding_id}, "fields": ["severity"], "changedBy": {"name": "Ann"}}
    change |= {"reason": "Rated with the laboratory."}
    for signature in signed["nodes"]:
        (superseding,) = signature["supersedingChanges"]
        assert signature["state"] == "SUPERSEDED"
        assert superseding == {**change, "changedAt": signature["supersededAt"]}
    assert len(signed["nodes"]) == 2


async def _supplement(ann: Frontend, audit_id: str) -> None:
    """Ann, who led the audit, adds a late finding to its issued report."""
    me = (await ann.run("Viewer"))["user"]["id"]
    input = {"grade": "OFI", "sourceType": "AUDIT", "title": "Labels fade", "auditId": audit_id}
    input |= {"statement": "Labels fade in the sun.", "evidenceText": "Photo of 3 November."}
    why = {"ownerId": me, "reason": "The photo came after the report."}
    late = (await ann.run("FindingCreate", input=input | why))["finding"]
    await ann.run("FindingOpen", input={"id": late["id"], "expectedVersion": late["version"]})
    whole = await ann.run("AuditInFull", id=audit_id)
    (line,) = whole["report"]["supplements"]
    assert (line["reference"], line["supplementReason"]) == (late["reference"], why["reason"])
    assert (whole["openFindings"], len(whole["report"]["findingList"])) == (2, 1)
    assert texts(whole["signatures"]["nodes"], "state") == ["VALID", "VALID"]


async def _hand_over(owner: Frontend, leaver: Person, successor_id: str) -> None:
    """Eve leaves; Ann takes over the finding of the audit that is still open."""
    at = {"id": leaver.id, "expectedVersion": 1}
    refused = (await owner.run_all("UserSuspend", input=at))["userSuspend"]
    work = [{"kind": "Finding", "count": 1}]
    assert (refused["user"]["openWork"], refused["openWork"]) == (work, None)
    (blocker,) = refused["errors"][0]["blockers"]
    assert blocker["code"] == "OPEN_WORK"
    left = await owner.run("UserSuspend", input=at | {"reassignOpenWorkToId": successor_id})
    assert (left["openWork"], left["user"]["status"]) == (work, "SUSPENDED")


async def _show(ann: Frontend, audit_id: str, finding_id: str) -> None:
    """Ann opens the pages that show much at once."""
    checklist = await ann.run("AuditChecklist", id=audit_id)
    version = checklist["templateVersion"]
    assert [len(version[part]["nodes"]) for part in ("sections", "questions")] == [1, 2]
    assert checklist["responses"]["totalCount"] == 2
    rows = (await ann.run("FindingBoard"))["nodes"]
    assert all(row["availableTransitions"] for row in rows)
    shown = await ann.run("FindingInFull", id=finding_id)
    assert (shown["audit"]["id"], shown["status"]) == (audit_id, "OPEN")
    assert "auditIssueReport" in texts(shown["history"]["nodes"], "action")
    board = await ann.run_all("CapaBoard")
    assert [len(board), sum(column["totalCount"] for column in board.values())] == [9, 1]
    start = await ann.run_all("Dashboard", today="2026-11-29", soon="2026-12-29")
    assert (len(start), start["auditsReported"]["totalCount"]) == (40, 1)


async def _answer(ann: Frontend, audit_id: str) -> str:
    """Ann goes through the checklist, and sends it twice, as the first answer was lost."""
    sheet = await ann.run("AuditSheet", id=audit_id)
    assert (sheet["viewerCanRecordResponses"], sheet["responses"]["nodes"]) == (True, [])
    labelled, why = sheet["templateVersion"]["questions"]["nodes"]
    values = {labelled["id"]: {"verdict": "NO"}, why["id"]: {"options": ["LOST"]}}
    device = {"clientId": "tablet", "answeredAt": "2026-11-02T09:30:00Z"}
    answers = [
        {"questionId": id, "value": value, "comment": "4.", "clientSequence": number, **device}
        for number, (id, value) in enumerate(values.items(), start=1)
    ]
    for _ in range(2):
        sent = await ann.run(
            "AuditResponsesRecord", input={"auditId": audit_id, "answers": answers}
        )
        assert [row["errors"] for row in sent["results"]] == [[], []]
    first, second = [row["auditResponse"] for row in sent["results"]]
    assert (first["isFailed"], second["isFailed"]) == (True, False)
    id: str = first["id"]
    return id


async def _move_on(ann: Frontend) -> None:
    """The newer edition supersedes the older one, and Ann reviews what it takes over."""
    shelf = {row["code"]: row for row in (await ann.run("Library"))["nodes"]}
    older, newer = [shelf[f"ISO9001:{year}"] for year in (2015, 2026)]
    items: list[dict[str, Any]] = []
    for number in ("6.1.2", "8.6", "6.3"):  # RENUMBERED in two, UNCHANGED, EXTENDED
        of_it = {"standardId": {"eq": older["id"]}, "number": {"eq": number}}
        (clause,) = (await ann.run("ClauseSearch", filter=of_it))["nodes"]
        stands = {"implementation": "IMPLEMENTED", "conformity": "CONFORM"}
        items.append({"clauseId": clause["id"], **stands})
    results = (await ann.run("ClausesAssess", input={"items": items}))["results"]
    assert [row["errors"] for row in results] == [[], [], []]
    version = (await ann.run("Node", id=older["id"]))["version"]
    step = {"id": older["id"], "expectedVersion": version}
    superseded = (await ann.run("StandardSupersede", input=step))["standard"]
    assert superseded["status"] == "SUPERSEDED"
    carried = (await ann.run("CarriedAssessments", standardId=newer["id"]))["nodes"]
    assert [row["clause"]["number"] for row in carried] == ["8.6"]
    assert carried[0]["carriedFrom"]["clause"]["standard"] == {"code": "ISO9001:2015"}
    review = {"id": carried[0]["id"], "expectedVersion": carried[0]["version"]}
    reviewed = await ann.run("ClauseAssessmentUpdate", input=review)
    assert reviewed["clauseAssessment"]["isReviewRequired"] is False
    left = await ann.run("CarriedAssessments", standardId=newer["id"])
    assert left["totalCount"] == 0


async def _renumber(ann: Frontend) -> None:
    """Ann writes the next edition of the house rules, where a rule has another number."""
    rules: dict[str, Any] = {"familyCode": "HOUSE", "title": "House rules", "kind": "SCHEME"}
    editions: list[Any] = []
    clauses: list[Any] = []
    for edition, number in (("1", "1.1"), ("2", "2.1")):
        former = {"supersedesId": editions[0]["id"]} if editions else {}
        input = rules | former | {"edition": edition}
        editions.append((await ann.run("StandardCreate", input=input))["standard"])
        rule = {"standardId": editions[-1]["id"], "number": number, "title": "Label gauges"}
        clauses.append((await ann.run("ClauseCreate", input=rule))["clause"])
    older, newer = editions
    stands = {"implementation": "PARTIAL", "conformity": "MINOR_GAP"}
    await ann.run("ClauseAssess", input={"clauseId": clauses[0]["id"], **stands})
    ends = {"fromClauseId": clauses[0]["id"], "toClauseId": clauses[1]["id"]}
    change = {"changeKind": "RENUMBERED", "relation": "EQUAL", "strength": 100}
    (result,) = (await ann.run("ClauseMappingsPropose", input={"items": [ends | change]}))[
        "results"
    ]
    proposed = result["clauseMapping"]
    assert (proposed["basis"], proposed["status"]) == ("EDITION_CHANGE", "PROPOSED")
    step = {"id": older["id"], "expectedVersion": older["version"]}
    active = (await ann.run("StandardActivate", input=step))["standard"]
    await ann.run("StandardSupersede", input=step | {"expectedVersion": active["version"]})
    (carried,) = (await ann.run("CarriedAssessments", standardId=newer["id"]))["nodes"]
    assert (carried["clause"]["number"], carried["conformity"]) == ("2.1", "MINOR_GAP")
    gap = await ann.run("TransitionGap", older=older["id"], newer=newer["id"])
    (count,) = gap["counts"]
    assert (count["changeKind"], count["openCount"]) == ("RENUMBERED", 1)


async def _fail(ann: Frontend, company: Company) -> None:
    """A CAPA proves ineffective, and the MAJOR that was closed on it is open again."""
    capa_records = CapaRecords(company)
    major = await capa_records.finding(FindingStatus.CLOSED, grade=FindingGrade.MAJOR)
    capa = await capa_records.capa(CapaStatus.EFFECTIVENESS, sources=[major])
    step = {"id": capa.public_id, "expectedVersion": 1, "resultNote": "Gauge 9 has no label."}
    failed = (await ann.run("CapaRecordIneffective", input=step))["capa"]
    assert (failed["status"], failed["round"], failed["result"]) == ("ANALYSIS", 2, "INEFFECTIVE")
    (reopened,) = failed["findings"]
    assert (reopened["status"], reopened["reopenCount"]) == ("ANALYSIS", 1)
    last, *_ = (await ann.run("History", id=reopened["id"]))["history"]["nodes"]
    assert last["reason"] == f"{capa.reference} was found ineffective."


async def _be_notified(owner: Frontend, ann: Frontend, company: Company) -> None:
    """The owner assigns an action to Ann, who reads of it."""
    ann_id = (await ann.run("Viewer"))["user"]["id"]
    action = {"title": "Label gauge 10", "kind": "CORRECTION", "ownerId": ann_id}
    await notify(company)  # of the story so far
    async with (
        ann.subscribed("NotificationAdded") as added,
        ann.subscribed("MyWorkChanged") as work,
    ):
        created = await owner.run("ActionCreate", input=action | {"dueOn": "2100-01-01"})
        waiting = (await work.next())["myWorkChanged"]["totalCount"]
        await notify(company)
        live = (await added.next())["notificationAdded"]["notification"]
    assert waiting == (await ann.run_all("MyWork"))["myWork"]["totalCount"]
    panel = await ann.run_all("Notifications", filter={"kind": {"eq": "ASSIGNED"}})
    newest = panel["notifications"]["nodes"][0]
    assert (newest["record"]["title"], newest["event"]) == ("Label gauge 10", "action.assigned")
    assert (live["id"], live["record"]) == (newest["id"], newest["record"])
    marked = await ann.run("NotificationsMarkRead", input={"all": True})
    assert marked["markedCount"] == panel["viewer"]["unreadNotificationCount"]
    await _watch(owner, ann, company, created["action"]["id"])
    await _prefer(ann)


async def _prefer(ann: Frontend) -> None:
    """Ann wants no mail at night, and what waits for her once a day."""
    table = (await ann.run("NotificationPreferences"))["notificationPreferences"]
    waiting = next(row for row in table if (row["kind"], row["channel"]) == ("WAITING", "MAIL"))
    assert (waiting["frequency"], waiting["isDefault"]) == ("INSTANT", True)
    chosen = {"kind": "WAITING", "channel": "MAIL", "frequency": "DAILY"}
    quiet = {"startTime": "22:00", "endTime": "06:00"}
    input = {"preferences": [chosen], "quietHours": quiet}
    changed = await ann.run("NotificationPreferencesUpdate", input=input)
    assert [row for row in changed["notificationPreferences"] if not row["isDefault"]] == [
        chosen | {"isDefault": False}
    ]
    assert changed["quietHours"] == quiet


async def _watch(owner: Frontend, ann: Frontend, company: Company, id: str) -> None:
    """Ann watches a record, and reads of the owner's comment until she watches it no longer."""
    assert (await ann.run("RecordWatch", input={"id": id}))["record"]["viewerIsWatching"]
    (watch,) = (await ann.run_all("Watches"))["watches"]["nodes"]
    assert watch["record"]["id"] == id
    await owner.run("CommentCreate", input={"subjectId": id, "body": "In red, please."})
    changes = {"filter": {"kind": {"eq": "WATCHED_CHANGE"}}}
    for count in (1, 0):
        await notify(company)
        shown = (await ann.run_all("Notifications", **changes))["notifications"]["nodes"]
        assert [one["record"]["id"] for one in shown] == [id] * count
        await ann.run("RecordUnwatch", input={"id": id})


async def _follow(owner: Frontend, ann: Frontend) -> None:
    """Ann sees a site as it is added, and an integration reads the change afterwards."""
    now = (await ann.run("Changes"))["pageInfo"]["endCursor"]
    async with ann.subscribed("RecordChanged", kinds=["SITE"]) as stream:
        added = await owner.run("SiteCreate", input={"code": "P2", "name": "Second plant"})
        change = await stream.change()
    assert (change["event"], change["record"]) == (
        "site.created",
        {"id": added["site"]["id"], "name": "Second plant"},
    )
    (read,) = (await ann.run("Changes", after=now, kinds=["SITE"]))["nodes"]
    assert (read["recordId"], read["version"]) == (change["recordId"], 1)


async def _leave(ann: Frontend, company: Company) -> None:
    """Ann signs out, and her token is of no use any more; she sets a new password by mail."""
    assert await ann.run("Logout") == {"errors": []}
    answer = await ann.api.http.post("/graphql", json={"query": FILES["Viewer"].read_text()})
    assert answer.status_code == 401
    email = f"ann@{company.slug}.example"
    await ann.run("PasswordResetRequest", input={"email": email})
    newest, *_ = await mails_to(company.application, email)
    token = token_in(plain(newest.message))
    await ann.run("PasswordReset", input={"token": token, "password": PASSWORD[::-1]})
    await ann.sign_in(email=email, password=PASSWORD[::-1])
