"""The steps of a world, module by module: each finds what those before it made."""

from tests.isolation.steps import (
    actions,
    attachments,
    audits,
    capas,
    comments,
    evidence,
    findings,
    organizations,
    processes,
    programmes,
    signatures,
    standards,
    templates,
    users,
)

MODULES = (
    organizations,
    users,
    standards,
    processes,
    templates,
    programmes,
    findings,
    audits,
    actions,
    capas,
    comments,
    evidence,
    attachments,
    signatures,
)
STEPS = tuple(step for module in MODULES for step in module.STEPS)
