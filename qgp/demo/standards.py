"""Standards library of the demo: standards, clause assessments, mappings, cause categories."""

from collections.abc import Mapping

import sqlalchemy as sa

from qgp.demo.company import PROCESSES
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.themes import ALL
from qgp.standards.model import Clause, ClauseMapping, Standard
from qgp.standards.model.terms import Conformity, Implementation, JustificationBasis, StandardKind

ADOPTED: Mapping[str, str] = {
    "ISO9001": "2015",
    "ISO14001": "2015",
    "ISO45001": "2018",
    "ISO27001": "2022",
}
_KEEPER = "vogel"
_INCLUDED = "Required by the risk assessment of the year."
_UNUSED = {
    "ISO27001 A.8.28": "No software is developed in the house.",
    "ISO27001 A.8.30": "Development is not given to others either.",
    "ISO9001 8.5.5": "Nothing is promised after the delivery beyond the law.",
}


async def set_up_standards(playback: Playback) -> Scenario:
    """Fill the library: four standards, a customer's requirements, and a withdrawn standard."""
    for family, edition in ADOPTED.items():
        standard = await playback.run(_KEEPER, "standardAdopt", family_code=family, edition=edition)
        playback.standards[family] = standard.id
        statement = sa.select(Clause).where(Clause.standard_id == standard.id)
        for clause in await playback.work.rows(statement):
            playback.clauses[f"{family} {clause.number}"] = clause.id
        yield 1
    await _create_standard(
        playback, "HAQ", "2", "Hafen Energie: quality requirements for pumps", "ACTIVE"
    )
    await _create_standard(
        playback, "HAQ", "1", "Hafen Energie: quality requirements", "SUPERSEDED"
    )
    await _create_standard(playback, "VDMA", "1999", "Pump acceptance, house rules", "WITHDRAWN")
    await _create_standard(playback, "ESG", "DRAFT", "Own rules on sustainability", "DRAFT")


async def _create_standard(
    playback: Playback, family: str, edition: str, title: str, state: str
) -> None:
    standard: Standard = await playback.run(
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
        await playback.transition(_KEEPER, "standardActivate", standard)
    if state == "SUPERSEDED":
        await playback.transition(_KEEPER, "standardSupersede", standard)
    if state == "WITHDRAWN":
        await playback.transition(_KEEPER, "standardWithdraw", standard)


async def assess_clauses(playback: Playback) -> Scenario:
    """Assess the clauses of all themes, and exclude some."""
    owners = {part.code: part.owner for part in PROCESSES}
    of_theme = {theme.clauses[0]: owners[theme.process] for theme in ALL}
    chance = random_for("assessment")
    for clause, owner in of_theme.items():
        conformity = chance.choices(list(Conformity), (0, 7, 2, 0.6))[0]
        is_done = conformity is Conformity.CONFORM
        await _assess(
            playback,
            clause,
            owner,
            justification=_INCLUDED if " A." in clause else None,
            implementation=Implementation.IMPLEMENTED if is_done else Implementation.PARTIAL,
            conformity=conformity,
            maturity=chance.choice((3, 4)) if is_done else 2,
            target_on=None if is_done else playback.ahead(chance.choice((300, 480, 540))),
        )
        yield 0.4
    for clause, why in _UNUSED.items():
        exclusion = {"justification": why, "maturity": None, "target_on": None}
        states = {
            "implementation": Implementation.NOT_STARTED,
            "conformity": Conformity.NOT_ASSESSED,
        }
        await _assess(playback, clause, "vogel", is_applicable=False, **exclusion, **states)


async def _assess(playback: Playback, clause: str, owner: str, **changes: object) -> None:
    facts: dict[str, object] = {"is_applicable": True, "site_id": None}
    facts |= {"justification_basis": [JustificationBasis.RISK.value]}
    facts |= {"owner_id": playback.people[owner].user_id, "clause_id": playback.clauses[clause]}
    await playback.run(_KEEPER, "clauseAssess", **(facts | changes))


async def review_mappings(playback: Playback) -> Scenario:
    """Confirm most of the first clause mappings, and reject some."""
    statement = sa.select(ClauseMapping).order_by(ClauseMapping.id).limit(30)
    for place, mapping in enumerate(await playback.work.rows(statement)):
        step = "clauseMappingReject" if place % 8 == 7 else "clauseMappingConfirm"
        await playback.transition(_KEEPER, step, mapping)
        yield 0.2
