"""Mixed load on a served process: readers, writers that journal what was acknowledged, a prober."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from tests.reliability.serving import LOGIN, PASSWORD

READS = (
    "{ findings(first: 25) { totalCount nodes { reference title status owner { name } } } }",
    "{ capas(first: 25) { totalCount nodes { reference title status actions(first: 5) { nodes "
    "{ title status } } } } }",
    "{ audits(first: 10) { nodes { reference title status findings(first: 10) { nodes { title "
    "} } } } }",
    "{ viewer { user { name role } } myActions(first: 25) { nodes { title dueOn } } }",
)
WRITE = """mutation ($input: FindingCreateInput!) {
  findingCreate(input: $input) { finding { id reference } errors { code message } } }"""
PEOPLE = ("owner", "quality-manager", "lead-auditor", "process-owner")


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        at: when it came, in seconds of the monotonic clock.
        kind: `read`, `write`, `healthz` or `readyz`.
        status: of HTTP; 0 where there was no answer.
        code: of the first error, empty without one.
    """

    at: float
    kind: str
    ms: float
    status: int
    code: str = ""


@dataclass
class Journal:
    """Replies that the clients received.

    Attributes:
        acknowledged: id of the record by the key under which it was created.
    """

    replies: list[Reply] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    texts: Counter[str] = field(default_factory=Counter)


class Client:
    """One user, who signs in again where a token has ended."""

    def __init__(self, address: str, person: str, journal: Journal) -> None:
        self._http = httpx2.Client(base_url=address, timeout=15, verify=False)
        self._email = f"{person}@demo.example"
        self._journal = journal
        self._token = ""

    def ask(self, kind: str, document: str, **variables: Any) -> Any:
        """Send a request, record the reply, and return its data, or None."""
        if not self._token:
            self._sign_in()
        if not self._token:
            return None
        answer = self._post(kind, document, variables)
        if answer is not None and answer.status_code == 401:
            self._token = ""
        return None if answer is None else answer.json().get("data")

    def probe(self, path: str) -> None:
        """Request a health route and record the reply."""
        self._timed(path.strip("/"), lambda: self._http.get(path))

    def _sign_in(self) -> None:
        variables = {"email": self._email, "password": PASSWORD}
        answer = self._post("login", LOGIN, variables)
        data = answer.json().get("data") if answer is not None else None
        login = (data or {}).get("login") or {}
        self._token = login.get("accessToken") or ""

    def _post(self, kind: str, document: str, variables: Any) -> httpx2.Response | None:
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        body = {"query": document, "variables": variables}
        return self._timed(kind, lambda: self._http.post("/graphql", json=body, headers=headers))

    def _timed(self, kind: str, send: Callable[[], httpx2.Response]) -> httpx2.Response | None:
        begun, answer = time.monotonic(), None
        try:
            answer = send()
        except httpx2.TransportError as error:
            self._journal.texts[type(error).__name__] += 1
        end = time.monotonic()
        code = "" if answer is None else _code(kind, answer)
        status = 0 if answer is None else answer.status_code
        self._journal.replies.append(Reply(end, kind, (end - begun) * 1000, status, code))
        return answer


def _code(kind: str, answer: httpx2.Response) -> str:
    if kind in {"healthz", "readyz"}:
        return ""
    errors = answer.json().get("errors") or ()
    return str(errors[0]["extensions"]["code"]) if errors else ""


def run(address: str, journal: Journal, stop: threading.Event, *, rate: float) -> None:
    """Send `rate` requests a second, a fifth of them mutations, until the event is set."""
    shares = [("read", 0.8 * rate / len(PEOPLE), person) for person in PEOPLE]
    shares += [("write", 0.1 * rate, person) for person in PEOPLE[:2]]
    threads = [
        threading.Thread(target=_work, args=(Client(address, who, journal), journal, stop, how, n))
        for how, n, who in shares
    ]
    threads.append(threading.Thread(target=_probe, args=(address, journal, stop)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _work(client: Client, journal: Journal, stop: threading.Event, kind: str, rate: float) -> None:
    key = ""
    while not stop.is_set() or key:
        begun = time.monotonic()
        if kind == "read":
            client.ask("read", random.choice(READS))
        else:
            key = _write(client, journal, key or uuid4().hex)
        stop.wait(max(1 / rate - (time.monotonic() - begun), 0.01 if stop.is_set() else 0))


def _write(client: Client, journal: Journal, key: str) -> str:
    """Create a record; return its key if that has to be tried again, else nothing."""
    journal.sent.add(key)
    record = {"grade": "OFI", "sourceType": "PROCESS", "title": f"load {key}"}
    data = client.ask("write", WRITE, input={**record, "idempotencyKey": key})
    created = ((data or {}).get("findingCreate") or {}).get("finding")
    if created is None:
        return key
    journal.acknowledged[key] = created["id"]
    return ""


def _probe(address: str, journal: Journal, stop: threading.Event) -> None:
    client = Client(address, PEOPLE[0], journal)
    while not stop.wait(0.2):
        client.probe("/healthz")
        client.probe("/readyz")
