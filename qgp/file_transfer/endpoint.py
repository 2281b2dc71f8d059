"""`/files/…`: where bytes come in and go out, by addresses that GraphQL hands out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.accounts.facts import returning_unfiltered
from qgp.attachments.commands import attachments
from qgp.attachments.commands.attachment_storage import release
from qgp.attachments.model import Attachment, AttachmentStatus
from qgp.attachments.policy import CREATE, READ
from qgp.authentication.file_addresses import DOWNLOAD, PATH, UPLOAD, Link, prove
from qgp.authentication.keyring import Kind
from qgp.authentication.services import Services
from qgp.file_transfer import refusals
from qgp.files.intake import Draft, Promise, taken_in
from qgp.files.sending import Kept, send_kept
from qgp.files.storage import Address, Storage
from qgp.http.deadline import within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.response_builder import ResponseBuilder
from qgp.http.sdl import has_tag
from qgp.kit import ids
from qgp.kit.policy import Permission, Principal
from qgp.kit.session import Database
from qgp.kit.session import Scope as Whose
from qgp.kit.work import Work

_IDLE = 15  # seconds for the next bytes to come
_LEAST = 16 * 1024  # bytes a second, on the whole
_LIMITS = Limits()


@dataclass(frozen=True)
class FilesEndpoint:
    """Takes a file by PUT, gives it by GET and HEAD.

    What is refused is told as everywhere else: `errors`, with `message` and `extensions.code`.
    """

    database: Database
    services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that hangs up gets no answer."""
        request, begun = Request(scope, receive), False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            with refusals.worded():
                work = self._respond(request)
                respond = await within(None, work, self.database.availability)
                await respond(scope, receive, sending)
        except ClientDisconnect:
            return
        except (HttpError, SQLAlchemyError, OSError) as error:
            if begun:
                raise
            await self._failed(request, error)(scope, receive, send)

    def _failed(self, request: Request, error: Exception) -> ASGIApp:
        builder = ResponseBuilder(request.state.request_id, _LIMITS, request.state.graphql)
        if isinstance(error, HttpError):
            return builder.from_http_error(error)
        return builder.from_exception(error)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.method == "PUT":
            return await self._take(request)
        return await self._give(request)

    async def _take(self, request: Request) -> Response:
        """Take the bytes that were promised, or see that they are the same as before.

        Raises:
            HttpError: 403, 404, 408, 409, 413, 415 or 422; nothing is kept.
        """
        principal, attachment = await self._look(request, UPLOAD, CREATE)
        promise = Promise(attachment.size_bytes, attachment.sha256, attachment.filename)
        storage = self._storage()
        with refusals.of_upload(promise, is_stored=attachment.status is AttachmentStatus.STORED):
            refusals.check_head(request.headers, promise)
            chunks = _steadily(request.stream(), promise.size)
            async with taken_in(chunks, promise, storage.incoming) as draft:
                if attachment.status is AttachmentStatus.PENDING:
                    attachment = await self._keep(request, storage, principal, attachment, draft)
        content = {
            "id": attachment.public_id,
            "filename": attachment.filename,
            "status": attachment.status,
            "contentType": attachment.content_type,
            "sizeBytes": attachment.size_bytes,
            "sha256": attachment.sha256,
        }
        return Response(orjson.dumps(content), media_type="application/json")

    async def _keep(
        self,
        request: Request,
        storage: Storage,
        principal: Principal,
        attachment: Attachment,
        draft: Draft,
    ) -> Attachment:
        """Give the draft its place, then say so; bytes that were not wanted any more go again."""
        own = principal.organization_id
        address = Address(own, attachment.sha256)
        await storage.keep(address, draft.path)
        scope = Whose(own, None, principal.user_id, "fileStore", request.state.request_id)
        async with self.database.write(scope) as session:
            work = Work(session, principal, self.services.by_type)
            stored = await attachments.store(work, id=attachment.id, content_type=draft.kind)
        if stored.status is AttachmentStatus.DELETED:
            await release(self.services.files, address, self.database)
            raise refusals.gone()
        return stored

    async def _give(self, request: Request) -> ASGIApp:
        """Return what sends the bytes.

        Raises:
            HttpError: 403 or 404.
        """
        _, attachment = await self._look(request, DOWNLOAD, READ)
        if attachment.status is not AttachmentStatus.STORED:
            raise refusals.gone()
        assert attachment.content_type is not None
        assert attachment.stored_at is not None
        kept = Kept(
            Address(attachment.organization_id, attachment.sha256),
            attachment.size_bytes,
            attachment.filename,
            attachment.content_type,
            attachment.stored_at,
        )
        if has_tag(request.headers.getlist("If-None-Match"), kept.etag):
            return Response(status_code=304, headers={"ETag": kept.etag})
        return partial(send_kept, kept, self._storage())

    async def _look(
        self, request: Request, kind: Kind, needed: Permission
    ) -> tuple[Principal, Attachment]:
        """Return who asks, as they stand now, and the file that they still see.

        Raises:
            HttpError: 403 or 404.
        """
        link = self._link(request, kind)
        scope = Whose(link.organization_id, None, link.user_id, "read", request.state.request_id)
        async with self.database.read(scope) as session:
            principal = await returning_unfiltered(session, link.user_id, link.log_in_id)
            principal.require(needed)
            wanted = sa.select(Attachment).where(Attachment.id == link.attachment_id)
            found = await session.scalar(wanted.where(*READ.visible(principal)))
        if found is None or found.status is AttachmentStatus.DELETED:
            raise refusals.gone()
        request.state.graphql.update(
            organization=f"org_{principal.organization_id.hex}", user=f"usr_{principal.user_id.hex}"
        )
        return principal, found

    def _link(self, request: Request, kind: Kind) -> Link:
        signature = request.query_params.get("signature", "")
        link = prove(self.services.signer.keyring, kind, signature)
        if request.path_params["id"] != ids.encode(Attachment.prefix, link.attachment_id):
            raise refusals.no_link()
        return link

    def _storage(self) -> Storage:
        if (storage := self.services.files.storage) is None:
            raise refusals.away()
        return storage


async def _steadily(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Hand on what comes, as long as it comes at a pace.

    Raises:
        HttpError: 408.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + _IDLE + size / _LEAST
    while True:
        try:
            async with asyncio.timeout_at(min(end, loop.time() + _IDLE)):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise refusals.too_slow() from None
        if chunk is None:
            return
        yield chunk


def route(database: Database, services: Services) -> Route:
    """Return the route of all files."""
    endpoint = FilesEndpoint(database, services)
    return Route(PATH + "{id}", endpoint, methods=["GET", "PUT"])
