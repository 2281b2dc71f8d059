"""The address of the server as its client knows it, told from headers that anybody may send."""

from typing import Any

import pytest

from qgp.http.public_address import PublicAddresses, address_of, is_host

PROXIES = {"10.0.0.1", "10.0.0.2", "2001:db8::1"}


async def address(*headers: tuple[str, str], peer: str = "10.0.0.1", **more: Any) -> str:
    """Return the address that a request with these headers came to."""
    addresses: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        addresses.append(address_of(scope))

    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "scheme": "http", "headers": pairs, "client": (peer, 1), **more}
    await PublicAddresses(app, PROXIES)(scope, None, None)  # type: ignore[arg-type]  # not called
    return addresses[0]


HOST = ("Host", "qgp.example:8000")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([HOST], "http://qgp.example:8000"),
        ([HOST, ("X-Forwarded-Proto", "https")], "https://qgp.example:8000"),
        ([HOST, ("X-Forwarded-Host", "a.example")], "http://a.example"),
        (
            [HOST, ("X-Forwarded-Proto", "HTTPS"), ("X-Forwarded-Host", "evil.example, a.example")],
            "https://a.example",
        ),
        ([HOST, ("Forwarded", "for=1.2.3.4;proto=https;host=a.example")], "https://a.example"),
        ([HOST, ("Forwarded", 'host="a.example:8443";proto=https')], "https://a.example:8443"),
        (
            [HOST, ("Forwarded", "host=evil.example, for=1.2.3.4;host=a.example;proto=https")],
            "https://a.example",
        ),
        (
            [
                HOST,
                ("Forwarded", "for=9.9.9.9;host=evil.example"),
                ("Forwarded", 'for="[2001:db8:2::9]:4711";host=a.example;proto=https'),
                ("Forwarded", 'for="[2001:db8::1]";host=inner.example;proto=http'),
            ],
            "https://a.example",
        ),
        ([HOST, ("Forwarded", "host=evil.example"), ("X-Forwarded-Proto", "https")],
         "https://qgp.example:8000"),
        ([HOST, ("Forwarded", 'host="a.example')], "http://qgp.example:8000"),
        ([HOST, ("X-Forwarded-Host", "a.example/b"), ("X-Forwarded-Proto", "ftp")],
         "http://qgp.example:8000"),
    ],
)  # fmt: skip
async def test_a_trusted_proxy_says_how_it_was_reached(
    headers: list[tuple[str, str]], expected: str
) -> None:
    assert await address(*headers) == expected
    assert await address(*headers, peer="192.0.2.1") == "http://qgp.example:8000"


async def test_a_host_of_another_form_gives_way_to_the_servers_own_address() -> None:
    scope: dict[str, Any] = {"server": ("127.0.0.1", 8000)}
    for odd in ("a.example/b", "a@b", "a b", "<script>", "a.example:0", "a:99999", "", "x" * 300):
        assert await address(("Host", odd), **scope) == "http://127.0.0.1:8000", odd
    assert await address(HOST, HOST, **scope) == "http://127.0.0.1:8000"
    assert await address(server=("::1", 80)) == "http://[::1]:80"
    assert await address() == "http://localhost"


def test_names_and_addresses_are_hosts() -> None:
    for host in ("localhost", "a-b.example.", "xn--bcher-kva.example", "[2001:db8::1]:8443"):
        assert is_host(host), host


@pytest.mark.parametrize(("peer", "client"), [("10.0.0.1", "198.51.100.9"), ("9.9.9.9", "9.9.9.9")])
async def test_only_a_trusted_proxy_forwards_the_clients_address(peer: str, client: str) -> None:
    seen: list[str] = []

    async def app(scope: Any, *_: Any) -> None:
        seen.append(scope["client"][0])

    headers = [(b"forwarded", b"for=192.0.2.1, for=198.51.100.9, for=10.0.0.2")]
    scope = {"type": "http", "headers": headers, "client": (peer, 1)}
    await PublicAddresses(app, PROXIES)(scope, None, None)  # type: ignore[arg-type]  # not called
    assert seen == [client]
