"""The ASGI endpoint `/files/…`: upload and download by signed URLs that GraphQL returns."""

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
from qgp.authentication.file_addresses import (
    DISPOSITION,
    DOWNLOAD,
    PATH,
    UPLOAD,
    Link,
    prove,
)
from qgp.authentication.keyring import Kind
from qgp.authentication.services import Services
from qgp.file_transfer import http_errors
from qgp.files.download import StoredFile, send_stored
from qgp.files.storage import Address, Storage
from qgp.files.upload import DeclaredFile, Draft, receive_draft
from qgp.http.deadline import within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.response_builder import ResponseBuilder
from qgp.http.sdl import has_tag
from qgp.kit import ids
from qgp.kit.policy import Permission, Principal
from qgp.kit.session import Database
from qgp.kit.session import Scope as SessionScope
from qgp.kit.work import Work

_IDLE_SECONDS = 15  # maximum wait for the next bytes
_MIN_BYTES_PER_SECOND = 16 * 1024  # on average
_LIMITS = Limits()


@dataclass(frozen=True)
class FilesEndpoint:
    """Upload by PUT, download by GET and HEAD.

    Error responses have the form of GraphQL: `errors` with `message` and `extensions.code`.
    """

    database: Database
    services: Services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request, unless the client disconnects."""
        request, is_started = Request(scope, receive), False

        async def sending(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            with http_errors.translated():
                work = self._respond(request)
                respond = await within(None, work, self.database.availability)
                await respond(scope, receive, sending)
        except ClientDisconnect:
            return
        except (HttpError, SQLAlchemyError, OSError) as error:
            if is_started:
                raise
            await self._failed(request, error)(scope, receive, send)

    def _failed(self, request: Request, error: Exception) -> ASGIApp:
        builder = ResponseBuilder(request.state.request_id, _LIMITS, request.state.graphql)
        if isinstance(error, HttpError):
            return builder.from_http_error(error)
        return builder.from_exception(error)

    async def _respond(self, request: Request) -> ASGIApp:
        if request.method == "PUT":
            return await self._upload(request)
        return await self._download(request)

    async def _upload(self, request: Request) -> Response:
        """Receive the declared bytes; of a STORED attachment, check that they are the same.

        Raises:
            HttpError: 403, 404, 408, 409, 413, 415 or 422; nothing is stored.
        """
        principal, attachment = await self._authorized(request, UPLOAD, CREATE)
        declared = DeclaredFile(attachment.size_bytes, attachment.sha256, attachment.filename)
        storage = self._storage()
        with http_errors.of_upload(
            declared, is_stored=attachment.status is AttachmentStatus.STORED
        ):
            http_errors.check_headers(request.headers, declared)
            chunks = _with_timeouts(request.stream(), declared.size)
            async with receive_draft(chunks, declared, storage.incoming) as draft:
                if attachment.status is AttachmentStatus.PENDING:
                    attachment = await self._store(request, storage, principal, attachment, draft)
        body = {
            "id": attachment.public_id,
            "filename": attachment.filename,
            "status": attachment.status,
            "contentType": attachment.content_type,
            "sizeBytes": attachment.size_bytes,
            "sha256": attachment.sha256,
        }
        return Response(orjson.dumps(body), media_type="application/json")

    async def _store(
        self,
        request: Request,
        storage: Storage,
        principal: Principal,
        attachment: Attachment,
        draft: Draft,
    ) -> Attachment:
        """Store the draft and record it; remove it if the attachment was deleted meanwhile."""
        organization_id, user_id = principal.organization_id, principal.user_id
        address = Address(organization_id, attachment.sha256)
        await storage.keep(address, draft.path)
        scope = SessionScope(organization_id, None, user_id, "fileStore", request.state.request_id)
        async with self.database.write(scope) as session:
            work = Work(session, principal, self.services.by_type)
            stored = await attachments.store(
                work, id=attachment.id, content_type=draft.content_type
            )
        if stored.status is AttachmentStatus.DELETED:
            await release(self.services.files, address, self.database)
            raise http_errors.not_available()
        return stored

    async def _download(self, request: Request) -> ASGIApp:
        """Return the response with the stored file.

        Raises:
            HttpError: 400, 403 or 404.
        """
        is_inline = _is_inline(request)
        _, attachment = await self._authorized(request, DOWNLOAD, READ)
        if attachment.status is not AttachmentStatus.STORED:
            raise http_errors.not_available()
        assert attachment.content_type is not None
        assert attachment.stored_at is not None
        kept = StoredFile(
            Address(attachment.organization_id, attachment.sha256),
            attachment.size_bytes,
            attachment.filename,
            attachment.content_type,
            attachment.stored_at,
            is_inline=is_inline,
        )
        if has_tag(request.headers.getlist("If-None-Match"), kept.etag):
            return Response(status_code=304, headers={"ETag": kept.etag})
        return partial(send_stored, kept, self._storage())

    async def _authorized(
        self, request: Request, kind: Kind, permission: Permission
    ) -> tuple[Principal, Attachment]:
        """Return the user of the signed URL, with present rights, and the attachment they see.

        Raises:
            HttpError: 403 or 404.
        """
        link = self._link(request, kind)
        scope = SessionScope(
            link.organization_id, None, link.user_id, "read", request.state.request_id
        )
        async with self.database.read(scope) as session:
            principal = await returning_unfiltered(session, link.user_id, link.log_in_id)
            principal.require(permission)
            statement = sa.select(Attachment).where(Attachment.id == link.attachment_id)
            row = await session.scalar(statement.where(*READ.visible(principal)))
        if row is None or row.status is AttachmentStatus.DELETED:
            raise http_errors.not_available()
        request.state.graphql.update(
            organization=f"org_{principal.organization_id.hex}", user=f"usr_{principal.user_id.hex}"
        )
        return principal, row

    def _link(self, request: Request, kind: Kind) -> Link:
        signature = request.query_params.get("signature", "")
        link = prove(self.services.signer.keyring, kind, signature)
        if request.path_params["id"] != ids.encode(Attachment.prefix, link.attachment_id):
            raise http_errors.invalid_url()
        return link

    def _storage(self) -> Storage:
        if (storage := self.services.files.storage) is None:
            raise http_errors.storage_unavailable()
        return storage


def _is_inline(request: Request) -> bool:
    """Return whether the file is to be shown in place, by the parameter `disposition`.

    Raises:
        HttpError: 400.
    """
    values = request.query_params.getlist(DISPOSITION)
    if values not in ([], ["attachment"], ["inline"]):
        raise http_errors.invalid_disposition()
    return values == ["inline"]


async def _with_timeouts(chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Yield the chunks of an upload of `size` bytes while it is fast enough.

    Raises:
        HttpError: 408.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + _IDLE_SECONDS + size / _MIN_BYTES_PER_SECOND
    while True:
        try:
            async with asyncio.timeout_at(min(end, loop.time() + _IDLE_SECONDS)):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise http_errors.too_slow() from None
        if chunk is None:
            return
        yield chunk


def route(database: Database, services: Services) -> Route:
    """Return the route `/files/{id}`."""
    endpoint = FilesEndpoint(database, services)
    return Route(PATH + "{id}", endpoint, methods=["GET", "PUT"])
