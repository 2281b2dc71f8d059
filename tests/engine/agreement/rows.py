"""Rows beside those of a world: full pages, every state and term, every null, odd texts."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from qgp.calendars.model import CalendarFeed
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import AuditMethod, FindingGrade
from qgp.organizations.model import Department, Site
from qgp.processes.model import Process, ProcessKind
from qgp.programmes.model import (
    TARGET,
    AuditProgramme,
    AuditProgrammeStatus,
    ProgrammeItem,
    ProgrammeItemRisk,
)
from qgp.standards.model import Clause, Standard
from qgp.standards.model.terms import (
    AnnexSlTheme,
    Conformity,
    ControlTheme,
    Implementation,
    ImportStatus,
    MappingRelation,
    MappingStatus,
    StandardKind,
    StandardStatus,
)
from qgp.templates.model import AuditTemplate, TemplateVersion
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
    VisibilityOperator,
)
from qgp.users.model import User, UserStatus
from tests import factories
from tests.engine.agreement import registers
from tests.engine.agreement.adding import Adding, pick
from tests.isolation.world import World
from tests.kit.work import work_of

DAY = date(2027, 1, 30)
NUMBERS = ("1", "2", "10", "A.9", "A.10")
KEYS = ("01", "02", "10", "A.09", "A.10")
Facts = dict[str, Any]


async def add_rows(world: World) -> None:
    """Add rows to every list of a world."""
    await _people(world)
    everybody = [world.people[name].user_id for name in ("owner", "max", "kim", "eve")]
    async with work_of(world.company) as work:
        adding = Adding(work, world, everybody)
        await _places(adding)
        await _standards(adding)
        await _assessments(adding)
        await _checklists(adding)
        await _programmes(adding)
        await registers.add(adding)


async def _people(world: World) -> None:
    """Create a user of each role, for some days or in a place; one is suspended.

    The owner has a calendar feed that a calendar has read.
    """
    term = {"valid_from": date(2026, 1, 1), "valid_until": date(2099, 12, 31)}
    for number, role in enumerate(Role):
        facts: Mapping[str, Any] = term if number % 2 else {}
        await world.company.hire(role, name=world.text("O'Neil \\ 日本"), **facts)
    leaver = await world.company.hire(Role.EMPLOYEE, name="~")
    async with work_of(world.company) as work:
        row = await work.get(User, leaver.user_id)
        row.enter(UserStatus.SUSPENDED)
        feed = {"secret_hash": bytes(32), "created_at": clock.now(), "last_read_at": clock.now()}
        owner = world.people["owner"].user_id
        work.session.add(CalendarFeed(organization_id=row.organization_id, user_id=owner, **feed))
        await work.flush()


async def _places(adding: Adding) -> None:
    """Make sites, departments, processes and causes: three levels, and some on top."""
    countries = ("DE", None, "AT")
    await adding.many(3, lambda n: factories.site(name=adding.text(), country=pick(countries, n)))
    await adding.chain(3, lambda above: factories.site(name=adding.text(), **above))
    await adding.many(2, lambda _: factories.department(name=adding.text()))
    await adding.chain(3, lambda above: factories.department(name=adding.text(), **above))
    await adding.many(4, lambda n: factories.process(**_process(adding, n)))
    await adding.chain(3, lambda above: factories.process(name=adding.text(), **above))
    await adding.many(2, lambda _: factories.cause_category(name=adding.text()))
    await adding.chain(3, lambda above: factories.cause_category(name=adding.text(), **above))


def _process(adding: Adding, number: int) -> Facts:
    facts: Facts = {"name": adding.text(), "kind": pick(ProcessKind, number)}
    if number % 2:
        facts |= adding.texts("inputs", "outputs") | {"owner_id": adding.person(number)}
        facts |= {"department_id": adding.one(Department, number).id}
    return facts


async def _standards(adding: Adding) -> None:
    """Make standards in every state, one of them with clauses of odd numbers, five levels deep."""
    states = [*StandardStatus]
    await adding.many(len(states), lambda n: factories.standard(states[n], **_standard(adding, n)))
    await adding.many(len(ImportStatus), lambda n: factories.standard_import(
        [*ImportStatus][n], rows=n or None, filename=adding.text()))  # fmt: skip
    deep, wide = adding.rows[Standard][:2]
    levels = await adding.add([factories.clause(deep.id)])
    for _ in range(4):
        levels += await adding.add([factories.clause_below(levels[-1], title=adding.text())])
    tops = [
        factories.clause(wide.id, number=number, sort_key=key, **_topic(adding, n))
        for n, (number, key) in enumerate(zip(NUMBERS, KEYS, strict=True))
    ]
    await adding.add(tops)
    await adding.add(
        factories.clause_below(top, str(n), **_text(adding, n)) for top in tops for n in range(6)
    )
    await adding.many(12, lambda n: factories.clause_mapping(levels[n % 5], tops[n // 5],
        pick(MappingStatus, n), **_mapping(adding, n)))  # fmt: skip


def _standard(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "kind": pick(StandardKind, number)}
    if number % 2:
        facts |= adding.texts("publisher", "licence_note")
        facts |= {"published_on": date(2025, 2, 28), "transition_deadline": date(2027, 12, 31)}
        facts |= {"source_url": "https://example.com/a?b=c&d=%20"}
        facts |= {"supersedes_id": adding.of_world("old")}
    return facts


def _topic(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "theme": pick(AnnexSlTheme, number * 5)}
    facts |= {"control_theme": pick(ControlTheme, number)}
    controls = ("PREVENTIVE", "DETECTIVE")[: number % 3]
    return facts | {"control_types": [*controls], "security_properties": ["INTEGRITY"]}


def _text(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "is_requirement": number % 3 > 0}
    if number % 2:
        facts |= adding.texts("summary", "text")
    return facts | ({"withdrawn_at": clock.now()} if number == 4 else {})


def _mapping(adding: Adding, number: int) -> Facts:
    facts: Facts = {"relation": pick(MappingRelation, number), "strength": number * 9}
    facts |= {"note": adding.text()} if number % 2 else {}
    return facts | ({"decided_by_id": adding.person(number)} if number % 3 else {})


async def _assessments(adding: Adding) -> None:
    """Assess clauses as a whole, and every third one site by site."""
    sites = [site.id for site in adding.rows[Site][:4]]
    await adding.add(
        factories.clause_assessment(clause.id, site_id=site, **_assessment(adding, number + place))
        for number, clause in enumerate(adding.rows[Clause][:12])
        for place, site in enumerate([None, *(sites if number % 3 == 0 else [])])
    )


def _assessment(adding: Adding, number: int) -> Facts:
    facts: Facts = {"conformity": pick(Conformity, number), "is_review_required": number % 4 == 1}
    facts |= {"implementation": pick(Implementation, number // 2)}
    if number % 2:
        facts |= {"maturity": number % 6, "owner_id": adding.person(number)}
    if number % 3 == 0:
        facts |= {"is_applicable": False, "justification": adding.text()}
        facts |= {"justification_basis": ["RISK", "LEGAL"][: 1 + number % 2]}
        facts |= {"target_on": DAY + timedelta(days=number)}
    return facts


async def _checklists(adding: Adding) -> None:
    """Make templates whose versions are in every state, with questions of every type."""
    await adding.many(4, lambda n: factories.audit_template(**_template(adding, n)))
    for number, template in enumerate(adding.rows[AuditTemplate]):
        marks = {"pass_mark": None} if number % 2 else {"conditional_mark": Decimal("60.5")}
        scoring = pick(ScoringMethod, number)
        version = factories.template_version(template.id, scoring=scoring, **marks)
        await adding.add([version])
        await _sections(adding, version, number)
    for version, status in zip(adding.rows[TemplateVersion], TemplateVersionStatus, strict=True):
        if status is not TemplateVersionStatus.DRAFT:
            version.enter(TemplateVersionStatus.IN_APPROVAL)
            await adding.work.change(version, {"submitted_by_id": adding.person(0)})
        if status in {TemplateVersionStatus.PUBLISHED, TemplateVersionStatus.RETIRED}:
            version.enter(TemplateVersionStatus.PUBLISHED)
            shown = {"published_on": DAY, "approved_by_id": adding.person(2)}
            await adding.work.change(version, shown)
        if status is TemplateVersionStatus.RETIRED:
            version.enter(status)
            await adding.work.change(version, {"retired_on": DAY})


def _template(adding: Adding, number: int) -> Facts:
    facts: Facts = {"name": adding.text(), "category": pick(TemplateCategory, number * 2)}
    return facts | ({"description": adding.text()} if number % 2 else {})


async def _sections(adding: Adding, version: TemplateVersion, number: int) -> None:
    parts = await adding.many(3, lambda n: factories.section(version.id, **_section(adding, n)))
    types = [*QuestionType][number % 2 :: 2]
    questions = await adding.many(
        len(types),
        lambda n: factories.question(parts[n % 3], type=types[n], **_question(adding, n)),
    )
    for place, question in enumerate(questions[2:5]):
        operator = pick(VisibilityOperator, place + number)
        values = [] if operator is VisibilityOperator.ANSWERED else ["A", adding.text()]
        condition = {"visible_if_operator": operator, "visible_if_values": values}
        await adding.work.change(question, {"visible_if_question_id": questions[0].id, **condition})
    await adding.add(
        factories.question_option(question.id, key, label=adding.text(), **facts)
        for question in questions
        if question.type in {QuestionType.SINGLE, QuestionType.MULTI}
        for key, facts in (("A", {"score": Decimal(1)}), ("B", {"is_fail": True, "position": 1}))
    )
    await adding.add(
        factories.question_clause(question.id, clause)
        for place, question in enumerate(questions)
        for clause in adding.clauses[: place % 4]
    )


def _section(adding: Adding, place: int) -> Facts:
    facts: Facts = {"title": adding.text(), "position": place}
    if place == 1:
        facts |= {"guidance": adding.text(), "weight": Decimal("0.250")}
    if place == 2:
        facts |= {"is_repeatable": True, "max_repeats": 5, "weight": Decimal(100)}
    return facts


def _question(adding: Adding, number: int) -> Facts:
    facts: Facts = {"text": adding.text(), "position": number // 3}
    facts |= {"criticality": pick(QuestionCriticality, number)}
    if number % 2:
        facts |= adding.texts("help", "guidance", "sampling_hint", "unit")
        facts |= {"minimum": Decimal("-0.5"), "maximum": Decimal("99.000001")}
        facts |= {"is_finding_created_on_fail": True, "fail_grade": pick(FindingGrade, number)}
        facts |= {"weight": Decimal("2.5"), "max_score": Decimal(10)}
    return facts


async def _programmes(adding: Adding) -> None:
    """Make programmes in every state, with up to seven items, some of them dropped or audited."""
    await adding.many(9, lambda n: factories.audit_programme(
        pick(AuditProgrammeStatus, n), owner_id=adding.person(n), **_programme(adding, n),
    ))  # fmt: skip
    programmes = adding.rows[AuditProgramme]
    await adding.add(
        factories.audit_programme_standard(programme.id, standard)
        for number, programme in enumerate(programmes)
        for standard in adding.standards[: number % 4]
    )
    await adding.add(
        factories.programme_item(programme.id, **_item(adding, place))
        for number, programme in enumerate(programmes)
        for place in range(number % 8)
    )
    await adding.add(
        factories.audit(programme_item_id=item.id, title=adding.text())
        for item in adding.rows[ProgrammeItem]
        if item.dropped_on is None
    )


def _programme(adding: Adding, number: int) -> Facts:
    facts: Facts = {"title": adding.text(), "method": pick(AuditMethod, number)}
    year = 2026 + number % 3
    facts |= {"period_start_on": date(year, 1, 1), "period_end_on": date(year, 12, 31)}
    return facts | (adding.texts("objectives", "risk_basis") if number % 2 else {})


def _item(adding: Adding, place: int) -> Facts:
    kinds = (Clause, Site, Department, Process)
    aimed = {place % 4, place * 3 % 4}
    facts: Facts = {TARGET[n]: adding.one(kinds[n], place).id for n in aimed}
    facts |= {"planned_month": date(2027, 1 + place, 1), "risk": pick(ProgrammeItemRisk, place)}
    facts |= {"note": adding.text()} if place % 2 else {}
    return facts | ({"dropped_on": DAY, "drop_reason": adding.text()} if place % 4 == 3 else {})
