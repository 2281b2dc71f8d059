"""Routes of the application: GraphQL, IDE, CSV, files, calendars, health, metrics, mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client.registry import Collector
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import BaseRoute, Route

from qgp.authentication.services import Services
from qgp.calendar_feed.endpoint import CalendarFeeds
from qgp.engine.engine import Engine
from qgp.engine.metrics import EngineMetrics
from qgp.file_transfer import endpoint
from qgp.http import health, ide, metrics, sdl
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.exports import Exports
from qgp.http.ide import DemoLogin
from qgp.http.imports import Imports
from qgp.http.pool_metrics import PoolMetrics
from qgp.http.request_metrics import COUNTS
from qgp.http.schema import LimitedSchema
from qgp.kit.session import Database
from qgp.mail.development_mail import DevelopmentMail
from qgp.mail.mailer import Mailer
from qgp.mail.metrics import MailMetrics
from qgp.mail.pages import DevelopmentPages
from qgp.mail.unsubscribe import MailPreferences, UnsubscribePage, Unsubscribing
from qgp.request_context import Contexts
from qgp.schema import calendar_dates
from qgp.schema import sdl as schema_text
from qgp.settings import Settings
from qgp.worker.metrics import JobMetrics

FIRST_QUERY = """{
  viewer { user { name role } organization { name } }
  standardCatalogue { code title status requirementCount adopted { id } }
}
"""


@dataclass(frozen=True, kw_only=True)
class Routed:
    """Endpoints and services that the routes serve.

    Attributes:
        engine: pool of the resolvers' connections.
        read_engine: engine of the planned reads, if there is one.
        demo: accounts that the IDE offers to sign in with.
    """

    settings: Settings
    schema: LimitedSchema
    graphql: GraphQLEndpoint
    exports: Exports
    imports: Imports
    readiness: health.Readiness
    database: Database
    services: Services
    engine: AsyncEngine
    read_engine: Engine | None
    contexts: Contexts
    demo: Sequence[DemoLogin]
    job_metrics: JobMetrics


def routes(routed: Routed) -> list[BaseRoute]:
    """Return the routes of one process."""
    return [
        *health.routes(routed.readiness),
        *(ide.routes(query=FIRST_QUERY, demo=routed.demo) if routed.settings.ide else ()),
        Route("/graphql", routed.graphql),  # for `/graphql/`, which is redirected there
        *routed.exports.routes(),
        *routed.imports.routes(),
        *_metrics(routed),
        *_mail(routed),
        endpoint.route(routed.database, routed.services),
        _calendar_feeds(routed).route(),
        _schema(routed),
    ]


def _schema(routed: Routed) -> Route:
    """Return the route of the schema as text, for callers who may introspect it."""
    may_read = None if routed.settings.introspection else routed.contexts.is_signed_in
    return sdl.route(partial(schema_text, routed.schema), may_read=may_read)


def _calendar_feeds(routed: Routed) -> CalendarFeeds:
    settings = routed.settings
    return CalendarFeeds(routed.database, calendar_dates(), settings.app_url)


def _metrics(routed: Routed) -> list[BaseRoute]:
    """Return the route of the metrics; in production there is none without a token."""
    token = routed.settings.metrics_token
    if token is None and routed.settings.is_production:
        return []
    return [metrics.route(_collectors(routed), token=token.get_secret_value() if token else None)]


def _mail(routed: Routed) -> list[BaseRoute]:
    """Return the kept messages of development, and the addresses to unsubscribe at."""
    services, pages = routed.services.by_type, list[BaseRoute]()
    transport = services[Mailer].transport
    if isinstance(transport, DevelopmentMail):
        pages += DevelopmentPages(transport).routes()
    if (preferences := services.get(MailPreferences)) is not None:
        page = UnsubscribePage(services[Unsubscribing], preferences, routed.database)
        pages.append(page.route())
    return pages


def _collectors(routed: Routed) -> list[Collector]:
    """Return the metrics of requests, mail, pools, queues and planned reads."""
    pools, queues = {"resolvers": routed.engine}, dict(routed.graphql.admission.queues)
    collectors: list[Collector] = [COUNTS, MailMetrics(routed.services.by_type[Mailer])]
    collectors += routed.job_metrics.collectors
    if (engine := routed.read_engine) is not None:
        connections = engine.read_connections
        pools["reads"], queues["read connections"] = connections.engine, connections.queue
        collectors.append(EngineMetrics(engine))
    return [*collectors, PoolMetrics(pools, queues)]
