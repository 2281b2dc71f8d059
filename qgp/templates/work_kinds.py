"""Kind of work on template versions that waits for approvers."""

from qgp.kit.pending_work import work_of_transitions
from qgp.templates.workflow import VERSION

APPROVE_TEMPLATE_VERSION = work_of_transitions(
    "APPROVE_TEMPLATE_VERSION",
    "A template version that another person submitted is IN_APPROVAL: publish or reject it.",
    VERSION,
    "templateVersionPublish",
)
