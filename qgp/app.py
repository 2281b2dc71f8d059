"""The ASGI application: GraphQL, its schema and IDE, health; and what surrounds every route."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from qgp import engine_setup, garbage_collection, migrations, schema
from qgp.authentication import file_addresses
from qgp.authentication.services import Services
from qgp.authentication.tokens import bearer
from qgp.engine.engine import Engine
from qgp.engine.metrics import EngineMetrics
from qgp.engine.session_revalidation import SessionRevalidation
from qgp.engine.shadow import Shadow
from qgp.engine_setup import EngineReader, ResolverPath
from qgp.file_transfer import endpoint
from qgp.http import health, http_errors, ide, metrics, pooler, sdl
from qgp.http.admission import Admission
from qgp.http.draining import Drain
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.exports import Exports
from qgp.http.ide import DemoLogin
from qgp.http.middleware import with_middleware
from qgp.http.persisted import PersistedDocuments
from qgp.http.pool_metrics import PoolMetrics
from qgp.http.public_address import address_of
from qgp.http.request_metrics import COUNTS
from qgp.http.schema import LimitedSchema
from qgp.kit import row_security, statement_counter
from qgp.kit.availability import Availability
from qgp.kit.context import Context
from qgp.kit.errors import Unauthenticated
from qgp.kit.session import Database
from qgp.pools import admission_limits, create_database, create_engine, create_probe_engine
from qgp.request_context import open_context
from qgp.settings import Settings, settings
from qgp.startup import StartFailed, supervised

_log = structlog.get_logger(__name__)
FIRST_QUERY = """{
  viewer { user { name role } organization { name } }
  standardCatalogue { code title status requirementCount adopted { id } }
}
"""


class RowSecurityMissing(StartFailed):
    """The database would let one organization see another; production does not start on it."""


@dataclass(frozen=True)
class Application:
    """Everything that one process serves with."""

    found: Settings
    engine: AsyncEngine
    database: Database
    services: Services
    drain: Drain
    cursor_key: bytes
    demo: Sequence[DemoLogin] = ()

    @classmethod
    def of(
        cls, found: Settings, engine: AsyncEngine, demo: Sequence[DemoLogin] = ()
    ) -> "Application":
        """Build what the settings describe on a pool of connections.

        Commands ask what their caller may read, also where nothing is served.

        Raises:
            ConfigurationError: a secret is not set.
        """
        schema.compose()
        return cls(
            found=found,
            engine=engine,
            database=create_database(engine, found),
            services=Services.of(found, *schema.LENT),
            drain=Drain(found.drain_seconds, work_seconds=max(found.stop_seconds - 1, 0)),
            cursor_key=derived(found.secret, "cursor"),
            demo=demo,
        )

    @property
    def availability(self) -> Availability:
        """Whether the database can be used now."""
        return self.database.availability

    @cached_property
    def probe_engine(self) -> AsyncEngine:
        """Where the database is examined, at the start and for `/readyz`."""
        return create_probe_engine(self.found)

    @cached_property
    def readiness(self) -> health.Readiness:
        """What looks whether the process may have traffic, on a connection of its own."""
        applied = migrations.Compatibility.of_code().problem
        return health.Readiness(
            self.probe_engine,
            checks=[applied] if self.found.database_pgbouncer else [pooler.problem, applied],
            is_draining=lambda: self.drain.has_begun,
            availability=self.availability,
        )

    @cached_property
    def schema(self) -> LimitedSchema:
        """What is served at `/graphql`."""
        return schema.build(self.found.limits, introspection=self.found.introspection)

    @cached_property
    def planned(self) -> Engine | None:
        """What reads from plans; None where everything is executed."""
        if not self.found.planned_reads:
            return None
        # A pool of its own: a request may hold a connection of the other while it waits for one.
        pool = create_engine(self.found, size=self.found.planned_connections)
        self.availability.watch(pool)
        return engine_setup.create_engine(
            self.found, self.schema, pool, self.database, signing_key=self.cursor_key
        )

    @cached_property
    def reader(self) -> EngineReader | None:
        """Who answers queries without executing them, or None."""
        if self.planned is None:
            return None
        if not (one_in := self.found.shadow_one_in):
            return EngineReader(self.services.sessions, self.planned)
        paging = engine_setup.paging(self.found)
        resolver_path = ResolverPath(self.schema, self.database, self.cursor_key, paging)
        return EngineReader(
            self.services.sessions, Shadow(self.planned, resolver_path, one_in=one_in)
        )

    @cached_property
    def holds(self) -> SessionRevalidation | None:
        """What asks whether remembered sign-ins are in force; None where each is looked up."""
        return (
            None
            if self.planned is None
            else engine_setup.session_revalidation(self.found, self.planned.read_connections)
        )

    @cached_property
    def graphql(self) -> GraphQLEndpoint:
        """What answers at `/graphql`."""
        return GraphQLEndpoint(
            self.schema,
            limits=self.found.limits,
            open_context=self.open_context,
            get=self.found.graphql_get,
            persisted=PersistedDocuments(is_on=self.found.apq),
            reader=self.reader,
            explain=not self.found.is_production,
            admission=self.admission,
            identify=self.identify,
            availability=self.availability,
        )

    @cached_property
    def exports(self) -> Exports:
        """What answers below `/exports/`."""
        return Exports(
            self.schema, self.found.limits, self.open_context, availability=self.availability
        )

    @cached_property
    def admission(self) -> Admission:
        """The lines in which requests wait for their turn."""
        return Admission(admission_limits(self.found))

    def identify(self, authorization: str) -> UUID | None:
        """Return the user that an access token names; whether it is in force is not asked."""
        try:
            return self.services.signer.verify(bearer(authorization)).user_id
        except Unauthenticated:
            return None

    @cached_property
    def asgi(self) -> ASGIApp:
        """The application as a server calls it."""
        found = self.found
        return with_middleware(
            Starlette(
                routes=_routes(self),
                lifespan=self.lifespan,
                exception_handlers=http_errors.EXCEPTION_HANDLERS,
            ),
            origins=found.cors_origins,
            logged_client=found.log_client,
            request_headers=found.cors_headers,
            max_in_flight=found.max_in_flight + found.max_waiting,
            max_per_address=(found.max_in_flight + found.max_waiting) // 2,
            by_path={"/graphql": self.graphql},
            uncompressed=(file_addresses.PATH,),
        )

    @asynccontextmanager
    async def open_context(self, request: Request) -> AsyncIterator[Context]:
        """Open the context of one GraphQL request, and note at its end who asked how much."""
        asked = open_context(
            self.database,
            self.services,
            authorization=request.headers.get("authorization"),
            request_id=request.state.request_id,
            client_ip=request.client.host if request.client else "",
            signing_key=self.cursor_key,
            holds=self.holds,
        )
        noted = request.state.graphql
        with statement_counter.counted() as count:
            try:
                async with asked as context:
                    context.paging = engine_setup.paging(self.found)
                    if self.planned is not None:
                        context.services = context.services.with_(self.planned)
                    context.public_url = self.found.public_url or address_of(request.scope)
                    try:
                        yield context
                    finally:
                        _note(noted, context)
            finally:
                noted["statements"] = count.statements

    async def may_read_schema(self, request: Request) -> bool:
        """Let whoever may introspect have the schema as text."""
        if self.found.introspection:
            return True
        try:
            async with self.open_context(request) as context:
                return context.principal is not None
        except Unauthenticated:
            return False

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Serve, whether the database answers or not, then give the connections back."""
        garbage_collection.raise_thresholds()
        garbage_collection.freeze_loaded()
        async with supervised(
            self.readiness,
            self.drain,
            look=self._look_at_database,
            seconds=self.found.database_start_seconds,
        ):
            yield
        await self.close()

    async def _look_at_database(self) -> None:
        if self.found.is_production:
            await self.refuse_open_walls()
        else:
            async with self.probe_engine.connect():
                pass

    async def close(self) -> None:
        """Give every connection back."""
        await self.readiness.close()
        if self.planned is not None:
            await self.planned.read_connections.close()
        await self.engine.dispose()

    async def refuse_open_walls(self) -> None:
        """Raise OpenWalls where the database does not keep the organizations apart."""
        async with self.probe_engine.connect() as connection:
            wall = await connection.run_sync(row_security.inspect)
        if wall.complaint:
            raise RowSecurityMissing(
                f"{wall.complaint} Run the migrations, or ask an administrator."
            )
        if wall.login_owns_tables:
            _log.warning(
                "database_user_owns_tables",
                remedy="Connect as a user who owns no table, and set DATABASE_MIGRATION_URL.",
            )


def create_app(demo: Sequence[DemoLogin] = ()) -> ASGIApp:
    """Return the application that the environment describes.

    Args:
        demo: accounts that the IDE offers to sign in with; none in production.

    Raises:
        ConfigurationError: the environment is unfit.
    """
    found = settings()
    return Application.of(found, create_engine(found), demo).asgi


def derived(secret: str, purpose: str) -> bytes:
    """Return the 32-byte key that one purpose draws from SECRET_KEY (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=f"qgp {purpose}".encode()).derive(secret.encode())


def _note(noted: dict[str, Any], context: Context) -> None:
    """Note who asked, and which parts were read from plans."""
    if context.principal is not None:
        noted.update(engine_setup.caller_log_fields(context.principal))
    noted["read_by"] = "partial plan" if context.sent else "resolvers"
    noted["parts"] = [vars(part) for part in context.sent]


def _metrics(application: Application) -> list[BaseRoute]:
    """Return the route for scrapers; in production there is none without a token."""
    token = application.found.metrics_token
    if token is None and application.found.is_production:
        return []
    return [
        metrics.route(_collectors(application), token=token.get_secret_value() if token else None)
    ]


def _collectors(application: Application) -> list[Collector]:
    """Return what is told beside the process itself."""
    pools, lines = {"resolvers": application.engine}, dict(application.admission.lines)
    collectors: list[Collector] = [COUNTS]
    if (planned := application.planned) is not None:
        connections = planned.read_connections
        pools["reads"], lines["read connections"] = connections.engine, connections.queue
        collectors.append(EngineMetrics(planned))
    return [*collectors, PoolMetrics(pools, lines)]


def _routes(application: Application) -> list[BaseRoute]:
    settings = application.found
    text = schema.sdl(application.schema)
    return [
        *health.routes(application.readiness),
        *(ide.routes(query=FIRST_QUERY, demo=application.demo) if settings.ide else ()),
        Route("/graphql", application.graphql),  # for `/graphql/`, which is sent there
        *application.exports.routes(),
        *_metrics(application),
        endpoint.route(application.database, application.services),
        sdl.route(text, may_read=application.may_read_schema),
    ]
