"""Services of one process for commands and background work, beside those of signing in."""

from qgp import schema
from qgp.authentication.keyring import derive_key
from qgp.egress.client import EgressClient
from qgp.kit.background import BackgroundTasks
from qgp.kit.event_signals import EventSignals
from qgp.kit.gql.csv_sources import LongImports
from qgp.kit.secret_box import SecretBox
from qgp.mail.mailer import Mailer
from qgp.mail.unsubscribe import Unsubscribing
from qgp.settings import Settings
from qgp.worker.queue import TransactionalPgQueue


def process_services(settings: Settings, signals: EventSignals) -> tuple[object, ...]:
    """Return the services that the settings describe, and those that modules provide.

    Args:
        settings: of the process.
        signals: of new events.
    """
    return (
        BackgroundTasks(),
        LongImports(),
        signals,
        Mailer.of(settings),
        Unsubscribing.of(settings),
        EgressClient(allows_this_machine=not settings.is_production),
        SecretBox(derive_key(settings.secret, "secret box")),
        TransactionalPgQueue(),
        *schema.PROVIDED,
    )
