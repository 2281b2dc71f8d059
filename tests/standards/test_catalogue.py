"""The shipped standards are complete, described in our words, and fit together."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise, product
from typing import Any

import pytest

from qgp.standards.commands import catalogue
from qgp.standards.commands.catalogue import CatalogueError, CatalogueMapping, CatalogueStandard
from qgp.standards.commands.catalogue.editions import GUIDANCE_LIMIT, parse_edition
from qgp.standards.commands.catalogue.mappings import edition_mappings, theme_mappings
from qgp.standards.model import terms
from qgp.standards.model.terms import (
    ChangeKind,
    ClauseExclusion,
    ClauseLevel,
    ControlTheme,
    MappingBasis,
    MappingRelation,
)

KEYS = [
    "ISO9001:2015",
    "ISO9001:2026",
    "ISO14001:2015",
    "ISO14001:2026",
    "ISO27001:2022",
    "ISO45001:2018",
]
EVERY_EDITION = pytest.mark.parametrize("standard", catalogue.editions(), ids=lambda each: each.key)

EXPECTED = {
    "ISO9001:2015": """
        4.1 4.2 4.3 4.4 4.4.1 4.4.2 5.1 5.1.1 5.1.2 5.2 5.2.1 5.2.2 5.3
        6.1 6.1.1 6.1.2 6.2 6.2.1 6.2.2 6.3
        7.1 7.1.1 7.1.2 7.1.3 7.1.4 7.1.5 7.1.5.1 7.1.5.2 7.1.6 7.2 7.3 7.4
        7.5 7.5.1 7.5.2 7.5.3 7.5.3.1 7.5.3.2
        8.1 8.2 8.2.1 8.2.2 8.2.3 8.2.3.1 8.2.3.2 8.2.4 8.3 8.3.1 8.3.2 8.3.3 8.3.4 8.3.5 8.3.6
        8.4 8.4.1 8.4.2 8.4.3 8.5 8.5.1 8.5.2 8.5.3 8.5.4 8.5.5 8.5.6 8.6 8.7 8.7.1 8.7.2
        9.1 9.1.1 9.1.2 9.1.3 9.2 9.2.1 9.2.2 9.3 9.3.1 9.3.2 9.3.3
        10.1 10.2 10.2.1 10.2.2 10.3""",
    "ISO9001:2026": """
        4.4.2 5.1.1 6.1 6.1.1 6.1.2 6.1.3 6.2.2 6.3 7.1.5.2 7.5.3.2 8.2.3.2 8.7 8.7.2
        9.2.2 10.2.2 10.3""",
    "ISO14001:2015": """
        4.1 4.2 4.3 4.4 5.1 5.2 5.3 6.1.1 6.1.2 6.1.3 6.1.4 6.2.1 6.2.2
        7.1 7.2 7.3 7.4.1 7.4.2 7.4.3 7.5.1 7.5.2 7.5.3 8.1 8.2
        9.1.1 9.1.2 9.2.1 9.2.2 9.3 10.1 10.2 10.3""",
    "ISO14001:2026": "6.1.4 6.1.5 6.3 8.1 9.3.1 9.3.2 9.3.3 10.1 10.2",
    "ISO45001:2018": """
        4.1 4.2 4.3 4.4 5.1 5.2 5.3 5.4 6.1.1 6.1.2.1 6.1.2.2 6.1.2.3 6.1.3 6.1.4 6.2.1 6.2.2
        7.1 7.2 7.3 7.4.1 7.4.2 7.4.3 7.5.1 7.5.2 7.5.3
        8.1.1 8.1.2 8.1.3 8.1.4.1 8.1.4.2 8.1.4.3 8.2 9.1.1 9.1.2 9.2.1 9.2.2 9.3
        10.1 10.2 10.3""",
    "ISO27001:2022": """
        4.1 4.2 4.3 4.4 5.1 5.2 5.3 6.1.1 6.1.2 6.1.3 6.2 6.3 7.1 7.2 7.3 7.4 7.5.1 7.5.2 7.5.3
        8.1 8.2 8.3 9.1 9.2.1 9.2.2 9.3.1 9.3.2 9.3.3 10.1 10.2""",
}
ANNEX_A = {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34}


def shipped(key: str) -> CatalogueStandard:
    family_code, edition = key.split(":")
    standard = catalogue.edition(family_code, edition)
    assert standard is not None
    return standard


def between(one: str, other: str) -> tuple[CatalogueMapping, ...]:
    return catalogue.mappings_between(shipped(one), shipped(other))


def ends(mappings: tuple[CatalogueMapping, ...]) -> set[tuple[str | None, str | None]]:
    return {(each.from_number, each.to_number) for each in mappings}


def test_six_editions_are_shipped_and_only_those_of_2026_are_drafts() -> None:
    assert [standard.key for standard in catalogue.editions()] == KEYS
    drafts = [
        each.key for each in catalogue.editions() if each.status is terms.StandardStatus.DRAFT
    ]
    assert drafts == ["ISO9001:2026", "ISO14001:2026"]
    assert shipped("ISO9001:2026").supersedes == "2015"
    assert catalogue.edition("ISO9001", "1994") is None


@EVERY_EDITION
def test_every_clause_has_a_title_and_one_line_of_guidance(standard: CatalogueStandard) -> None:
    for clause in standard.clauses:
        assert clause.title == clause.title.strip() != "", clause.number
        assert clause.guidance.endswith("."), clause.number
        assert "\n" not in clause.guidance, clause.number
        assert len(clause.guidance) <= GUIDANCE_LIMIT, clause.number
        assert clause.text is None, clause.number
        assert clause.theme is not None, clause.number


@EVERY_EDITION
def test_the_expected_numbers_are_there_once_under_chapters_4_to_10(
    standard: CatalogueStandard,
) -> None:
    numbers = [clause.number for clause in standard.clauses]
    assert len(numbers) == len(set(numbers))
    assert set(EXPECTED[standard.key].split()) <= set(numbers)
    tops = [clause.number for clause in standard.clauses if clause.parent is None]
    assert tops[:7] == ["4", "5", "6", "7", "8", "9", "10"]


@EVERY_EDITION
def test_clauses_stand_in_natural_order_and_after_their_parent(standard: CatalogueStandard) -> None:
    assert all(one.sort_key < two.sort_key for one, two in pairwise(standard.clauses))
    depths: dict[str | None, int] = {None: -1}
    for clause in standard.clauses:
        assert clause.depth == depths[clause.parent] + 1
        depths[clause.number] = clause.depth


@EVERY_EDITION
def test_exactly_the_leaves_can_be_assessed(standard: CatalogueStandard) -> None:
    parents = {clause.parent for clause in standard.clauses}
    assert all(
        clause.is_requirement == (clause.number not in parents) for clause in standard.clauses
    )


def test_iso_9001_2015_and_27001_hold_no_number_beyond_the_expected() -> None:
    chapters = {str(chapter) for chapter in range(4, 11)}
    numbers = {clause.number for clause in shipped("ISO9001:2015").clauses}
    assert numbers == chapters | set(EXPECTED["ISO9001:2015"].split())
    numbers = {clause.number for clause in shipped("ISO27001:2022").clauses if clause.depth}
    annex = {f"{group}.{n + 1}" for group, count in ANNEX_A.items() for n in range(count)}
    groups = {"6.1", "7.5", "9.2", "9.3"}
    assert numbers == annex | groups | set(EXPECTED["ISO27001:2022"].split())


ONCE = r"(4|5|6|9\.2|9\.3|10|A\.5|A\.6|A\.8)\b.*"


@EVERY_EDITION
def test_each_clause_has_the_level_and_exclusion_of_its_chapter(
    standard: CatalogueStandard,
) -> None:
    may_go = ("6", "7", "8", "A") if standard.family_code == "ISO9001" else ("A",)
    for clause in standard.clauses:
        is_once, chapter = re.fullmatch(ONCE, clause.number), clause.number.split(".")[0]
        assert (clause.level is ClauseLevel.ORGANIZATION) == bool(is_once), clause.number
        assert (clause.exclusion is ClauseExclusion.NEVER) == (chapter not in may_go)


def test_iso_27001_counts_98_requirements_once_and_25_for_each_site() -> None:
    counts = Counter(clause.level for clause in shipped("ISO27001:2022").requirements)
    assert counts == {ClauseLevel.ORGANIZATION: 98, ClauseLevel.SITE: 25}


def test_annex_a_has_93_controls_each_with_theme_type_and_protected_property() -> None:
    controls = [each for each in shipped("ISO27001:2022").clauses if each.control_theme]
    assert len(controls) == 93
    assert Counter(control.parent for control in controls) == ANNEX_A
    assert Counter(control.control_theme for control in controls) == {
        ControlTheme.ORGANIZATIONAL: 37,
        ControlTheme.PEOPLE: 8,
        ControlTheme.PHYSICAL: 14,
        ControlTheme.TECHNOLOGICAL: 34,
    }
    assert all(each.control_types and each.security_properties for each in controls)


def test_continual_improvement_is_mapped_by_subject_and_not_by_number() -> None:
    mappings = between("ISO27001:2022", "ISO9001:2015")
    assert mappings == between("ISO9001:2015", "ISO27001:2022")
    by_ends = {(each.from_number, each.to_number): each for each in mappings}
    assert by_ends["10.3", "10.1"].relation is MappingRelation.EQUAL
    assert by_ends["10.2", "10.2"].note == "Nonconformity and corrective action"
    assert not {("10.1", "10.1"), ("10.3", "10.3")} & set(by_ends)
    assert ("10.1", "10.1") in ends(between("ISO14001:2026", "ISO27001:2022"))
    assert ("10.3", "10.1") in ends(between("ISO14001:2015", "ISO27001:2022"))


@pytest.mark.parametrize(
    ("one", "other", "pairs"),
    [
        ("ISO9001:2015", "ISO14001:2015", "7.5=7.5 8.4=8.1 7.1.5=9.1.1 10.2=8.2 10.2=10.2"),
        ("ISO9001:2015", "ISO45001:2018", "9.2=9.2 6.3=8.1.3 8.4=8.1.4 10.3=10.3"),
        ("ISO9001:2015", "ISO27001:2022", "6.3=6.3 8.4=A.5.19 8.4=A.5.23 10.2=A.5.28"),
        ("ISO14001:2026", "ISO45001:2018", "6.3=8.1.3 8.2=8.2 9.1.2=9.1.2 10.1=10.3"),
        ("ISO14001:2015", "ISO27001:2022", "8.2=A.5.29 8.2=A.5.30 9.1.2=A.5.31 9.1.2=A.5.36"),
    ],
)
def test_shared_subjects_are_mapped_between_families(one: str, other: str, pairs: str) -> None:
    mappings = between(one, other)
    expected = {tuple(pair.split("=")) for pair in pairs.split()}
    assert expected <= ends(mappings)
    assert all(each.basis is MappingBasis.THEME and each.strength == 80 for each in mappings)
    assert all(each.change_kind is None and each.note for each in mappings)


def test_no_two_mappings_have_the_same_ends() -> None:
    ways = [
        (each.from_standard, each.from_number, each.to_standard, each.to_number)
        for each in catalogue.mappings()
    ]
    assert len(ways) == len(set(ways))
    for one, other in product(catalogue.editions(), repeat=2):
        assert bool(catalogue.mappings_between(one, other)) == (one is not other)


def test_the_edition_map_of_iso_14001_says_what_became_of_every_requirement() -> None:
    mappings = between("ISO14001:2015", "ISO14001:2026")
    changes = {
        (each.change_kind, each.from_number, each.to_number, each.relation)
        for each in mappings
        if each.change_kind is not ChangeKind.UNCHANGED
    }
    superset, subset = MappingRelation.SUPERSET, MappingRelation.SUBSET
    assert changes == {
        (ChangeKind.NEW, None, "6.1.4", MappingRelation.NONE),
        (ChangeKind.RENUMBERED, "6.1.4", "6.1.5", MappingRelation.EQUAL),
        (ChangeKind.NEW, None, "6.3", MappingRelation.NONE),
        (ChangeKind.EXTENDED, "8.1", "8.1", subset),
        (ChangeKind.RENUMBERED, "9.3", "9.3.1", superset),
        (ChangeKind.RENUMBERED, "9.3", "9.3.2", superset),
        (ChangeKind.RENUMBERED, "9.3", "9.3.3", superset),
        (ChangeKind.EXTENDED, "10.1", "10.1", subset),
        (ChangeKind.RENUMBERED, "10.3", "10.1", subset),
    }
    old, new = shipped("ISO14001:2015"), shipped("ISO14001:2026")
    assert {each.from_number for each in mappings} - {None} == {k.number for k in old.requirements}
    assert {each.to_number for each in mappings} - {None} == {k.number for k in new.requirements}


def test_the_edition_map_of_iso_9001_splits_risks_and_opportunities() -> None:
    mappings = between("ISO9001:2026", "ISO9001:2015")
    kinds = Counter(each.change_kind for each in mappings)
    assert kinds == {ChangeKind.UNCHANGED: 62, ChangeKind.RENUMBERED: 2, ChangeKind.EXTENDED: 2}
    assert {("6.1.1", "6.1.1"), ("6.1.2", "6.1.2"), ("6.1.2", "6.1.3")} <= ends(mappings)
    assert {each.from_standard for each in mappings} == {"ISO9001:2015"}


def small(edition: str, *numbers: str) -> CatalogueStandard:
    return parse_edition(document(edition, {number: ["T", "SCOPE", "G."] for number in numbers}))


def document(edition: str, clauses: Mapping[str, list[str]]) -> dict[str, Any]:
    about = dict.fromkeys(("title", "publisher", "licence_note"), "x")
    lists = {"organization_wide": ["4"], "never_excluded": []}
    kind = {"family_code": "X", "edition": edition, "kind": "MSS", "status": "DRAFT"}
    return {"standard": about | lists | kind, "clauses": clauses}


def test_a_requirement_that_disappears_is_removed_and_leads_nowhere() -> None:
    editions = {each.key: each for each in (small("1", "4", "5"), small("2", "4"))}
    change = {"from": "X:1", "to": "X:2", "changes": [["REMOVED", "5", "", "Gone."]]}
    removed, unchanged = edition_mappings(change, editions)
    assert (removed.from_number, removed.to_number) == ("5", None)
    assert (removed.relation, removed.strength) == (MappingRelation.NONE, 0)
    assert unchanged.change_kind is ChangeKind.UNCHANGED


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ([], "X:2 has no clause 5"),
        ([["REMOVED", "5", "4", ""]], "wrong ends"),
        ([["NEW", "", "9", ""], ["REMOVED", "5", "", ""]], "X:2 has no clause 9"),
        ([["REMOVED", "4", "", ""], ["REMOVED", "5", "", ""]], "no change leads to"),
    ],
)
def test_an_edition_map_that_leaves_a_question_is_refused(
    changes: list[list[str]], complaint: str
) -> None:
    editions = {each.key: each for each in (small("1", "4", "5"), small("2", "4"))}
    with pytest.raises(CatalogueError, match=complaint):
        list(edition_mappings({"from": "X:1", "to": "X:2", "changes": changes}, editions))


@pytest.mark.parametrize(
    ("topic", "complaint"), [({"X": ["9"]}, "no clause 9"), ({"Y": ["4"]}, "not shipped")]
)
def test_a_topic_that_names_what_is_not_shipped_is_refused(
    topic: dict[str, list[str]], complaint: str
) -> None:
    standards = (small("1", "4"), shipped("ISO9001:2015"))
    themes = {"strength": 80, "topic": [{"name": "T", "relation": "EQUAL", **topic}]}
    with pytest.raises(CatalogueError, match=complaint):
        list(theme_mappings(themes, standards))


@pytest.mark.parametrize(
    ("clauses", "complaint"),
    [
        ({"4.1": ["T", "SCOPE", "G."]}, r"\['4'\] missing"),
        ({"4": ["T", "NOWHERE", "G."]}, "'NOWHERE' is not a valid AnnexSlTheme"),
        ({"4": ["T", "SCOPE", "G" * (GUIDANCE_LIMIT + 1)]}, "4 needs a title, and guidance"),
        ({"4": ["T"]}, "not enough values"),
        ({"5": ["T", "SCOPE", "G."]}, r"\['4'\] of a list are no clauses"),
    ],
)
def test_an_edition_with_a_mistake_is_refused(
    clauses: dict[str, list[str]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_edition(document("1", clauses))
