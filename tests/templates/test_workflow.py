"""Every state, role and command of a version, and random walks that a model of it predicts."""

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.kit.policy import QUALITY, Role
from qgp.templates.model import AuditTemplate, TemplateVersion
from qgp.templates.model.terms import TemplateVersionStatus
from qgp.templates.policy import AUTHORS
from tests.company import Client, Hiring, signed
from tests.evidence import trail_length
from tests.kit.work import work_of
from tests.lives import STEPS, Life, agrees
from tests.matrix import role_cases
from tests.templates.template_records import TemplateRecords

TABLE: dict[str, tuple[frozenset[Role], str, str]] = {
    "templateVersionSubmit": (AUTHORS, "DRAFT", "IN_APPROVAL"),
    "templateVersionReject": (AUTHORS, "IN_APPROVAL", "DRAFT"),
    "templateVersionPublish": (QUALITY, "IN_APPROVAL", "PUBLISHED"),
    "templateVersionRetire": (QUALITY, "PUBLISHED", "RETIRED"),
}
EXPLAINED = {"templateVersionReject", "templateVersionRetire"}


@pytest.fixture(scope="session")
async def shared_template_records(application: Application) -> TemplateRecords:
    """Where tests write that leave each other alone."""
    return TemplateRecords(await Hiring(application).company())


async def take(api: Client, step: str, row: Any, version: int | None = None) -> list[str]:
    """Take a step; return the codes of what is in the way, none where it succeeds."""
    fields = {"id": row.public_id, "expectedVersion": version or row.version}
    fields |= {"reason": "So it is."} if step in EXPLAINED else {}
    fields |= signed(step)
    kind = step[0].upper() + step[1:]
    document = f"""mutation ($i: {kind}Input!) {{ {step}(input: $i) {{ errors {{ code
        ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
    answer = await api.send(document, i=fields)
    if "errors" in answer:
        return [f"!{answer['errors'][0]['extensions']['code']}"]
    errors = answer["data"][step]["errors"]
    if not errors:
        return []
    if "blockers" in errors[0]:
        return [blocker["code"] for blocker in errors[0]["blockers"]]
    return [f"!{errors[0]['code']}"]


async def announced(api: Client, row: TemplateVersion) -> dict[str, list[str]]:
    """Return the steps from the record's state with what blocks them; none if it is hidden."""
    document = """query ($id: ID!) { templateVersion(by: {id: $id}) {
        availableTransitions { name isAllowed blockers { code } } } }"""
    version = (await api.send(document, id=row.public_id))["data"]["templateVersion"]
    moves = version["availableTransitions"] if version else []
    assert all(move["isAllowed"] == (move["blockers"] == []) for move in moves)
    return {m["name"]: [blocker["code"] for blocker in m["blockers"]] for m in moves}


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_what_is_announced_is_what_happens(
    shared_template_records: TemplateRecords, role: Role
) -> None:
    person = await shared_template_records.company.hire(role)
    async with person.signed_in() as api:
        for status in TemplateVersionStatus:
            row = await shared_template_records.version(status)
            moves = await announced(api, row)
            possible = {name for name, codes in moves.items() if {*codes} <= {"SIGNATURE"}}
            expected = {
                step
                for step, (roles, source, _) in TABLE.items()
                if role in roles and status.value == source
            }
            assert possible == expected, status
            for step, (roles, _, target) in TABLE.items():
                before = await trail_length(shared_template_records.company)
                codes = await take(api, step, row)
                now = await shared_template_records.now(row)
                if step in expected:
                    assert (codes, now.status, now.version) == ([], target, row.version + 1)
                    row = await shared_template_records.version(status)
                    continue
                beyond = (
                    QUALITY
                    if step in {"templateVersionPublish", "templateVersionRetire"}
                    else AUTHORS
                )
                assert codes == (["WRONG_STATE"] if role in beyond else ["!FORBIDDEN"]), step
                assert role not in roles or codes == ["WRONG_STATE"]
                assert (now.status, now.version) == (status, row.version)
                assert await trail_length(shared_template_records.company) == before


def test_the_table_is_the_workflow() -> None:
    moves = TemplateVersion.workflow.transitions
    assert {n: (m.roles, *m.sources, m.target) for n, m in moves.items()} == TABLE


async def test_who_submitted_does_not_publish(shared_template_records: TemplateRecords) -> None:
    row = await shared_template_records.version()
    first, second = [
        await shared_template_records.company.hire(Role.QUALITY_MANAGER) for _ in range(2)
    ]
    async with first.signed_in() as one, second.signed_in() as other:
        assert await take(one, "templateVersionSubmit", row) == []
        row = await shared_template_records.now(row)
        assert (await announced(one, row))["templateVersionPublish"] == [
            "APPROVER_DIFFERS",
            "SIGNATURE",
        ]
        assert await take(one, "templateVersionPublish", row) == ["APPROVER_DIFFERS"]
        assert await take(other, "templateVersionPublish", row) == []
    now = await shared_template_records.now(row)
    assert (now.submitted_by_id, now.approved_by_id) == (first.user_id, second.user_id)


class Model:
    """What the rules know of a template's versions, written a second time."""

    def __init__(self) -> None:
        self.status: list[str] = []
        self.version: list[int] = []
        self.submitted: dict[int, str] = {}
        self.states: list[list[str]] = []
        self.is_archived = False

    def outcome(self, person: str, step: str, place: int) -> list[str]:
        """Return the codes that a step is refused with; none where it succeeds."""
        roles, source, _ = TABLE[step]
        if {"kim": Role.QUALITY_MANAGER, "lou": Role.ADMIN, "lea": Role.LEAD_AUDITOR}.get(
            person, Role.AUDITOR
        ) not in roles:
            return ["!FORBIDDEN"]
        codes = ["WRONG_STATE"] * (self.status[place] != source)
        if step == "templateVersionPublish":
            codes += ["APPROVER_DIFFERS"] * (self.submitted.get(place) == person)
            codes += ["TEMPLATE_IN_USE"] * self.is_archived
        return codes

    def make(self, person: str, step: str, place: int) -> None:
        """Take a step that succeeds."""
        if step == "templateVersionSubmit":
            self.submitted[place] = person
        if step == "templateVersionPublish":
            for other, status in enumerate(self.status):
                if status == "PUBLISHED":
                    self.enter(other, "RETIRED")
        self.enter(place, TABLE[step][2])

    def begin(self) -> None:
        """Draft a version."""
        self.status.append("DRAFT")
        self.version.append(1)
        self.states.append(["DRAFT"])

    def enter(self, place: int, status: str) -> None:
        """Put a version into a state."""
        self.status[place] = status
        self.version[place] += 1
        self.states[place].append(status)


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    shared_template_records: TemplateRecords, chance: Random
) -> None:
    model = Model()
    roles = {"kim": Role.QUALITY_MANAGER, "lou": Role.ADMIN, "lea": Role.LEAD_AUDITOR}
    staff = {
        n: await shared_template_records.company.hire(r)
        for n, r in {**roles, "ann": Role.AUDITOR}.items()
    }
    rows = [await shared_template_records.version()]
    template = rows[0].template_id
    model.begin()
    for _ in range(STEPS):
        person, place = chance.choice([*staff]), chance.randrange(len(rows))
        place = len(rows) - 1 if chance.random() < 0.7 else place
        async with staff[person].signed_in() as api:
            lot = chance.random()
            if lot < 0.1 and person != "ann":
                await _archive(shared_template_records, api, model, template)
            elif lot < 0.25:
                await _draft(shared_template_records, api, model, rows, person)
            else:
                step = chance.choice([*TABLE])
                codes = model.outcome(person, step, place)
                assert await take(api, step, rows[place], model.version[place]) == codes
                if not codes:
                    model.make(person, step, place)
        rows = [await shared_template_records.now(row) for row in rows]
        assert [row.status for row in rows] == model.status
        assert [row.version for row in rows] == model.version
        assert model.status.count("PUBLISHED") <= 1
        assert len([s for s in model.status if s in {"DRAFT", "IN_APPROVAL"}]) <= 1
    for row, version, states in zip(rows, model.version, model.states, strict=True):
        await agrees(
            shared_template_records.company, TemplateVersion, row.id, Life(version, states)
        )


async def _archive(
    shared_template_records: TemplateRecords, api: Client, model: Model, template: Any
) -> None:
    async with work_of(shared_template_records.company) as work:
        row = await work.get(AuditTemplate, template)
    step = "auditTemplateRestore" if model.is_archived else "auditTemplateArchive"
    assert await take(api, step, row) == []
    model.is_archived = not model.is_archived


async def _draft(
    shared_template_records: TemplateRecords,
    api: Client,
    model: Model,
    rows: list[Any],
    person: str,
) -> None:
    document = """mutation ($i: TemplateVersionDraftInput!) { templateVersionDraft(input: $i) {
        templateVersion { number } errors { code } } }"""
    answer = await api.send(document, i={"templateId": f"tpl_{rows[0].template_id.hex}"})
    if person == "ann":
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        return
    codes = [error["code"] for error in answer["data"]["templateVersionDraft"]["errors"]]
    if model.is_archived:
        assert codes == ["BAD_USER_INPUT"]
    elif {"DRAFT", "IN_APPROVAL"} & {*model.status}:
        assert codes == ["ALREADY_EXISTS"]
    else:
        assert codes == []
        of_it = sa.select(TemplateVersion).where(
            TemplateVersion.template_id == rows[0].template_id,
            TemplateVersion.number == len(rows) + 1,
        )
        async with work_of(shared_template_records.company) as work:
            rows += await work.rows(of_it)
        model.begin()
