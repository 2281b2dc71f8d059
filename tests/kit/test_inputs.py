"""What goes in: hostile values are refused where they stand, and nothing of them is stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qgp.kit.errors import InvalidFormat, OutOfRange, TooLong
from qgp.kit.gql.scalars import parse_day, parse_decimal, parse_instant, parse_url, print_instant
from tests.company import Client, Company
from tests.evidence import unchanged

CREATE = """mutation ($i: SiteCreateInput!) { siteCreate(input: $i) {
    site { id code name country } errors { code path message } } }"""
UPDATE = """mutation ($i: SiteUpdateInput!) { siteUpdate(input: $i) {
    site { id code name country version } errors { code path message } } }"""


def refusals(answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return code and path of each refusal, in the payload or above it."""
    if "errors" in answer:
        errors = [error["extensions"] for error in answer["errors"]]
    else:
        (payload,) = answer["data"].values()
        errors = payload["errors"]
    return [(error["code"], error.get("path")) for error in errors]


TEXTS = {
    "blank": ("", "REQUIRED"),
    "spaces": (" \t ", "REQUIRED"),
    "no-break spaces": ("\u00a0\u2003", "REQUIRED"),
    "NUL": ("a\x00b", "BAD_USER_INPUT"),
    "escape": ("a\x1bb", "BAD_USER_INPUT"),
    "delete": ("a\x7fb", "BAD_USER_INPUT"),
    "C1": ("a\x85b", "BAD_USER_INPUT"),
    "carriage return": ("a\rb", "BAD_USER_INPUT"),
    "too long": ("x" * 201, "TOO_LONG"),
    "very long": ("x" * 70_000, "TOO_LONG"),
    "bidi override": ("abc\u202etxt.exe", "INVALID_FORMAT"),
    "bidi isolate": ("abc\u2066def", "INVALID_FORMAT"),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
async def test_a_hostile_text_is_refused_with_its_path(
    company: Company, api: Client, text: str, expected: str
) -> None:
    async with unchanged(company):
        answer = await api.send(CREATE, i={"code": "A", "name": text})
        ((code, path),) = refusals(answer)
    assert code == expected
    assert path[-1] == "name"


@pytest.mark.parametrize("half", ["\\ud800", "\\udc00x", "x\\udfff"])
async def test_half_a_surrogate_pair_is_refused(company: Company, api: Client, half: str) -> None:
    """JSON can spell it; Python's own encoder would not send it."""
    body = '{"query": "%s", "variables": {"i": {"code": "A", "name": "%s"}}}'
    query = " ".join(CREATE.split())
    async with unchanged(company):
        answer = await api.http.post(
            "/graphql",
            content=(body % (query, half)).encode(),
            headers={"content-type": "application/json"},
        )
    ((code, path),) = refusals(answer.json())
    assert (answer.status_code, code) == (400, "BAD_USER_INPUT")
    assert path is None or path[-1] == "name"


async def test_a_control_character_in_a_literal_is_refused(company: Company, api: Client) -> None:
    async with unchanged(company):
        literal = '{ siteCreate(input: {code: "A", name: "a\\u0000b"}) { errors { code } } }'
        assert await api.refusal("mutation " + literal) == "BAD_USER_INPUT"


async def test_a_text_is_trimmed_and_composed(api: Client) -> None:
    decomposed = "  Cafe\u0301  "
    payload = await api.do("siteCreate", "site { name }", code="A", name=decomposed)
    assert payload["site"]["name"] == "Caf\u00e9"


async def test_two_spellings_of_one_text_are_one(api: Client) -> None:
    await api.do("siteCreate", code="CAF\u00c9", name="A")
    again = await api.do("siteCreate", code="CAFE\u0301", name="B")
    assert [error["code"] for error in again["errors"]] == ["ALREADY_EXISTS"]
    answer = await api.ask("query ($c: String!) { site(by: {code: $c}) { name } }", c="CAFE\u0301")
    assert answer["site"] == {"name": "A"}


async def test_lines_and_every_script_are_welcome(api: Client) -> None:
    for place, text in enumerate(("日本語", "שלום", "مرحبا", "👩‍🔬", "a\tb\nc", "x" * 200)):
        payload = await api.do("siteCreate", "site { name }", code=f"C{place}", name=text)
        assert payload == {"site": {"name": text}, "errors": []}


ZEROS = 32 * "0"


@pytest.mark.parametrize(
    "id", ["", "1", f"usr_{ZEROS}", f"sit_{ZEROS}\n", f"sit_{ZEROS}0", f"SIT_{ZEROS}", ZEROS]
)
async def test_an_id_of_another_kind_is_refused(company: Company, api: Client, id: str) -> None:
    async with unchanged(company):
        answer = await api.send(CREATE, i={"code": "A", "name": "A", "parentId": id})
        assert refusals(answer) == [("BAD_USER_INPUT", ["parentId"])]


@pytest.fixture
async def site(api: Client) -> dict[str, Any]:
    """A site in its first version."""
    payload = await api.do("siteCreate", "site { id }", code="A", name="One", country="DE")
    return {"id": payload["site"]["id"], "expectedVersion": 1}


async def test_what_is_left_out_stays(api: Client, site: dict[str, Any]) -> None:
    changed = await api.ask(UPDATE, i=site | {"name": "Two"})
    assert changed["siteUpdate"]["site"] | {"id": ""} == {
        "id": "", "code": "A", "name": "Two", "country": "DE", "version": 2
    }  # fmt: skip


async def test_null_clears(api: Client, site: dict[str, Any]) -> None:
    changed = await api.ask(UPDATE, i=site | {"country": None})
    assert changed["siteUpdate"]["site"]["country"] is None
    assert changed["siteUpdate"]["site"]["version"] == 2


async def test_a_variable_that_is_left_out_leaves_its_field_out(
    api: Client, site: dict[str, Any]
) -> None:
    document = """mutation ($id: ID!, $country: String) { siteUpdate(input: {
        id: $id, expectedVersion: 1, name: "Two", country: $country }) { site { country } } }"""
    changed = await api.ask(document, id=site["id"])
    assert changed["siteUpdate"]["site"]["country"] == "DE"


@pytest.mark.parametrize(
    "field",
    ["name: null", "name: $none", "code: null", "code: $none"],
)
async def test_what_must_be_there_cannot_be_cleared(
    company: Company, api: Client, site: dict[str, Any], field: str
) -> None:
    variable = ", $none: String" if "$" in field else ""
    document = f"""mutation ($id: ID!{variable}) {{ siteUpdate(input: {{
        id: $id, expectedVersion: 1, {field} }}) {{ site {{ name }} errors {{ code path }} }} }}"""
    async with unchanged(company):
        answer = await api.send(document, id=site["id"], **({"none": None} if variable else {}))
        assert refusals(answer) == [("REQUIRED", [field[:4]])]


async def test_what_must_be_there_cannot_be_cleared_in_a_whole_input(
    company: Company, api: Client, site: dict[str, Any]
) -> None:
    async with unchanged(company):
        answer = await api.send(UPDATE, i=site | {"name": None})
        assert refusals(answer) == [("REQUIRED", ["name"])]


@pytest.mark.parametrize("by", ["{}", "{id: null}", "{code: null}", '{id: "x", code: "y"}'])
async def test_a_look_up_names_exactly_one_thing(api: Client, by: str) -> None:
    code = await api.refusal(f"{{ site(by: {by}) {{ id }} }}")
    assert code in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("by", [{}, {"id": None}, {"code": None}, {"id": "x", "code": "y"}])
async def test_a_look_up_by_variable_names_exactly_one_thing(
    api: Client, by: dict[str, Any]
) -> None:
    document = "query ($by: SiteBy!) { site(by: $by) { id } }"
    assert await api.refusal(document, by=by) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "version", [2**31, -(2**31) - 1, 10**40, 1.5, "1", True, None, [1], {"a": 1}], ids=str
)
async def test_a_number_that_is_none_is_refused(
    company: Company, api: Client, site: dict[str, Any], version: Any
) -> None:
    async with unchanged(company):
        answer = await api.send(UPDATE, i=site | {"expectedVersion": version, "name": "X"})
        assert [code for code, _ in refusals(answer)] == ["BAD_USER_INPUT"]


INSTANTS = [
    "2026-03-01",
    "2026-03-01T09:30:00",
    "2026-03-01T09:30:00+24:00",
    "2026-03-01T09:30:00+01:60",
    "2026-03-01T09:30Z",
    "2026-03-01 09:30:00Z",
    "2026-02-29T00:00:00Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T23:59:60Z",
    "2026-03-01T09:30:001234Z",
    "2026-03-01T09:30:00.Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:00",
    "1899-12-31T23:59:59Z",
    "1900-01-01T00:00:00+00:01",
    "2201-01-01T00:00:00Z",
    "2200-12-31T23:59:59-00:01",
    "2300-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:00",
    "10000-01-01T00:00:00Z",
    "٢٠٢٦-03-01T09:30:00Z",
    "2026-03-01T09:30:00Z\n",
    "2026-W09-7T09:30:00Z",
    "",
    "now",
    "infinity",
    0,
    1772357400,
    None,
    True,
]
DAYS = ["2026-02-29", "0000-01-01", "1899-12-31", "2201-01-01", "10000-01-01", "2026-3-1",
        "20260301", "2026-03-01T00:00:00Z", "2026-W09-7", "٢٠٢٦-03-01", "2026-03-01\n", "",
        "today", 20260301, None]  # fmt: skip


BEYOND = ["0000-01-01", "1899-12-31", "2201-01-01"]


@pytest.mark.parametrize("text", INSTANTS, ids=repr)
def test_an_instant_that_could_be_misread_is_refused(text: object) -> None:
    with pytest.raises((InvalidFormat, OutOfRange)):
        parse_instant(text)


@pytest.mark.parametrize("text", DAYS, ids=repr)
def test_a_day_that_could_be_misread_is_refused(text: object) -> None:
    is_beyond = text in BEYOND
    with pytest.raises(OutOfRange if is_beyond else InvalidFormat) as refused:
        parse_day(text)
    rule = "range=1900-01-01..2200-12-31" if is_beyond else "format=date"
    assert refused.value.constraint == rule


WRITTEN = ["９０", "٩٠", "٩.٥", "9٫5", "१", "1,5", "1e3", "1_000", "+1", ".5", "1.", " 1",
           "1\n", "", "NaN", "Infinity", "0x10", "1234567890123", "0.1234567", 90, 9.5, True,
           None]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN, ids=repr)
def test_a_number_that_could_be_misread_is_refused(text: object) -> None:
    with pytest.raises(InvalidFormat, match="Expected a number as a text"):
        parse_decimal(text)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_an_instant_comes_back_as_it_went_in(at: datetime) -> None:
    assert parse_instant(print_instant(at)) == at
    assert print_instant(at).endswith("Z")


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_a_day_comes_back_as_it_went_in(day: date) -> None:
    assert parse_day(day.isoformat()) == day


def test_an_instant_is_answered_in_utc() -> None:
    assert print_instant(parse_instant("2026-03-01t09:30:00.1234567+02:00")) == (
        "2026-03-01T07:30:00.123456Z"
    )


@pytest.mark.parametrize("day", [day for day in DAYS if day is not None], ids=repr)
async def test_a_hostile_day_is_refused_in_the_payload(
    company: Company, api: Client, day: object
) -> None:
    values = {"familyCode": "X", "edition": "1", "title": "X", "kind": "SCHEME"}
    async with unchanged(company):
        payload = await api.do("standardCreate", **values, publishedOn=day)
    code = "OUT_OF_RANGE" if day in BEYOND else "INVALID_FORMAT"
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, ["publishedOn"])]


ADDRESSES = {
    "https://www.iso.org/standard/62085.html": None,
    "HTTP://rules.example:8080/a%20b?c=d&e=(f)#g": "http://rules.example:8080/a%20b?c=d&e=(f)#g",
    "https://[2001:db8::1]/": None,
    "https://rules.example/" + "x" * 1978: None,
    "https://x.example/Größe 1.pdf": "https://x.example/Gr%C3%B6%C3%9Fe%201.pdf",
    "https://x.example/Gr%C3%B6%C3%9Fe%201.pdf": None,
    " https://x.example/a \n": "https://x.example/a",
    "https://x.example/a^b{c}|d?e={f}|g h#`i`": (
        "https://x.example/a%5Eb%7Bc%7D|d?e={f}|g%20h#%60i%60"
    ),
    "https:\\\\x.example\\a\\b": "https://x.example/a/b",
    "https://Bücher.example": "https://xn--bcher-kva.example/",
    "https://faß.example/": "https://xn--fa-hia.example/",
    "https://日本語。example/パス": "https://xn--wgv71a119e.example/%E3%83%91%E3%82%B9",
    'https://a/"><b>': "https://a/%22%3E%3Cb%3E",
    "https://x.example/100%": None,
}


@pytest.mark.parametrize(("text", "kept"), ADDRESSES.items(), ids=repr)
def test_an_address_is_kept_as_browsers_write_it(text: str, kept: str | None) -> None:
    assert parse_url(text) == (kept or text)
    assert parse_url(parse_url(text)) == (kept or text)


@pytest.mark.parametrize(
    "text",
    [
        *("javascript:alert(1)", "data:text/html,x", "ftp://rules.example", "//rules.example"),
        *("rules.example", "https://", "https://?x", "https://a b", "https://a<b"),
        *("https://bank.example@evil.example", "https://a:x", "https://a|b", "https://a^b"),
        *("https://u:p@a", "https://:p@a", "https://[::1", "https://a:99999", "https://a:0"),
        *("", 1, None, ["https://a"], "https://a/\ud800"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(text: object) -> None:
    with pytest.raises(InvalidFormat) as refused:
        parse_url(text)
    assert refused.value.constraint == "format=uri"


@pytest.mark.parametrize("tail", ["x" * 1979, "ö" * 400])
def test_an_address_is_bounded_as_it_is_kept(tail: str) -> None:
    with pytest.raises(TooLong) as refused:
        parse_url("https://rules.example/" + tail)
    assert refused.value.constraint == "maxLength=2000"


async def test_a_malformed_id_among_several_is_located(api: Client, company: Company) -> None:
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    answer = await api.send(document, ids=[company.owner.id, "usr_1"])
    assert refusals(answer) == [("BAD_USER_INPUT", ["ids", "1"])]
