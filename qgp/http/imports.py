"""CSV imports: `POST /imports/<list>.csv`, a file whose rows become records, all or none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from email.message import Message
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http import body
from qgp.http.csv_parameters import CsvParameters
from qgp.http.deadline import within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.open_context import OpenContext
from qgp.http.request_head import RequestHead
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.kit.availability import Availability
from qgp.kit.context import Context
from qgp.kit.csv_dialect import CsvDateFormat, CsvDecimalMark, CsvDialect, decoded
from qgp.kit.csv_table import MAX_BYTES, Problem
from qgp.kit.errors import DomainError, Forbidden, NotFound
from qgp.kit.gql.csv_execution import ImportOptions, Outcome, key_of
from qgp.kit.gql.csv_imports import CsvImport, csv_imports
from qgp.kit.gql.csv_records import CsvDuplicates
from qgp.kit.gql.csv_sources import SECONDS, LongImports
from qgp.kit.security_log import log_refusal

_MEDIA = {"", "text/csv", "text/plain", "text/tab-separated-values", "application/octet-stream"}
_METHOD = "POST"
_PARAMETERS = (
    "dryRun",
    "delimiter",
    "encoding",
    "dateFormat",
    "decimal",
    "duplicates",
    "idempotencyKey",
)
_DECIMAL_MARKS = {".": CsvDecimalMark.POINT, ",": CsvDecimalMark.COMMA}


@dataclass(eq=False)
class Imports:
    """ASGI application of the route.

    Attributes:
        open_context: opens the context of a request; may raise as the GraphQL endpoint's does.
        seconds: time that one may take, from its head to its answer.
        availability: availability of the database, whose loss ends every import.
    """

    schema: LimitedSchema
    limits: Limits
    open_context: OpenContext
    seconds: float = SECONDS
    availability: Availability = field(default_factory=Availability)

    def routes(self) -> list[BaseRoute]:
        """Return the route."""
        return [Route("/imports/{list}.csv", self)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; a client that hangs up gets nothing, and nothing is written."""
        request = Request(scope, receive)
        builder = ResponseBuilder(request.state.request_id, self.limits, request.state.graphql)
        response: ASGIApp
        try:
            response = await within(self.seconds, self._respond(request), self.availability)
        except ClientDisconnect:
            return
        except HttpError as error:
            response = builder.from_http_error(error)
        except DomainError as error:
            response = builder.from_domain_error(error)
        except Exception as error:  # noqa: BLE001 the outermost handler: masks what is unexpected
            response = builder.from_exception(error)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        """Import the file and return the outcome.

        Raises:
            HttpError: 400, 405, 413 or 415.
            DomainError: no row was tried.
        """
        if request.method != _METHOD:
            headers = {"Allow": _METHOD}
            raise HttpError(405, f"This address answers {_METHOD} only.", headers=headers)
        query = CsvParameters(request.query_params, _PARAMETERS)
        options, encoding = _options(query), query.text("encoding") or _charset(request)
        limits = replace(self.limits, body_bytes=MAX_BYTES)
        self._check_head(request, limits)
        async with self.open_context(request) as context:
            assert isinstance(context, Context)
            name, declared = self._import(request.path_params["list"])
            await self._require(context, name, declared)
            await context.close()  # no connection is held while the file arrives
            with context.services[LongImports].running(context.caller.user_id):
                content = body.parts(request.receive, limits)
                try:
                    text = decoded(content, encoding)
                    outcome = await declared.run(context, name, text, options)
                except DomainError:
                    async for _ in content:  # a client that is still sending reads no answer
                        pass
                    raise
        return _answer(options, outcome, request.state.graphql)

    def _check_head(self, request: Request, limits: Limits) -> None:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in _MEDIA:
            raise HttpError(415, "Send the file itself as the body, as `Content-Type: text/csv`.")
        body.check_coding_and_length(RequestHead(request.scope), limits)

    async def _require(self, context: Context, name: str, declared: CsvImport) -> None:
        """Refuse a caller without the permission, as the mutation of this name does."""
        try:
            context.require(declared.create.permission)
        except Forbidden as error:
            await log_refusal(context, name, error, None)
            raise

    def _import(self, name: str) -> tuple[str, CsvImport]:
        imports = csv_imports(self.schema)
        if name not in imports:
            close = get_close_matches(name, imports, 1)
            listed = f"The lists are {', '.join(sorted(imports))}."
            hint = f"Did you mean `{close[0]}`?" if close else listed
            raise NotFound(f"There is no import of `{name[:60]}`. {hint}", "list")
        return imports[name]


def _charset(request: Request) -> str | None:
    """Return the encoding that the media type of the body declares."""
    media = Message()
    media["content-type"] = request.headers.get("content-type", "")
    charset = media.get_param("charset")
    return charset if isinstance(charset, str) else None


def _options(query: CsvParameters) -> ImportOptions:
    """Return the options of a request; the encoding is read beside them.

    Raises:
        HttpError: 400.
        Invalid: the idempotency key breaks its rule.
    """
    decimal = _DECIMAL_MARKS.get(query.text("decimal") or "")
    dialect = CsvDialect(
        query.delimiter(),
        query.member("dateFormat", CsvDateFormat) or CsvDateFormat.YMD,
        decimal or query.member("decimal", CsvDecimalMark),
    )
    key = key_of(query.text("idempotencyKey"))
    duplicates = query.member("duplicates", CsvDuplicates) or CsvDuplicates.REFUSE
    return ImportOptions(query.boolean("dryRun"), dialect, key, duplicates)


def _answer(options: ImportOptions, outcome: Outcome, log_fields: dict[str, Any]) -> Response:
    """Return the outcome: 200, or 422 where a file that should be written has problems."""
    status, content = 200, _content(options, outcome)
    if outcome.problems and not options.is_dry_run:
        status = 422
        log_fields.setdefault("error_code", "BAD_USER_INPUT")
        message = (
            f"The file has {outcome.problem_count:,} problems in {outcome.rows:,} rows; nothing "
            "was written. Correct the rows."
        )
        content["errors"] = [{"message": message, "extensions": {"code": "BAD_USER_INPUT"}}]
    return Response(orjson.dumps(content), status, media_type="application/json")


def _content(options: ImportOptions, outcome: Outcome) -> dict[str, Any]:
    return {
        "isDryRun": options.is_dry_run,
        "rows": outcome.rows,
        "created": outcome.created,
        "updated": outcome.updated,
        "skipped": outcome.skipped,
        "problemCount": outcome.problem_count,
        "problems": _problems(outcome.problems),
    }


def _problems(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "row": problem.row,
            "column": problem.column,
            "code": problem.code.value,
            "message": problem.message,
            "constraint": problem.constraint,
        }
        for problem in problems
    ]
