import pytest

from qgp.kit.email_addresses import parse, search_key
from qgp.kit.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "shown", "key"),
    [
        (" Owner@Demo.Example ", "Owner@demo.example", "owner@demo.example"),
        ("q@weiß.example", "q@xn--wei-7ka.example", "q@xn--wei-7ka.example"),
        ("q@weiss.example", "q@weiss.example", "q@weiss.example"),
        ("q@WEIẞ.example", "q@xn--wei-7ka.example", "q@xn--wei-7ka.example"),
        ("a@MÜLLER.example", "a@xn--mller-kva.example", "a@xn--mller-kva.example"),
        ("a@mu\u0308ller.example", "a@xn--mller-kva.example", "a@xn--mller-kva.example"),
        ("a@XN--mller-kva.example", "a@xn--mller-kva.example", "a@xn--mller-kva.example"),
        ("a@ｅｘａｍｐｌｅ．com", "a@example.com", "a@example.com"),
        ("a@例え。jp", "a@xn--r8jz45g.jp", "a@xn--r8jz45g.jp"),
        ("Weiß@b.example", "Weiß@b.example", "weiß@b.example"),
        ("Oﬃce@b.example", "Oﬃce@b.example", "oﬃce@b.example"),
        ("ſ@b.example", "ſ@b.example", "ſ@b.example"),
        ("ΟΔΟΣ@b.example", "ΟΔΟΣ@b.example", "οδοσ@b.example"),
        ("οδος@b.example", "οδος@b.example", "οδοσ@b.example"),
        ("\u212a@\u212a.example", "K@k.example", "k@k.example"),
        ("a@localhost", "a@localhost", "a@localhost"),
    ],
)
def test_an_address_keeps_its_local_part_and_has_one_domain(
    typed: str, shown: str, key: str
) -> None:
    address = parse(typed, "email")
    assert (str(address), address.key) == (shown, key)
    assert parse(shown).key == parse(key).key == key
    assert search_key(typed) == key


@pytest.mark.parametrize(
    "typed",
    ["", "@", "a@", "@b.example", "nobody", "a b@c.d", "a@b@c", "a@\0.de", "\ud800@x", "a@.",
     "a@b..c", "a@b.c.", "a\u200b@b.c", "a@b\u202e.c", "x" * 250 + "@b.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(typed, "email")
    assert refusal.value.path == ("email",)


@pytest.mark.parametrize("domain", ["oﬃce.example", "weiſs.example", "-ü.example", "ü" * 80])
def test_a_domain_that_nobody_can_register_is_refused_with_its_name(domain: str) -> None:
    with pytest.raises(Invalid, match="IDNA 2008") as refusal:
        parse(f"a@{domain}", "email")
    assert domain in refusal.value.message


@pytest.mark.parametrize(
    ("typed", "key"), [("OWN", "own"), ("@MÜLLER.example", "@xn--mller-kva.example"), ("", "")]
)
def test_a_part_of_an_address_is_looked_for_as_keys_are_written(typed: str, key: str) -> None:
    assert search_key(typed) == key
