import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from qgp.authentication.bearer_tokens import BearerTokens
from qgp.authentication.tokens import CLAIMS, Claims, Signer
from qgp.kit import clock, ids
from qgp.kit.errors import Unauthenticated

KEYS = {"present": "p" * 32, "former": "f" * 32}
SIGNER = Signer(KEYS)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WHO = {
    "user_id": ids.uuid7(),
    "organization_id": ids.uuid7(),
    "log_in_id": ids.uuid7(),
    "access_version": 3,
}


def issued() -> str:
    with clock.fixed(NOON):
        return SIGNER.issue(**WHO)  # type: ignore[arg-type]  # one dict for brevity


def payload(**changes: Any) -> dict[str, Any]:
    claims = jwt.decode(issued(), options={"verify_signature": False})
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def signed(
    claims: dict[str, Any], *, key: str = KEYS["present"], algorithm: str = "HS256", **header: Any
) -> str:
    headers = {"typ": "at+jwt", "kid": "present", **header}
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def refused(token: str, at: datetime = NOON, signer: Signer = SIGNER) -> str:
    with clock.fixed(at), pytest.raises(Unauthenticated) as refusal:
        signer.verify(token)
    return refusal.value.message


def test_a_token_says_who_signed_in_until_when() -> None:
    with clock.fixed(NOON):
        claims = SIGNER.verify(issued())
    until = NOON + timedelta(minutes=30)
    assert claims == Claims(**WHO, issued_at=NOON, expires_at=until)  # type: ignore[arg-type]


def test_a_token_holds_to_the_end_of_its_life_and_the_leeway_not_a_second_longer() -> None:
    token = issued()
    with clock.fixed(NOON + timedelta(minutes=30, seconds=9)):
        assert SIGNER.verify(token).access_version == 3
    assert "expired" in refused(token, NOON + timedelta(minutes=30, seconds=10))


def test_the_expiry_of_a_token_is_known_after_it_as_before() -> None:
    tokens, authorization = BearerTokens(SIGNER), f"Bearer {issued()}"
    for minutes in (0, 40):  # a live connection whose token has just expired closes at once
        with clock.fixed(NOON + timedelta(minutes=minutes)):
            assert tokens.expiry(authorization) == NOON + timedelta(minutes=30, seconds=10)
            assert tokens.expiry(f"{authorization}x") is None


def test_a_token_of_the_future_is_refused_even_when_its_signature_is_remembered() -> None:
    token = issued()
    with clock.fixed(NOON - timedelta(seconds=10)):
        SIGNER.verify(token)
    assert "not valid" in refused(token, NOON - timedelta(seconds=11))


def test_a_former_key_still_verifies_and_no_longer_signs() -> None:
    old = signed(payload(), key=KEYS["former"], kid="former")
    with clock.fixed(NOON):
        assert SIGNER.verify(old).user_id == WHO["user_id"]
    assert jwt.get_unverified_header(issued())["kid"] == "present"


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_is_required(name: str) -> None:
    assert "not valid" in refused(signed(payload(**{name: None})))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"aud": "qgp-refresh"},
        {"aud": ["qgp-api"]},
        {"aud": ["qgp-api", "other"]},
        {"sub": "me"},
        {"tid": 7},
        {"sid": ""},
        {"ver": "3"},
        {"ver": True},
        {"ver": 3.0},
        {"iat": "now"},
        {"iat": 10**30, "exp": 10**30 + 60},
        {"exp": float("1e9")},
        {"exp": int(NOON.timestamp()) + 1811},
        {"exp": int(NOON.timestamp())},
        {"nbf": int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())},
    ],
    ids=str,
)
def test_a_claim_of_another_kind_is_refused(changes: dict[str, Any]) -> None:
    assert "not valid" in refused(signed(payload(**changes)))


@pytest.mark.parametrize(
    "header",
    [{"typ": "JWT"}, {"typ": "refresh+jwt"}, {"typ": None}, {"kid": "unknown"}, {"kid": ""}],
    ids=str,
)
def test_another_class_of_token_or_an_unknown_key_is_refused(header: dict[str, Any]) -> None:
    assert "not valid" in refused(signed(payload(), **header))


def test_another_algorithm_is_refused_even_with_the_right_key() -> None:
    strong = "s" * 64
    signer = Signer({"present": strong})
    assert "not valid" in refused(signed(payload(), key=strong, algorithm="HS512"), signer=signer)


def test_an_unsigned_token_is_refused() -> None:
    parts = [{"alg": "none", "typ": "at+jwt", "kid": "present"}, payload()]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    token = ".".join(part.rstrip("=") for part in encoded) + "."
    assert "not valid" in refused(token)


def test_a_tampered_organization_breaks_the_signature() -> None:
    header, _, signature = issued().split(".")
    _, foreign, _ = signed(payload(tid=str(ids.uuid7()))).split(".")
    assert "not valid" in refused(f"{header}.{foreign}.{signature}")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "ä.ö.ü", "\ud800", "null", "x" * 100])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert "not valid" in refused(text)


def test_a_token_is_not_parsed_beyond_its_largest_size() -> None:
    assert "not valid" in refused(signed(payload(pad="x" * 4096)))


def test_a_signature_is_checked_once_and_the_memory_of_it_is_bounded() -> None:
    signer = Signer(KEYS)
    token = issued()
    with clock.fixed(NOON):
        for _ in range(3):
            signer.verify(token)
    remembered = signer._genuine.cache_info()
    assert (remembered.misses, remembered.hits, remembered.maxsize) == (1, 2, 4096)
