"""The standards of the house, how they are met, and the causes that things are put down to."""

from collections.abc import Mapping

import sqlalchemy as sa

from qgp.demo.company import PROCESSES
from qgp.demo.stage import Stage, Story, dice
from qgp.demo.themes import ALL
from qgp.findings.commands import default_cause_categories
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import Conformity, Implementation, JustificationBasis, StandardKind

ADOPTED: Mapping[str, str] = {
    "ISO9001": "2015",
    "ISO14001": "2015",
    "ISO45001": "2018",
    "ISO27001": "2022",
}
_KEEPER = "vogel"
_UNUSED = {
    "ISO27001 A.8.28": "No software is developed in the house.",
    "ISO27001 A.8.30": "Development is not given to others either.",
    "ISO9001 8.5.5": "Nothing is promised after the delivery beyond the law.",
}


async def shelved(stage: Stage) -> Story:
    """Fill the library: four standards, one of the customer's, and one that is out of use."""
    for family, edition in ADOPTED.items():
        standard = await stage.act(_KEEPER, "standardAdopt", family_code=family, edition=edition)
        stage.standards[family] = standard.id
        wanted = sa.select(Clause).where(Clause.standard_id == standard.id)
        for clause in await stage.work.rows(wanted):
            stage.clauses[f"{family} {clause.number}"] = clause.id
        yield 1
    await _own(stage, "HAQ", "2", "Hafen Energie: quality requirements for pumps", "ACTIVE")
    await _own(stage, "HAQ", "1", "Hafen Energie: quality requirements", "SUPERSEDED")
    await _own(stage, "VDMA", "1999", "Pump acceptance, house rules", "WITHDRAWN")
    await _own(stage, "ESG", "DRAFT", "Own rules on sustainability", "DRAFT")
    for code, name in default_cause_categories.CAUSES.items():
        facts = {
            "code": code,
            "name": name,
            "parent_id": stage.causes.get(default_cause_categories.parent_code(code) or ""),
        }
        stage.causes[code] = (await stage.act(_KEEPER, "causeCategoryCreate", **facts)).id


async def _own(stage: Stage, family: str, edition: str, title: str, state: str) -> None:
    standard: Standard = await stage.act(
        _KEEPER,
        "standardCreate",
        family_code=family,
        edition=edition,
        title=title,
        kind=StandardKind.CUSTOMER if family == "HAQ" else StandardKind.SCHEME,
        publisher=None,
        published_on=None,
        source_url=None,
        licence_note=None,
        supersedes_id=None,
        transition_deadline=None,
    )
    if state != "DRAFT":
        await stage.step(_KEEPER, "standardActivate", standard)
    if state == "SUPERSEDED":
        await stage.step(_KEEPER, "standardSupersede", standard)
    if state == "WITHDRAWN":
        await stage.step(_KEEPER, "standardWithdraw", standard)


async def assessed(stage: Stage) -> Story:
    """Say of each clause that a theme is about, and of what is left out, how it stands."""
    owners = {part.code: part.owner for part in PROCESSES}
    of_theme = {theme.clauses[0]: owners[theme.process] for theme in ALL}
    chance = dice("assessment")
    for clause, owner in of_theme.items():
        conformity = chance.choices(list(Conformity), (0, 7, 2, 0.6))[0]
        is_done = conformity is Conformity.CONFORM
        await _assess(
            stage,
            clause,
            owner,
            justification=None,
            implementation=Implementation.IMPLEMENTED if is_done else Implementation.PARTIAL,
            conformity=conformity,
            maturity=chance.choice((3, 4)) if is_done else 2,
            target_on=None if is_done else stage.ahead(chance.choice((300, 480, 540))),
        )
        yield 0.4
    for clause, why in _UNUSED.items():
        told = {"justification": why, "maturity": None, "target_on": None}
        states = {
            "implementation": Implementation.NOT_STARTED,
            "conformity": Conformity.NOT_ASSESSED,
        }
        await _assess(stage, clause, "vogel", is_applicable=False, **told, **states)


async def _assess(stage: Stage, clause: str, owner: str, **given: object) -> None:
    facts: dict[str, object] = {"is_applicable": True, "site_id": None}
    facts |= {"justification_basis": [JustificationBasis.RISK.value]}
    facts |= {"owner_id": stage.people[owner].user_id, "clause_id": stage.clauses[clause]}
    await stage.act(_KEEPER, "clauseAssess", **(facts | given))


async def mapped(stage: Stage) -> Story:
    """Look at the first mappings between the standards: most are agreed with."""
    wanted = sa.select(ClauseMapping).order_by(ClauseMapping.id).limit(30)
    for place, mapping in enumerate(await stage.work.rows(wanted)):
        step = "clauseMappingReject" if place % 8 == 7 else "clauseMappingConfirm"
        await stage.step(_KEEPER, step, mapping)
        yield 0.2
