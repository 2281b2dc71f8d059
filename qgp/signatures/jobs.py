"""Background work of signatures: those whose signed content has changed."""

from qgp.kit.background_jobs import EventConsumer
from qgp.kit.operator_actions import OperatorAction
from qgp.signatures.service import report_superseded

superseded = EventConsumer("signatures", OperatorAction.SIGNATURES_SUPERSEDE, report_superseded)
