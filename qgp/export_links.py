"""Signed links to CSV exports: issued to a caller, and the principal of one that is used.

A link is bound to the organization, the user and their sign-in, and to the list with its
parameters. Anyone who has the link may download the file until it expires, as with links to files.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request

from qgp.accounts.facts import returning_unfiltered
from qgp.authentication import signed_addresses
from qgp.authentication.keyring import Kind
from qgp.authentication.services import Services
from qgp.authentication.signed_addresses import CLAIMS, HOLDS, NoLink
from qgp.engine_setup import context_log_fields
from qgp.http.exports import PATH, SIGNATURE, Exports
from qgp.http.http_errors import HttpError
from qgp.http.open_context import OpenContext
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.errors import Invalid, TooLong, Unauthenticated, max_length
from qgp.kit.export_links import ExportLink
from qgp.kit.session import Database, Scope

_LONGEST = 8_000  # within the 16 KiB of a request's head
_KIND = Kind("export+jwt", "qgp-export", CLAIMS)


def create(
    exports: Exports, context: Context, register: str, parameters: Mapping[str, str]
) -> ExportLink:
    """Issue a link for the caller.

    Args:
        exports: the endpoint, which checks the parameters.
        context: of the operation.
        register: the root field of the list.
        parameters: of the export, as its address takes them.

    Raises:
        DomainError: the export would be refused.
    """
    try:
        exports.check(context.caller, register, parameters)
    except HttpError as error:
        raise Invalid(error.message, *map(str, error.path)) from None
    until: datetime = (clock.now() + HOLDS).replace(microsecond=0)
    signature = signed_addresses.sign(context, _KIND, _subject(register, parameters), until)
    query = urlencode({**parameters, SIGNATURE: signature})
    if len(query) > _LONGEST:
        message = (
            f"The parameters of the link would have {len(query):,} characters; at most "
            f"{_LONGEST:,} are allowed. Shorten filter or columns."
        )
        raise TooLong(message, "filter", constraint=max_length(_LONGEST))
    return ExportLink(f"{context.public_url}{PATH}{register}.csv?{query}", until)


@asynccontextmanager
async def opened(
    open_context: OpenContext, database: Database, services: Services, request: Request
) -> AsyncIterator[object]:
    """Open the context of an export: by a link, which needs no access token, or as usual.

    Raises:
        HttpError: 403, the link is not valid for this export any more.
        Unauthenticated: there is no link, and the access token is not in force.
    """
    is_link = SIGNATURE in request.query_params
    opening = _by_link(database, services, request) if is_link else open_context(request)
    async with opening as context:
        yield context


@asynccontextmanager
async def _by_link(
    database: Database, services: Services, request: Request
) -> AsyncIterator[Context]:
    parameters = {name: text for name, text in request.query_params.items() if name != SIGNATURE}
    subject = _subject(request.path_params["list"], parameters)
    request_id = request.state.request_id
    try:
        link = signed_addresses.prove(
            services.signer.keyring, _KIND, request.query_params[SIGNATURE]
        )
        if link.subject != subject:
            raise NoLink
        scope = Scope(link.organization_id, None, link.user_id, "read", request_id)
        async with database.read(scope) as session:
            principal = await returning_unfiltered(session, link.user_id, link.log_in_id)
    except (NoLink, Unauthenticated):
        message = "This link is invalid or has expired. Request another (`exportLinkCreate`)."
        raise HttpError(403, message, code="FORBIDDEN") from None
    context = Context(database, request_id, principal, services=services.by_type)
    request.state.graphql.update(context_log_fields(context))
    try:
        yield context
    finally:
        await context.end()


def _subject(register: str, parameters: Mapping[str, str]) -> str:
    """Return the digest of a list and the parameters of its export."""
    content = json.dumps([register, parameters], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
