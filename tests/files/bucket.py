"""A bucket in memory that speaks as much S3 as we use, and believes no signature unchecked.

The signatures are computed as AWS publishes it (Signature Version 4); `test_s3.py` proves the
computation with the example of that publication.
"""

import hashlib
import hmac
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_HEX = hashlib.sha256


@dataclass(frozen=True)
class Signed:
    """What a signature is made over."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    payload: str
    region: str

    def signature(self, secret: str, names: Sequence[str]) -> str:
        """Return the signature over the headers of those names, in hex."""
        at = self.headers["x-amz-date"]
        scope = f"{at[:8]}/{self.region}/s3/aws4_request"
        query = "&".join(
            sorted(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in self.query)
        )
        lines = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        request = "\n".join([self.method, self.path, query, lines, ";".join(names), self.payload])
        text = "\n".join(["AWS4-HMAC-SHA256", at, scope, _HEX(request.encode()).hexdigest()])
        key = f"AWS4{secret}".encode()
        for part in (at[:8], self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()


@dataclass
class Bucket:
    """The objects, and how the caller has to sign."""

    name: str = "files"
    region: str = "eu-central-1"
    key: str = "AKIAEXAMPLE"
    secret: str = "a secret of the tests"
    endpoint: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    refused: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        answer = self._act(request, body) if self._believes(request, body) else self._no()
        await answer(scope, receive, send)

    def _no(self) -> Response:
        self.refused += 1
        return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)

    def _believes(self, request: Request, body: bytes) -> bool:
        header = request.headers["authorization"].removeprefix("AWS4-HMAC-SHA256 ")
        fields = dict(part.strip().split("=", 1) for part in header.split(","))
        payload = request.headers["x-amz-content-sha256"]
        if payload not in {"UNSIGNED-PAYLOAD", _HEX(body).hexdigest()}:
            return False
        signed = Signed(
            request.method,
            request.scope["raw_path"].decode(),
            request.query_params.multi_items(),
            request.headers,
            payload,
            self.region,
        )
        mine = signed.signature(self.secret, fields["SignedHeaders"].split(";"))
        key = fields["Credential"].split("/")[0]
        return hmac.compare_digest(mine, fields["Signature"]) and key == self.key

    def _act(self, request: Request, body: bytes) -> Response:
        bucket, _, name = unquote(request.url.path).lstrip("/").partition("/")
        query = request.query_params
        if bucket != self.name:
            return Response("<Error><Code>NoSuchBucket</Code></Error>", 404)
        acts = {
            ("GET", "list-type"): self._list,
            ("POST", "delete"): self._delete,
            ("POST", "uploads"): self._begin,
            ("PUT", "partNumber"): self._part,
            ("POST", "uploadId"): self._end,
            ("PUT", ""): self._put,
        }
        matching = ((method, word) for method, word in acts if word == "" or word in query)
        key = next((act for act in matching if act[0] == request.method), None)
        return acts[key](request, name, body) if key else self._get(request, name)

    def _put(self, request: Request, name: str, body: bytes) -> Response:
        self.objects[name] = body
        return Response(headers={"ETag": '"whole"'})

    def _begin(self, request: Request, name: str, body: bytes) -> Response:
        self.parts[name] = {}
        return _xml("InitiateMultipartUploadResult", f"<UploadId>{len(self.parts)}</UploadId>")

    def _part(self, request: Request, name: str, body: bytes) -> Response:
        self.parts[name][int(request.query_params["partNumber"])] = body
        return Response(headers={"ETag": '"part"'})

    def _end(self, request: Request, name: str, body: bytes) -> Response:
        parts = self.parts.pop(name)
        self.objects[name] = b"".join(parts[number] for number in sorted(parts))
        return _xml("CompleteMultipartUploadResult", "<ETag>&quot;whole&quot;</ETag>")

    def _get(self, request: Request, name: str) -> Response:
        if name not in self.objects:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        data = self.objects[name]
        headers = {"ETag": '"whole"', "Last-Modified": "Wed, 25 Nov 2026 00:00:00 GMT"}
        if not (range_header := request.headers.get("range")):
            length = {"Content-Length": str(len(data))}
            return Response(b"" if request.method == "HEAD" else data, headers=headers | length)
        first, last = range_header.removeprefix("bytes=").split("-")
        start, end = int(first), min(int(last), len(data) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
        return Response(data[start : end + 1], 206, headers)

    def _delete(self, request: Request, _: str, body: bytes) -> Response:
        names = re.findall("<Key>([^<]+)</Key>", body.decode())
        for name in names:
            self.objects.pop(name, None)
        gone = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
        return _xml("DeleteResult", gone)

    def _list(self, request: Request, _: str, body: bytes) -> Response:
        prefix = request.query_params.get("prefix", "")
        names = sorted(name for name in self.objects if name.startswith(prefix))
        if delimiter := request.query_params.get("delimiter"):
            folders = sorted({name.split(delimiter)[0] for name in names})
            elements = [
                f"<CommonPrefixes><Prefix>{at}/</Prefix></CommonPrefixes>" for at in folders
            ]
        else:
            since = "<LastModified>2026-11-25T00:00:00.000Z</LastModified>"
            elements = [
                f"<Contents><Key>{name}</Key><Size>{len(self.objects[name])}</Size>{since}"
                "<ETag>&quot;whole&quot;</ETag></Contents>"
                for name in names
            ]
        return _xml("ListBucketResult", "<IsTruncated>false</IsTruncated>" + "".join(elements))


def _xml(kind: str, inside: str) -> Response:
    return Response(f"<{kind}>{inside}</{kind}>", media_type="application/xml")


@contextmanager
def served() -> Iterator[Bucket]:
    """Serve a bucket on a port of its own, in a thread."""
    bucket = Bucket()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        bucket.endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(bucket, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield bucket
        finally:
            server.should_exit = True
            thread.join()
