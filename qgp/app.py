"""ASGI application: everything that one process serves with, built from the settings."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from qgp import (
    export_links,
    garbage_collection,
    interrupted_imports,
    memory_allocation,
    migrations,
    schema,
)
from qgp.authentication import file_addresses
from qgp.authentication.bearer_tokens import BearerTokens
from qgp.authentication.keyring import derive_key
from qgp.authentication.services import Services
from qgp.background_work import BackgroundWork
from qgp.engine.engine import Engine
from qgp.engine_setup import EngineReader, EngineSetup, EngineWriter
from qgp.http import health, http_errors, pooler
from qgp.http.admission import Admission
from qgp.http.draining import Drain
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.exports import Exports
from qgp.http.ide import DemoLogin
from qgp.http.imports import Imports
from qgp.http.middleware import with_middleware
from qgp.http.persisted import PersistedDocuments
from qgp.http.schema import LimitedSchema
from qgp.kit.availability import Availability
from qgp.kit.background import BackgroundTasks
from qgp.kit.context import Context
from qgp.kit.event_feed import EventFeed
from qgp.kit.event_signals import EventSignals
from qgp.kit.event_visibility import EventVisibility
from qgp.kit.export_links import ExportLinks
from qgp.kit.session import Database
from qgp.kit.stored_documents import StoredDocuments
from qgp.pools import admission_limits, create_database, create_engine, create_probe_engine
from qgp.process_services import process_services
from qgp.request_context import Contexts
from qgp.routes import Routed, routes
from qgp.row_security_check import require_row_security
from qgp.settings import Settings, WorkerPlace, settings
from qgp.startup import supervised
from qgp.stored_documents import stored_documents


@dataclass(frozen=True)
class Application:
    """Services, engines and endpoints of one process."""

    settings: Settings
    engine: AsyncEngine
    database: Database
    services: Services
    drain: Drain
    cursor_key: bytes
    demo: Sequence[DemoLogin] = ()

    @classmethod
    def of(
        cls, settings: Settings, engine: AsyncEngine, demo: Sequence[DemoLogin] = ()
    ) -> "Application":
        """Build the application on a pool of connections; commands use it without serving.

        Raises:
            ConfigurationError: a secret is not set.
        """
        schema.compose()
        signals = EventSignals()
        return cls(
            settings=settings,
            engine=engine,
            database=create_database(engine, settings, signals.announce),
            services=Services.of(settings, *process_services(settings, signals)),
            drain=Drain(settings.drain_seconds, work_seconds=max(settings.stop_seconds - 1, 0)),
            cursor_key=derive_key(settings.secret, "cursor"),
            demo=demo,
        )

    @property
    def availability(self) -> Availability:
        """Availability of the database, as this process sees it."""
        return self.database.availability

    @property
    def background(self) -> BackgroundTasks:
        """Tasks that outlast the requests that start them."""
        return self.services.by_type[BackgroundTasks]

    @cached_property
    def background_work(self) -> BackgroundWork:
        """Signals of new events, and the worker, whose jobs read the types of the schema."""
        declared = schema.background_work()
        _ = self.schema  # is built before the first job, in a process that serves nothing too
        services = self.services.by_type.with_(self.stored_documents)
        return BackgroundWork(self.settings, self.database, services, declared)

    @cached_property
    def probe_engine(self) -> AsyncEngine:
        """Connections that examine the database, at the start and for `/readyz`."""
        return create_probe_engine(self.settings)

    @cached_property
    def readiness(self) -> health.Readiness:
        """Readiness of the process, checked on a connection of its own."""
        applied = migrations.Compatibility.of_code().problem
        return health.Readiness(
            self.probe_engine,
            checks=[applied] if self.settings.database_pgbouncer else [pooler.problem, applied],
            is_draining=lambda: self.drain.has_begun,
            availability=self.availability,
        )

    @cached_property
    def schema(self) -> LimitedSchema:
        """GraphQL schema of `/graphql`."""
        return schema.build(self.settings.limits, introspection=self.settings.introspection)

    @cached_property
    def engine_setup(self) -> EngineSetup:
        """Set-up of the engine of planned operations."""
        return EngineSetup(self.settings, self.schema, self.database, self.cursor_key)

    @cached_property
    def read_engine(self) -> Engine | None:
        """Engine of planned operations; None if the resolvers execute every operation."""
        return self.engine_setup.engine() if self.settings.planned_reads else None

    @cached_property
    def reader(self) -> EngineReader | None:
        """Reader of the endpoint's planned reads, or None."""
        engine, sessions = self.read_engine, self.services.sessions
        return None if engine is None else self.engine_setup.reader(engine, sessions)

    @cached_property
    def writer(self) -> EngineWriter | None:
        """Writer of the endpoint's planned mutations, or None."""
        engine = self.read_engine
        return None if engine is None else self.engine_setup.writer(engine, self.contexts.new)

    @cached_property
    def graphql(self) -> GraphQLEndpoint:
        """Endpoint of `/graphql`."""
        return GraphQLEndpoint(
            self.schema,
            limits=self.settings.limits,
            open_context=self.open_context,
            get=self.settings.graphql_get,
            persisted=PersistedDocuments(is_on=self.settings.apq),
            reader=self.reader,
            writer=self.writer,
            explain=not self.settings.is_production,
            admission=self.admission,
            identify=self.bearer_tokens.user_id,
            availability=self.availability,
            expiry=self.bearer_tokens.expiry,
        )

    @cached_property
    def exports(self) -> Exports:
        """Endpoint of the CSV exports, below `/exports/`."""
        opened = partial(export_links.opened, self.open_context, self.database, self.services)
        return Exports(self.schema, self.settings.limits, opened, availability=self.availability)

    @cached_property
    def imports(self) -> Imports:
        """Endpoint of the CSV imports, below `/imports/`."""
        return Imports(
            self.schema, self.settings.limits, self.open_context, availability=self.availability
        )

    @cached_property
    def export_links(self) -> ExportLinks:
        """Service that issues links to exports."""
        return ExportLinks(partial(export_links.create, self.exports))

    @cached_property
    def stored_documents(self) -> StoredDocuments:
        """Service that checks and executes the queries that modules keep."""
        return stored_documents(self.settings, lambda: self.schema, lambda: self.contexts)

    @cached_property
    def admission(self) -> Admission:
        """Queues in which requests wait to be admitted."""
        return Admission(admission_limits(self.settings))

    @property
    def bearer_tokens(self) -> BearerTokens:
        """What access tokens say of themselves."""
        return BearerTokens(self.services.signer)

    @cached_property
    def asgi(self) -> ASGIApp:
        """The ASGI application with its routes and middleware."""
        settings = self.settings
        max_in_flight = settings.max_in_flight + settings.max_waiting
        return with_middleware(
            Starlette(
                routes=routes(self._routed()),
                lifespan=self.lifespan,
                exception_handlers=http_errors.EXCEPTION_HANDLERS,
            ),
            origins=settings.cors_origins,
            logged_client=settings.log_client,
            request_headers=settings.cors_headers,
            max_in_flight=max_in_flight,
            max_per_address=max_in_flight // 2,
            by_path={"/graphql": self.graphql},
            uncompressed=(file_addresses.PATH,),
            public_url=settings.public_url,
        )

    def _routed(self) -> Routed:
        return Routed(
            settings=self.settings,
            schema=self.schema,
            graphql=self.graphql,
            exports=self.exports,
            imports=self.imports,
            readiness=self.readiness,
            database=self.database,
            services=self.services,
            engine=self.engine,
            read_engine=self.read_engine,
            contexts=self.contexts,
            demo=self.demo,
            job_metrics=self.background_work.metrics,
        )

    @cached_property
    def contexts(self) -> Contexts:
        """Contexts of the operations."""
        engine, signals = self.read_engine, self.services.by_type[EventSignals]
        engines = [] if engine is None else [engine]
        live = EventFeed(self.database, signals), EventVisibility.of(self.database)
        lent = (self.export_links, self.stored_documents, *live)
        services = self.services.by_type.with_(*engines, *lent)
        check = None if engine is None else self.engine_setup.session_revalidation(engine)
        return Contexts(self.settings, self.database, self.cursor_key, services, check)

    def open_context(self, request: Request) -> AbstractAsyncContextManager[Context]:
        """Open the context of one request."""
        return self.contexts.open(request)

    @asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncIterator[None]:
        """Serve, also while the database does not answer, then close the connections."""
        garbage_collection.raise_thresholds()
        garbage_collection.freeze_loaded()
        memory_allocation.keep_freed()
        self.drain.at_stop.append(self.graphql.live_connections.stop)
        async with supervised(
            self.readiness,
            self.drain,
            check=self._check_database,
            seconds=self.settings.database_start_seconds,
        ):
            self.background.start(interrupted_imports.recover(self.database))
            works = self.settings.worker is WorkerPlace.EMBEDDED
            self.background.start(self.background_work.run(works=works))
            yield
        await self.close()

    async def _check_database(self) -> None:
        if self.settings.is_production:
            await require_row_security(self.probe_engine)
        else:
            async with self.probe_engine.connect():
                pass

    async def close(self) -> None:
        """End the background tasks, and close every connection."""
        await self.background.close()
        await self.readiness.close()
        if self.read_engine is not None:
            await self.read_engine.read_connections.close()
        await self.engine.dispose()


def create_app(demo: Sequence[DemoLogin] = ()) -> ASGIApp:
    """Return the application that the environment describes.

    Args:
        demo: accounts that the IDE offers to sign in with; none in production.

    Raises:
        ConfigurationError: a setting is invalid.
    """
    current = settings()
    return Application.of(current, create_engine(current), demo).asgi
