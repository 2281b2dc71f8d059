"""An OSCAL catalog becomes a tree of clauses, or is refused with the place that is wrong."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgp.kit.errors import Invalid
from qgp.standards.commands import oscal
from qgp.standards.commands.catalogue import CatalogueClause
from qgp.standards.commands.oscal.document import MAX_BYTES, MAX_DEPTH, MAX_NODES

GARDEN = Path(__file__).parent / "data" / "garden.oscal.json"
SHARED = Path(
    os.environ.get("QGP_SHARED_DATA", Path(__file__).parents[2].parent / "shared" / "data")
)
FAMILIES = [
    *("AC", "AT", "AU", "CA", "CM", "CP", "IA", "IR", "MA"),
    *("MP", "PE", "PL", "PS", "RA", "SA", "SC", "SI", "SR"),
]
NIST = {
    "HIGH": [46, 6, 25, 14, 32, 35, 26, 18, 12, 10, 25, 7, 10, 11, 21, 30, 28, 14],
    "LOW": [11, 5, 10, 8, 9, 6, 16, 7, 4, 4, 10, 6, 9, 8, 9, 10, 6, 11],
}


def garden() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(GARDEN.read_bytes())
    return document


def raw(document: object) -> bytes:
    return json.dumps(document).encode()


def by_number(content: bytes) -> dict[str, CatalogueClause]:
    return {clause.number: clause for clause in oscal.read(content).clauses}


def refusal(content: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        oscal.read(content)
    assert caught.value.message.endswith(".")
    return caught.value


def test_the_file_says_what_standard_it_is() -> None:
    standard = oscal.read(GARDEN.read_bytes())
    assert standard.family_code == "GARDEN-SAFETY-RULES-SMALL-BASELINE"
    assert (standard.edition, standard.publisher) == ("3.0", "Garden Guild")
    assert str(standard.published_on) == "2025-03-01"
    named = oscal.read(GARDEN.read_bytes(), family_code="GARDEN", edition="R3")
    assert named.key == "GARDEN:R3"


def test_groups_controls_and_enhancements_become_a_tree_without_the_withdrawn() -> None:
    clauses = oscal.read(GARDEN.read_bytes()).clauses
    assert [(c.key, c.number, c.parent, c.depth, c.is_requirement) for c in clauses] == [
        ("wt", "WT", None, 0, False),
        ("wt-2", "WT-2", "WT", 1, True),
        ("wt-2.1", "WT-2(1)", "WT-2", 2, True),
        ("wt-10", "WT-10", "WT", 1, True),
        ("tl", "TL", None, 0, False),
        ("tl.sharp", "TL.SHARP", "TL", 1, False),
        ("tl-1", "TL-1", "TL.SHARP", 2, True),
    ]


def test_parameters_are_filled_into_statement_and_guidance() -> None:
    plan = by_number(GARDEN.read_bytes())["WT-2"]
    assert plan.text == (
        "In spring, autumn:\n"
        "a. Water the beds [Selection (one or more): by hand; "
        "every [Assignment: number of days]]; and\n"
        "  1. take water from [Selection: rain; well].\n"
        "b. Write it down."
    )
    assert plan.guidance == "Beds differ: ask within [Assignment: number of days]."


def test_an_enhancement_of_a_withdrawn_control_moves_up() -> None:
    document = garden()
    plan = document["catalog"]["groups"][0]["controls"][0]
    plan["props"].append({"name": "status", "value": "Withdrawn"})
    sensor = by_number(raw(document))["WT-2(1)"]
    assert (sensor.parent, sensor.depth) == ("WT", 1)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted() -> None:
    document = garden()
    document["catalog"]["groups"][0]["controls"][1]["parts"][0]["prose"] = "One.\r\nTwo."
    assert by_number(b"\xef\xbb\xbf" + raw(document))["WT-10"].text == "One.\nTwo."


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = garden()
    change(document["catalog"])
    return raw(document)


FIRST = "/catalog/groups/0/controls/0"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        (lambda c: c["groups"][0]["controls"][0].pop("id"), f"{FIRST}/id", "is missing; add it"),
        (lambda c: c["groups"][1].pop("title"), "/catalog/groups/1/title", "is missing; add it"),
        (
            lambda c: c["groups"][0]["controls"][0].update(title="A\x00B"),
            f"{FIRST}/title",
            "control character U+0000 at character 2",
        ),
        (lambda c: c["groups"][0]["controls"][0].update(title=7), f"{FIRST}/title", "valid string"),
        (
            lambda c: c["groups"][0]["controls"][1].update(id="wt-2"),
            "/catalog/groups/0/controls/1/id",
            f"repeats 'wt-2' of {FIRST}/id",
        ),
        (
            lambda c: c["params"].append({"id": "season"}),
            "/catalog/params/1/id",
            "repeats 'season' of /catalog/params/0",
        ),
        (
            lambda c: c["params"].clear(),
            f"{FIRST}/parts/0/prose",
            "inserts 'param, season', which the file does not define",
        ),
        (
            lambda c: c["params"][0].update(values=["{{ insert: param, season }}"]),
            "/catalog/params/0/values",
            "goes in a circle over season → season",
        ),
        (lambda c: c["metadata"].pop("version"), "/catalog/metadata/version", "is missing"),
        (lambda c: c["metadata"].update(title="Rev 4"), "/catalog/metadata/title", "no letter"),
        (lambda c: c["groups"].clear(), "/catalog", "holds no control"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(
    change: Callable[[dict[str, Any]], object], pointer: str, words: str
) -> None:
    error = refusal(edited(change))
    assert error.path == (pointer,)
    assert error.message.startswith(f"{pointer} ")
    assert words in error.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"catalog": {\n  "metadata": }}', "not valid JSON: expected value at line 2 column 15"),
        (b"", "not valid JSON"),
        (b'{"catalog": "\xff"}', "not valid JSON: invalid unicode code point at line 1"),
        (b'{"catalog": {"metadata": {"title": "\\ud800"}}}', "not valid JSON"),
        (b"[" * 100_000, "recursion limit exceeded"),
        (b"[]", "root is not an object"),
        (b'{"profile": {}}', "the root holds 'profile'. Give an OSCAL catalog"),
        (b'{"catalog": []}', "/catalog is not as OSCAL asks"),
        (b" " * (MAX_BYTES + 1), "at most 20 MB"),
    ],
)
def test_what_is_no_catalog_at_all_is_refused(content: bytes, words: str) -> None:
    assert words in refusal(content).message


def catalog(**content: object) -> bytes:
    return raw({"catalog": {"metadata": {"title": "T", "version": "1"}, **content}})


def group(**content: object) -> dict[str, object]:
    return {"title": "G", **content}


def control(id: str, label: str | None = None, **content: object) -> dict[str, object]:
    props = [{"name": "label", "value": label}] if label else []
    return {"id": id, "title": "C", "props": props, **content}


@pytest.mark.parametrize(
    ("groups", "numbers"),
    [
        (
            [group(controls=[control("d-1")]), group(controls=[control("d-2")])],
            {"/catalog/groups/0": "1", "d-1": "D-1", "/catalog/groups/1": "2", "d-2": "D-2"},
        ),
        (
            [group(groups=[group(groups=[group(controls=[control("x", "1")])])])],
            {
                "/catalog/groups/0": "1-2",
                "/catalog/groups/0/groups/0": "1-2.1",
                "/catalog/groups/0/groups/0/groups/0": "1-2.1.1",
                "x": "1",
            },
        ),
        (
            [
                group(id="a", controls=[control("a.1", "1"), control("a.2", "2")]),
                group(id="b", controls=[control("b.1", "1"), control("b.2", "A")]),
            ],
            {"a": "A", "a.1": "1", "a.2": "2", "b": "B", "b.1": "B.1", "b.2": "B.2"},
        ),
        ([control("s-a", "S", controls=[control("c", "S")])], {"s-a": "S", "c": "C"}),
        ([group(id="s-a", controls=[control("S-A")])], {"s-a": "S-A", "S-A": "S-A.S-A"}),
        ([control("i" * 65)], {"i" * 65: "I" * 55 + "-516E920D"}),
        ([control("i", "l" * 65)], {"i": "I"}),
    ],
)
def test_numbers_come_from_labels_else_ids_else_places_and_are_unique(
    groups: list[Any], numbers: dict[str, str]
) -> None:
    below = {"groups": [each for each in groups if "id" not in each or "props" not in each]}
    content = catalog(**below, controls=[each for each in groups if "props" in each])
    assert {clause.key: clause.number for clause in oscal.read(content).clauses} == numbers


def test_parameters_are_filled_into_titles_of_any_length() -> None:
    params = [
        {"id": "p", "values": ["{{ insert: param, q }}", "monthly"]},
        {"id": "q", "select": {"choice": ["each {{ insert: param, r }}", "daily"]}},
        {"id": "r", "select": {"how-many": "one"}},
    ]
    title, overview = "Do {{ insert: param, p }}" + "!" * 501, "As {{insert:param,r}}:\vso."
    parts = [{"name": "overview", "prose": overview}]
    groups = [group(title=title, parts=parts, controls=[control("c", params=params, title=title)])]
    whole, part = oscal.read(catalog(groups=groups)).clauses
    assert whole.title == "Do [Selection: each [Assignment: r]; daily], monthly" + "!" * 501
    assert (part.title, whole.guidance) == (whole.title, "As [Assignment: r]:\nso.")


def test_what_the_import_does_not_use_may_hold_anything() -> None:
    unused = [{"name": "note", "value": "s" * 60_000 + "\x0b\x00"}, {"name": "", "value": 7}]
    part = {"name": "statement", "prose": "Note it.", "props": unused}
    other = {"name": "assessment", "prose": "\x00" * 60_000, "parts": []}
    parties = [{"uuid": "u", "name": "n" * 600}, {"name": "\x00"}]
    roles = [{"role-id": "creator", "party-uuids": ["u"]}, {"role-id": "\x00"}]
    content = json.loads(catalog(controls=[control("c", parts=[part, other], links=unused)]))
    content["catalog"]["controls"][0]["props"] = unused
    content["catalog"]["metadata"] |= {
        "parties": parties,
        "responsible-parties": roles,
        "remarks": "\x00",
    }
    standard = oscal.read(raw(content))
    assert [(clause.number, clause.text) for clause in standard.clauses] == [("C", "Note it.")]
    assert standard.publisher == "n" * 600


def test_a_text_of_a_clause_may_be_as_long_as_a_chapter() -> None:
    """Of 200 kB, beside a property of 10 kB; a longer one than a clause may have is refused."""
    prose = "Do {{ insert: param, p }} so. " * 8_000
    params, props = [{"id": "p", "values": ["it"]}], [{"name": "label", "value": "l" * 10_000}]
    parts = [{"name": "statement", "prose": prose, "props": [{"name": "x", "value": "y" * 10_000}]}]
    content = {"id": "c", "title": "C", "params": params, "props": props, "parts": parts}
    assert len(prose) > 200_000
    (clause,) = oscal.read(catalog(controls=[content])).clauses
    assert (clause.number, clause.text) == ("C", ("Do it so. " * 8_000).strip())
    parts.append({"name": "statement", "prose": "x" * 250_000})
    error = refusal(catalog(controls=[content]))
    assert "have together more than 300,000 characters" in error.message


def test_controls_nested_too_deeply_are_refused() -> None:
    control: dict[str, object] = {"id": "c", "title": "C"}
    for level in range(MAX_DEPTH):
        control = {"id": f"c{level}", "title": "C", "controls": [control]}
    error = refusal(catalog(controls=[control]))
    assert error.path == ("/catalog" + "/controls/0" * (MAX_DEPTH + 1),)


def test_parts_nested_too_deeply_are_refused() -> None:
    part: dict[str, object] = {"name": "item", "prose": "x"}
    for _ in range(MAX_DEPTH):
        part = {"name": "item", "parts": [part]}
    control = {"id": "c", "title": "C", "parts": [{"name": "statement", "parts": [part]}]}
    assert "nested more than" in refusal(catalog(controls=[control])).message


def test_too_many_controls_are_refused() -> None:
    controls = [{"id": f"c-{n}", "title": "C"} for n in range(MAX_NODES + 1)]
    assert len(oscal.read(catalog(controls=controls[:-1])).clauses) == MAX_NODES
    assert refusal(catalog(controls=controls)).path == (f"/catalog/controls/{MAX_NODES}",)


@pytest.mark.parametrize(
    ("fan_out", "count", "words"),
    [(1, 5_000, "more than 20 parameters in a row"), (9, 18, "has more than 300,000 characters")],
)
def test_parameters_that_multiply_each_other_are_refused(
    fan_out: int, count: int, words: str
) -> None:
    params: list[dict[str, object]] = [
        {"id": f"p{n}", "values": [f"{{{{ insert: param, p{n + 1} }}}}" * fan_out]}
        for n in range(count)
    ]
    params.append({"id": f"p{count}", "values": ["boom"]})
    parts = [{"name": "statement", "prose": "{{ insert: param, p0 }}"}]
    content = catalog(params=params, controls=[{"id": "c", "title": "C", "parts": parts}])
    assert words in refusal(content).message


@pytest.mark.parametrize("prose", ["{{ insert: " + " " * 500_000, "{{ insert: " * 200_000])
def test_braces_that_never_close_are_refused(prose: str) -> None:
    parts = [{"name": "statement", "prose": prose}]
    content = catalog(controls=[{"id": "c", "title": "C", "parts": parts}])
    assert "has more than 300,000 characters" in refusal(content).message


def test_long_parameters_repeated_everywhere_are_refused() -> None:
    params = [{"id": "long", "values": ["x" * 40_000]}]
    parts = [{"name": "statement", "prose": "{{ insert: param, long }}"}]
    controls = [{"id": f"c-{n}", "title": "C", "parts": parts} for n in range(600)]
    assert "too often" in refusal(catalog(params=params, controls=controls)).message


@pytest.mark.parametrize("baseline", NIST)
def test_the_nist_baseline_reads_with_the_right_count_per_family(baseline: str) -> None:
    file = SHARED / f"nist_800-53r5_{baseline}.json"
    if not file.exists():
        pytest.skip(f"{file.name} is not in {SHARED}")
    standard = oscal.read(file.read_bytes())
    families = Counter(clause.number.split("-")[0] for clause in standard.requirements)
    assert families == dict(zip(FAMILIES, NIST[baseline], strict=True))
    assert families.total() == {"HIGH": 370, "LOW": 149}[baseline]
    groups = [clause.number for clause in standard.clauses if not clause.is_requirement]
    assert groups == FAMILIES
    assert all(clause.text and clause.guidance for clause in standard.requirements)
    assert not any("{{" in f"{clause.text}{clause.guidance}" for clause in standard.clauses)
    assert standard.family_code == f"NIST-SPECIAL-PUBLICATION-800-53-{baseline}-IMPACT-BASELINE"
    assert standard.edition == "5.1.1+u4"
