"""Requests to addresses that users enter: no address, name or reply leads to this network."""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest

from qgp.egress.addresses import is_public
from qgp.egress.client import (
    LARGEST_REPLY,
    DestinationRefused,
    EgressClient,
    Reply,
    RequestFailed,
)
from tests.certificates import Authority
from tests.receiver import receiving, reply

PRIVATE = [
    *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "203.0.113.9", "224.0.0.1"),
    *("255.255.255.255", "168.63.129.16", "::", "::1", "fd00::1", "fd00:ec2::254", "fe80::1"),
    *("fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1"),
    *("2002:a00:1::", "2001:0:a00:1::f5ff:fffe", "2001:db8::1", "2607:f8b0::5efe:a00:1"),
]
CORPUS = [
    *("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "[::]", "[::1]"),
    *("[::ffff:10.0.0.1]", "[fd00::1]", "[fe80::1]", "169.254.169.254", "100.64.0.1"),
    *("user@example.com", "user:secret@example.com", "127.0.0.1.", "127。0。0。1"),
]


class Names:
    """Look-ups with a scripted answer each; the last answer stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.count = 0

    async def __call__(self, name: str, port: int) -> Sequence[str]:
        """Answer a look-up."""
        self.count += 1
        return self.answers[min(self.count, len(self.answers)) - 1]


async def post(client: EgressClient, url: str) -> Reply:
    return await client.post(url, content=b"{}", headers={})


@pytest.mark.parametrize("host", CORPUS)
async def test_an_address_of_this_network_is_refused_however_it_is_written(host: str) -> None:
    client = EgressClient(resolve=Names(["93.184.215.14"]))
    with pytest.raises(DestinationRefused):
        client.check(f"https://{host}/hook")
    with pytest.raises(DestinationRefused):
        await post(client, f"https://{host}/hook")


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_of_this_network_is_refused_beside_public_addresses_too(address: str) -> None:
    assert not is_public(address)
    for answer in ([address], ["93.184.215.14", address]):
        with pytest.raises(DestinationRefused) as refusal:
            await post(EgressClient(resolve=Names(answer)), "https://hooks.example/")
        assert str(refusal.value) == "hooks.example is no address of the public internet."


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "172.32.0.1", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


async def test_http_is_for_loopback_in_development_alone() -> None:
    with pytest.raises(DestinationRefused, match="begin with https"):
        EgressClient().check("http://hooks.example/")
    development = EgressClient(allows_this_machine=True, resolve=Names(["93.184.215.14"]))
    for url in ("http://hooks.example/", "http://10.0.0.1/", "https://10.0.0.1/", "ftp://[::1]/"):
        with pytest.raises(DestinationRefused):
            await post(development, url)
    async with receiving() as receiver:
        development = EgressClient(allows_this_machine=True)
        answer = await post(development, f"http://0x7f.1:{receiver.port}/hook?a=%20b")
    assert answer == Reply(204, None, b"")
    assert receiver.requests[0].target == "/hook?a=%20b"


async def test_the_checked_address_is_connected_though_the_name_rebinds() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    client = EgressClient(allows_this_machine=True, resolve=names)
    async with receiving() as checked, receiving("127.0.0.2", checked.port) as rebound:
        await post(client, f"http://rebinding.example:{checked.port}/")
    assert names.count == len(checked.requests) == 1
    assert not rebound.requests
    assert checked.requests[0].headers["host"] == f"rebinding.example:{checked.port}"


async def test_a_redirect_is_a_reply_and_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")  # where nobody listens
    async with receiving() as receiver:
        base = f"http://127.0.0.1:{receiver.port}"
        receiver.replies = [reply(307, f"location: {base}/other", "retry-after: 7")]
        answer = await post(EgressClient(allows_this_machine=True), f"{base}/hook")
    assert answer == Reply(307, "7", b"")
    assert [request.target for request in receiver.requests] == ["/hook"]


async def test_sni_and_the_certificate_name_are_of_the_name(tmp_path: Path) -> None:
    authority = Authority.at(tmp_path / "tls")
    authority.issue("hooks.example")
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(
        authority.folder / "hooks.example.crt", authority.folder / "hooks.example.key"
    )
    indicated: list[str | None] = []
    served.sni_callback = lambda _connection, name, _context: indicated.append(name)
    trusted = ssl.create_default_context(cafile=str(authority.folder / "root.crt"))
    client = EgressClient(True, Names(["127.0.0.1"]), trusted)
    async with receiving(tls=served) as receiver:
        answer = await post(client, f"https://hooks.example.:{receiver.port}/")
        with pytest.raises(RequestFailed, match="TLS certificate of other"):
            await post(client, f"https://other.example:{receiver.port}/")
    assert answer.status == 204
    assert indicated == ["hooks.example", "other.example"]


async def test_the_log_has_no_address_of_a_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/secret"
        await post(EgressClient(allows_this_machine=True), url)
    assert len(receiver.requests) == 1
    assert "secret" not in caplog.text


async def test_no_more_than_64_kib_of_the_reply_are_read() -> None:
    async with receiving() as receiver:
        receiver.replies = [reply(200, body=b"x" * (LARGEST_REPLY + 1))]
        url = f"http://127.0.0.1:{receiver.port}/"
        answer = await post(EgressClient(allows_this_machine=True), url)
    assert answer.body == b"x" * LARGEST_REPLY


async def test_a_destination_without_a_timely_reply_fails() -> None:
    async with receiving() as receiver:
        receiver.replies = [b"HTTP/1.1 20"]
        url = f"http://127.0.0.1:{receiver.port}/"
        with pytest.raises(RequestFailed, match="ended the connection without a valid reply"):
            await post(EgressClient(allows_this_machine=True), url)
    with pytest.raises(RequestFailed, match="accepts no connection"):
        await post(EgressClient(allows_this_machine=True), url)

    async def never(name: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(RequestFailed, match=r"did not reply within 0\.05 seconds"):
        await post(EgressClient(resolve=never, seconds=0.05), "https://hooks.example/")
