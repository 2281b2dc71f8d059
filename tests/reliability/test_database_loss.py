"""A database that dies, or hangs, while a process serves (T3, T4)."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2

from qgp.embedded import Server
from tests.reliability.serving import FINDING, Served, hung

READ = "{ users { nodes { name } } }"
WRITE = 'mutation { siteCreate(input: {code: "X", name: "X"}) { site { id } errors { code } } }'
ANONYMOUS = """mutation { login(input: {email: "owner@demo.example", password: "x"}) {
  accessToken errors { code } } }"""


PROMISE = """mutation ($input: FileUploadCreateInput!) {
  fileUploadCreate(input: $input) { upload { url } errors { code } } }"""


def answers_while_lost(served: Served, token: str) -> list[tuple[httpx2.Response, float]]:
    """Send all requests at once, and return the seconds of each response."""

    def timed(document: str, signed_in: bool) -> tuple[httpx2.Response, float]:
        begun = time.monotonic()
        answer = served.ask(document, token if signed_in else "")
        return answer, time.monotonic() - begun

    def export(_: object) -> tuple[httpx2.Response, float]:
        begun = time.monotonic()
        answer = served.get("/exports/sites.csv", authorization=f"Bearer {token}")
        return answer, time.monotonic() - begun

    with ThreadPoolExecutor() as pool:
        requests = [(READ, True), (WRITE, True), (ANONYMOUS, False), (READ, True)]
        futures = [pool.submit(timed, *each) for each in requests] + [pool.submit(export, None)]
        return [future.result() for future in futures]


def are_refused(answers: list[tuple[httpx2.Response, float]]) -> None:
    for answer, seconds in answers:
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["extensions"]["code"]) == (503, "UNAVAILABLE")
        assert error["message"].startswith("The database ")
        assert answer.headers["Retry-After"] == "5"
        assert seconds < 2


def test_a_hung_database_is_detected_within_two_seconds_and_used_when_it_returns(
    served: Served, database: Server
) -> None:
    token = served.sign_in()
    with hung(database):
        are_refused(answers_while_lost(served, token))
        answer = served.get("/readyz")
        unreachable = {"status": "unavailable", "database": "unreachable"}
        assert (answer.status_code, answer.json()) == (503, unreachable)
        assert served.status("/healthz") == 200
        are_refused(answers_while_lost(served, token))
    served.await_status("/readyz", 200, seconds=5)
    assert served.ask(READ, token).status_code == 200
    assert served.ask(WRITE, token).json()["data"]["siteCreate"]["errors"] == []


def test_a_dead_database_is_detected_within_two_seconds_and_used_when_it_is_back(
    served: Served, database: Server
) -> None:
    token = served.sign_in()
    database.stop()
    are_refused(answers_while_lost(served, token))
    assert served.await_status("/readyz", 503) < 2
    assert served.status("/healthz") == 200
    database.start()
    served.await_status("/readyz", 200, seconds=5)
    for _ in range(20):  # more than the pools hold
        assert served.ask(READ, token).status_code == 200


def test_bytes_of_a_file_are_refused_within_two_seconds_by_a_hung_database(
    served: Served, database: Server
) -> None:
    token, content = served.sign_in(), b"three words here"
    subject = served.ask(FINDING, token).json()["data"]["findingCreate"]["finding"]["id"]
    promise = {
        "subjectId": subject,
        "filename": "a.txt",
        "sizeBytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    promised = served.ask(PROMISE, token, input=promise).json()["data"]["fileUploadCreate"]
    path = promised["upload"]["url"].partition("/files/")[2]
    address = f"http://127.0.0.1:{served.port}/files/{path}"
    with hung(database):
        begun = time.monotonic()
        answer = httpx2.put(address, content=content, timeout=20)
        are_refused([(answer, time.monotonic() - begun)])
    served.await_status("/readyz", 200, seconds=5)
    assert httpx2.put(address, content=content).status_code == 200
