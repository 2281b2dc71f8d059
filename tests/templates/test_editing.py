"""Writing a checklist: sections and questions, their places, options, clauses and conditions."""

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from qgp.kit.policy import Role
from qgp.templates.model import Question, Section, TemplateVersion
from qgp.templates.model.terms import FIXED, QuestionType, TemplateVersionStatus
from qgp.templates.policy import AUTHORS
from tests import factories
from tests.company import Client, Company, signed, subject_id, texts
from tests.evidence import trail_length, unchanged
from tests.kit.work import work_of
from tests.matrix import role_cases
from tests.standards import standard_commands
from tests.templates.template_records import TemplateRecords, Writer, at, errors_of

CHOICE: list[dict[str, Any]] = [
    {"key": "A", "label": "All", "score": "1"},
    {"key": "N", "label": "None", "score": None, "isFail": True},
]
WHOLE = """id version text help position type isRequired isNaAllowed weight maxScore minimum maximum
    unit criticality isFindingCreatedOnFail failGrade isActionRequiredOnFail guidance samplingHint
    options { key label score isFail position } clauses { number }
    visibleIf { operator values question { text } } section { title }"""


@pytest.fixture
def writer(api: Client) -> Writer:
    """The company's owner, who writes checklists."""
    return Writer(api)


async def shown(api: Client, kind: str, id: str, fields: str) -> Any:
    """Read fields of a record."""
    return (await api.ask(f"query ($id: ID!) {{ {kind}(by: {{id: $id}}) {{ {fields} }} }}", id=id))[
        kind
    ]


async def test_a_question_is_written_and_changed(api: Client, writer: Writer) -> None:
    standard = await standard_commands.write(api, "1", "2")
    clauses = [await standard_commands.clause(api, standard, number) for number in ("1", "2")]
    section = await writer.section(await writer.begin(), "Gauges")
    plain = await writer.question(section, "Labelled?")
    assert await shown(api, "question", plain["id"], WHOLE) == {
        **dict.fromkeys(("help", "minimum", "maximum", "unit", "failGrade", "guidance")),
        **dict.fromkeys(("samplingHint", "visibleIf")),
        **plain,
        "text": "Labelled?",
        "position": 1024,
        "type": "YES_NO",
        "isRequired": True,
        "isNaAllowed": True,
        "weight": "1",
        "maxScore": "1",
        "criticality": "MINOR",
        "isFindingCreatedOnFail": False,
        "isActionRequiredOnFail": False,
        "options": [],
        "clauses": [],
        "section": {"title": "Gauges"},
    }
    condition = {"questionId": plain["id"], "operator": "EQ", "values": ["NO"]}
    facts: dict[str, Any] = {
        "weight": "2.50",
        "maxScore": None,
        "criticality": "CRITICAL",
        "failGrade": "MAJOR",
    }
    facts |= {"isFindingCreatedOnFail": True, "guidance": "Look.", "samplingHint": "Five."}
    question = await writer.question(
        section,
        "Which?",
        type="SINGLE",
        options=CHOICE,
        clauseIds=clauses[::-1],
        visibleIf=condition,
        **facts,
    )
    record = await shown(api, "question", question["id"], WHOLE)
    assert {name: record[name] for name in facts} == {**facts, "weight": "2.5"}
    assert record["options"] == [
        {"isFail": False, **CHOICE[0], "position": 0},
        {**CHOICE[1], "position": 1},
    ]
    assert texts(record["clauses"], "number") == ["2", "1"]
    asks = {"operator": "EQ", "values": ["NO"], "question": {"text": "Labelled?"}}
    assert record["visibleIf"] == asks
    options = [{**CHOICE[1], "label": "Nothing"}, {"key": "S", "label": "Some", "score": "0.5"}]
    payload = await api.do(
        "questionUpdate",
        f"question {{ {WHOLE} }}",
        **at(question, options=options, clauseIds=clauses[:1], visibleIf=None, text="Where?"),
    )
    after = payload["question"]
    assert [(o["key"], o["label"], o["score"]) for o in after["options"]] == [
        ("N", "Nothing", None),
        ("S", "Some", "0.5"),
    ]
    assert (after["text"], texts(after["clauses"], "number")) == ("Where?", ["1"])
    assert (after["visibleIf"], after["version"]) == (None, 2)
    same = {"options": options, "clauseIds": clauses[:1]}
    payload = await api.do("questionUpdate", "question { version }", **at(after, **same))
    assert payload == {"question": {"version": 2}, "errors": []}


async def test_sections_and_questions_find_their_places(api: Client, writer: Writer) -> None:
    version = await writer.begin()
    one, two = [await writer.section(version, title) for title in ("1", "2")]
    zero = await writer.section(version, "1.5", afterId=one["id"])
    a, b = [await writer.question(one, text) for text in "ab"]
    c = await writer.question(one, "c", afterId=a["id"])
    assert await writer.outline(version) == [("1", [*"acb"]), ("1.5", []), ("2", [])]
    moves: list[tuple[str, Any, dict[str, Any]]] = [
        ("question", b, {}),
        ("question", a, {"sectionId": two["id"]}),
        ("section", two, {"afterId": one["id"]}),
        ("section", zero, {}),
    ]
    for kind, row, where in moves:
        moved = await writer.done(f"{kind}Move", kind, **at(row, **where))
        assert moved["version"] == 2
    assert await writer.outline(version) == [("1.5", []), ("1", [*"bc"]), ("2", ["a"])]
    assert (await shown(api, "question", c["id"], "version"))["version"] == 1


async def test_there_is_always_room_between_two(writer: Writer) -> None:
    version = await writer.begin()
    first = await writer.section(version, "0")
    for number in range(1, 15):
        await writer.section(version, str(number), afterId=first["id"])
    await writer.section(version, "15")
    expected = ["0", *map(str, range(14, 0, -1)), "15"]
    assert [title for title, _ in await writer.outline(version)] == expected


async def test_what_others_depend_on_stays(api: Client, company: Company, writer: Writer) -> None:
    version = await writer.begin()
    one, two = [await writer.section(version, title) for title in ("1", "2")]
    a = await writer.question(one, "a")
    condition = {"questionId": a["id"], "operator": "ANSWERED"}
    b = await writer.question(one, "b", type="SINGLE", options=CHOICE, visibleIf=condition)
    two = await writer.done("sectionUpdate", "section", **at(two, visibleIf=condition))
    async with unchanged(company):
        for mutation, row in (("questionDelete", a), ("sectionDelete", one)):
            payload = await api.do(mutation, **at(row))
            assert errors_of(payload) == [("STILL_IN_USE", "id")]
    await writer.done("sectionUpdate", "section", **at(two, visibleIf=None))
    length = await trail_length(company)
    payload = await api.do("sectionDelete", "section { id } deletedId", **at(one))
    assert payload == {"section": None, "deletedId": one["id"], "errors": []}
    assert await trail_length(company) == length + 5
    assert await writer.outline(version) == [("2", [])]
    assert await shown(api, "question", b["id"], "id") is None


WRONG: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a weight below nothing": ("question", {"weight": "-1"}, "OUT_OF_RANGE", "weight"),
    "a weight too exact": ("question", {"weight": "0.0001"}, "OUT_OF_RANGE", "weight"),
    "a weight too large": ("question", {"weight": "1000000"}, "OUT_OF_RANGE", "weight"),
    "a score of nothing": ("question", {"maxScore": "0"}, "OUT_OF_RANGE", "maxScore"),
    "a score of a text": (
        "question",
        {"type": "TEXT", "maxScore": "1"},
        "BAD_USER_INPUT",
        "maxScore",
    ),
    "options of a text": (
        "question",
        {"type": "TEXT", "options": CHOICE},
        "BAD_USER_INPUT",
        "options",
    ),
    "a key twice": (
        "question",
        {"type": "MULTI", "options": CHOICE[:1] * 2},
        "BAD_USER_INPUT",
        "options.1.key",
    ),
    "a blank key": (
        "question",
        {"type": "MULTI", "options": [{"key": " ", "label": "x"}]},
        "REQUIRED",
        "options.0.key",
    ),
    "a unit of yes": ("question", {"unit": "mm"}, "BAD_USER_INPUT", "unit"),
    "limits of yes": ("question", {"minimum": "1"}, "BAD_USER_INPUT", "minimum"),
    "limits upside down": (
        "question",
        {"type": "NUMBER", "minimum": "2", "maximum": "1.5"},
        "OUT_OF_RANGE",
        "minimum",
    ),
    "a finding without grade": (
        "question",
        {"isFindingCreatedOnFail": True},
        "REQUIRED",
        "failGrade",
    ),
    "clauses twice": (
        "question",
        {"clauseIds": ["cls_" + "0" * 32] * 2},
        "BAD_USER_INPUT",
        "clauseIds",
    ),
    "a section of no weight": ("section", {"weight": "0"}, "OUT_OF_RANGE", "weight"),
    "repeats of what is not": ("section", {"maxRepeats": 3}, "BAD_USER_INPUT", "maxRepeats"),
    "no end of repeats": ("section", {"isRepeatable": True}, "REQUIRED", "maxRepeats"),
    "too many repeats": (
        "section",
        {"isRepeatable": True, "maxRepeats": 101},
        "OUT_OF_RANGE",
        "maxRepeats",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_does_not_fit_is_refused(
    api: Client, company: Company, writer: Writer, name: str
) -> None:
    kind, facts, code, path = WRONG[name]
    version = await writer.begin()
    section = await writer.section(version, "1")
    if kind == "section":
        fields = {"templateVersionId": version["id"], "title": "x", **facts}
    else:
        fields = {"sectionId": section["id"], "text": "x", "type": "YES_NO", **facts}
    async with unchanged(company):
        payload = await api.do(f"{kind}Create", **fields)
    assert errors_of(payload) == [(code, path)]


UNSOUND: dict[str, tuple[str, str, list[str]]] = {
    "itself": ("target", "ANSWERED", []),
    "a later one": ("later", "ANSWERED", []),
    "another version": ("foreign", "ANSWERED", []),
    "within a repeated section": ("repeated", "ANSWERED", []),
    "two values": ("yes", "EQ", ["YES", "NO"]),
    "no value": ("yes", "NE", []),
    "no values": ("yes", "IN", []),
    "a value of an answer": ("yes", "ANSWERED", ["YES"]),
    "an unknown verdict": ("yes", "EQ", ["MAYBE"]),
    "an unknown key": ("choice", "IN", ["A", "Z"]),
    "more than a choice": ("choice", "GT", ["A"]),
    "no number": ("number", "GT", ["many"]),
    "not a number": ("number", "LT", ["NaN"]),
    "full-width digits": ("number", "GT", ["９０"]),
    "Arabic digits": ("number", "GT", ["٩.٥"]),
}
SOUND: dict[str, tuple[str, str, list[str]]] = {
    "yes": ("yes", "EQ", ["YES"]),
    "keys": ("choice", "IN", ["A", "N"]),
    "no such key": ("choice", "NE", ["N"]),
    "more": ("number", "GT", ["12.5"]),
    "answered": ("number", "ANSWERED", []),
}


async def _furnished(writer: Writer) -> tuple[Any, dict[str, str]]:
    version = await writer.begin()
    often = {"isRepeatable": True, "maxRepeats": 2}
    first = await writer.section(version, "1")
    loop = await writer.section(version, "2", **often)
    last = await writer.section(version, "3")
    foreign = await writer.question(await writer.section(await writer.begin(), "x"), "x")
    ids = {
        "yes": await writer.question(first, "yes"),
        "choice": await writer.question(first, "choice", type="MULTI", options=CHOICE),
        "number": await writer.question(first, "number", type="NUMBER"),
        "repeated": await writer.question(loop, "repeated"),
        "target": await writer.question(last, "target"),
        "later": await writer.question(last, "later"),
        "foreign": foreign,
    }
    return ids["target"], {name: row["id"] for name, row in ids.items()}


async def test_a_condition_looks_back_and_compares_what_is_there(
    api: Client, company: Company, writer: Writer
) -> None:
    target, ids = await _furnished(writer)
    for name, (at_, operator, values) in UNSOUND.items():
        condition = {"questionId": ids[at_], "operator": operator, "values": values}
        async with unchanged(company):
            payload = await api.do("questionUpdate", **at(target, visibleIf=condition))
        assert errors_of(payload) == [("BAD_USER_INPUT", "visibleIf")], name
    for at_, operator, values in SOUND.values():
        condition = {"questionId": ids[at_], "operator": operator, "values": values}
        target = await writer.done("questionUpdate", "question", **at(target, visibleIf=condition))


async def test_blockers_name_what_a_version_lacks(api: Client, writer: Writer) -> None:
    version = await writer.begin()
    selection = """availableTransitions { name blockers { code subject { id } message } }"""

    async def blockers() -> list[tuple[str, str | None]]:
        (move,) = (await shown(api, "templateVersion", version["id"], selection))[
            "availableTransitions"
        ]
        assert all(blocker["message"].endswith(".") for blocker in move["blockers"])
        return [(blocker["code"], subject_id(blocker)) for blocker in move["blockers"]]

    version_id = version["id"]
    nothing = [
        ("HAS_QUESTIONS", version_id),
        ("WEIGHTS_COUNT", version_id),
        ("PASS_MARK", version_id),
    ]
    assert await blockers() == nothing
    section = await writer.section(version, "1")
    first = await writer.question(section, "first", weight="0")
    choice = await writer.question(section, "choice", type="SINGLE", maxScore=None)
    rating = await writer.question(section, "rating", type="RATING", maxScore=None, minimum="1")
    condition = {"questionId": first["id"], "operator": "ANSWERED"}
    later = await writer.question(section, "later", weight="0", visibleIf=condition)
    first = await writer.done("questionMove", "question", **at(first, afterId=later["id"]))
    assert await blockers() == [
        ("OPTIONS_COMPLETE", choice["id"]),
        ("LIMITS_COMPLETE", rating["id"]),
        ("CONDITIONS_SOUND", later["id"]),
        *nothing[1:],
    ]
    await writer.done("questionMove", "question", **at(first))
    scores = [{**CHOICE[0], "score": "2"}, CHOICE[1]]
    fields = at(choice, options=scores, maxScore="1")
    choice = await writer.done("questionUpdate", "question", **fields)
    await writer.done("questionUpdate", "question", **at(rating, maximum="5"))
    version = await writer.done(
        "templateVersionUpdate", "templateVersion", **at(version, passMark="80")
    )
    assert await blockers() == [("OPTIONS_COMPLETE", choice["id"])]
    await writer.done("questionUpdate", "question", **at(choice, options=CHOICE))
    assert await blockers() == []


async def test_the_next_version_is_a_copy_of_the_published_one(
    api: Client, company: Company, writer: Writer
) -> None:
    standard = await standard_commands.write(api, "1")
    clause = await standard_commands.clause(api, standard, "1")
    version = await writer.begin()
    one = await writer.section(version, "1")
    a = await writer.question(one, "a", type="SINGLE", options=CHOICE, clauseIds=[clause])
    condition = {"questionId": a["id"], "operator": "EQ", "values": ["A"]}
    two = await writer.section(version, "2", visibleIf=condition, weight="3")
    await writer.question(two, "b", visibleIf=condition)
    fields = at(version, passMark="80", conditionalMark="60", isNaAllowed=False)
    version = await writer.done("templateVersionUpdate", "templateVersion", **fields)
    version = await writer.done("templateVersionSubmit", "templateVersion", **at(version))
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with kim.signed_in() as other:
        step = "templateVersionPublish"
        await Writer(other).done(step, "templateVersion", **at(version, **signed(step)))
    whole = f"""scoring passMark conditionalMark isNaAllowed template {{ id }}
        sections(first: 2) {{ nodes {{
        title guidance position weight isRepeatable maxRepeats
        visibleIf {{ operator values question {{ text }} }}
        questions(first: 2) {{ nodes {{ {WHOLE.replace("id version", "")} }} }} }} }}"""
    before = await shown(api, "templateVersion", version["id"], whole)
    template = before["template"]["id"]
    shown_ = "templateVersion { id version number status }"
    payload = await api.do("templateVersionDraft", shown_, templateId=template)
    draft = payload["templateVersion"]
    assert (draft["number"], draft["status"], draft["version"]) == (2, "DRAFT", 1)
    assert await shown(api, "templateVersion", draft["id"], whole) == before
    async with unchanged(company):
        again = await api.do("templateVersionDraft", templateId=template)
        assert errors_of(again) == [("ALREADY_EXISTS", "templateId")]
    parts = await shown(api, "templateVersion", draft["id"], "questions { nodes { id version } }")
    assert [row["version"] for row in parts["questions"]["nodes"]] == [1, 1]
    first = parts["questions"]["nodes"][0]
    await writer.done("questionUpdate", "question", **at(first, text="changed"))
    assert await shown(api, "templateVersion", version["id"], whole) == before


@pytest.mark.parametrize("status", [s for s in TemplateVersionStatus if s != "DRAFT"])
async def test_only_a_draft_is_changed(
    api: Client, company: Company, status: TemplateVersionStatus
) -> None:
    row = await TemplateRecords(company).version(status)
    async with work_of(company) as work:
        of_it = Section.template_version_id == row.id
        (section,) = await work.rows(sa.select(Section).where(of_it))
        (one,) = await work.rows(sa.select(Question).where(Question.section_id == section.id))
    version, part, question = row.public_id, section.public_id, one.public_id
    where = {"expectedVersion": row.version}
    tries: list[tuple[str, dict[str, Any], str]] = [
        ("templateVersionUpdate", {"id": version, **where, "changeNote": "x"}, "id"),
        ("sectionCreate", {"templateVersionId": version, "title": "x"}, "templateVersionId"),
        ("sectionUpdate", {"id": part, "expectedVersion": 1, "title": "x"}, "id"),
        ("sectionMove", {"id": part, "expectedVersion": 1}, "id"),
        ("sectionDelete", {"id": part, "expectedVersion": 1}, "id"),
        ("questionCreate", {"sectionId": part, "text": "x", "type": "TEXT"}, "sectionId"),
        ("questionUpdate", {"id": question, "expectedVersion": 1, "text": "x"}, "id"),
        ("questionMove", {"id": question, "expectedVersion": 1}, "id"),
        ("questionDelete", {"id": question, "expectedVersion": 1}, "id"),
    ]
    async with unchanged(company):
        for mutation, fields, path in tries:
            assert errors_of(await api.do(mutation, **fields)) == [("BAD_USER_INPUT", path)], (
                mutation
            )


@pytest.mark.parametrize("status", sorted(FIXED))
async def test_the_database_keeps_what_is_published(
    company: Company, status: TemplateVersionStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last wall: a service that forgot to look would be refused."""
    monkeypatch.setattr(TemplateVersion, "removable", True)
    template_records = TemplateRecords(company)
    row = await template_records.version(TemplateVersionStatus.DRAFT)
    async with work_of(company) as work:
        of_it = Section.template_version_id == row.id
        (section,) = await work.rows(sa.select(Section).where(of_it))
        (one,) = await work.rows(sa.select(Question).where(Question.section_id == section.id))
        choice = factories.question(section, type=QuestionType.SINGLE, position=2)
        await work.add(choice)
        answer = await work.add(factories.question_option(choice.id, "A"))
        version = await work.get(TemplateVersion, row.id)
        version.enter(status)
        await work.change(version, {"published_on": version.created_at.date()})
    changes: list[tuple[Any, dict[str, Any]]] = [
        (row, {"change_note": "x"}),
        (section, {"title": "x"}),
        (one, {"weight": Decimal(2)}),
        (answer, {"label": "x"}),
    ]
    for kept, values in changes:
        for is_gone in (False, True):
            with pytest.raises(DBAPIError, match="published and stays"):
                await _touch(company, kept, {} if is_gone else values)
    for new in (
        factories.section(row.id, position=3),
        factories.question(section, position=3),
        factories.question_option(choice.id, "B"),
    ):
        with pytest.raises(DBAPIError, match="published and stays"):
            await _add(company, new)


async def _touch(company: Company, kept: Any, values: dict[str, Any]) -> None:
    """Change a record past every service, or delete it where there is nothing to change."""
    async with work_of(company) as work:
        record = await work.get(type(kept), kept.id)
        await (work.change(record, values) if values else work.remove(record))


async def _add(company: Company, row: Any) -> None:
    async with work_of(company) as work:
        await work.add(row)


async def test_marks_are_shares_in_order(api: Client, company: Company, writer: Writer) -> None:
    version = await writer.begin()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"passMark": "100.5"}, "passMark"),
        ({"passMark": "-1"}, "passMark"),
        ({"passMark": "80", "conditionalMark": "80"}, "conditionalMark"),
        ({"conditionalMark": "10"}, "conditionalMark"),
    ]
    async with unchanged(company):
        for marks, path in wrong:
            payload = await api.do("templateVersionUpdate", **at(version, **marks))
            assert errors_of(payload) == [("OUT_OF_RANGE", path)]


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_authors_write_and_members_read(
    api: Client, company: Company, writer: Writer, role: Role
) -> None:
    section = await writer.section(await writer.begin(), "1")
    document = """mutation ($i: QuestionCreateInput!) {
        questionCreate(input: $i) { errors { code } } }"""
    fields = {"sectionId": section["id"], "text": "x", "type": "TEXT"}
    async with (await company.hire(role)).signed_in() as person:
        if role is Role.SUPPLIER_CONTACT:
            assert await person.refusal("{ sections { totalCount } }") == "FORBIDDEN"
        else:
            data = await person.ask("{ sections { nodes { viewerCanUpdate } } }")
            assert data["sections"]["nodes"] == [{"viewerCanUpdate": role in AUTHORS}]
        if role in AUTHORS:
            assert (await person.ask(document, i=fields))["questionCreate"] == {"errors": []}
            return
        async with unchanged(company):
            assert await person.refusal(document, i=fields) == "FORBIDDEN"


async def test_stale_versions_and_keys(api: Client, company: Company, writer: Writer) -> None:
    version = await writer.begin()
    section = await writer.section(version, "1")
    one = await writer.question(section, "x")
    async with unchanged(company):
        for kind, row in (("section", section), ("question", one)):
            for verb in ("Update", "Move", "Delete"):
                stale = {"id": row["id"], "expectedVersion": 9}
                payload = await api.do(f"{kind}{verb}", **stale)
                assert errors_of(payload) == [("STALE_VERSION", "expectedVersion")]
    fields = {"sectionId": section["id"], "text": "y", "type": "TEXT", "idempotencyKey": "once"}
    first = await api.do("questionCreate", "question { id }", **fields)
    async with unchanged(company):
        assert await api.do("questionCreate", "question { id }", **fields) == first
        other = await api.do("questionCreate", **{**fields, "text": "z"})
        assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_reading_a_checklist_takes_the_same_statements_however_long(
    api: Client, company: Company, writer: Writer
) -> None:
    standard = await standard_commands.write(api, "1")
    clause = await standard_commands.clause(api, standard, "1")
    document = """query ($id: ID!) { templateVersion(by: {id: $id}) {
        sections(first: 20) { nodes { title weight questions(first: 5) { nodes { text } }
            visibleIf { operator values question { text } } } }
        questions(first: 20) { nodes { text weight options { key score }
            clauses { number } visibleIf { operator values question { text } } } } } }"""
    counts = []
    for size in (2, 8):
        version = await writer.begin()
        section = await writer.section(version, "1")
        first = await writer.question(section, "first")
        condition = {"questionId": first["id"], "operator": "ANSWERED"}
        facts = {"type": "SINGLE", "options": CHOICE, "clauseIds": [clause]}
        for number in range(size - 1):
            await writer.section(version, str(number), visibleIf=condition)
            await writer.question(section, str(number), visibleIf=condition, **facts)
        data = await api.ask(document, id=version["id"])
        assert len(data["templateVersion"]["sections"]["nodes"]) == size
        counts.append(len(api.statements))
    assert counts[0] == counts[1]
