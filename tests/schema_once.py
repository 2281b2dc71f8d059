"""The schema of given settings, built once in a process and in those that are forked from it."""

from functools import cache

from qgp import schema
from qgp.http.limits import Limits
from qgp.http.schema import LimitedSchema

build = schema.build


def schema_of(limits: Limits | None = None, *, introspection: bool = True) -> LimitedSchema:
    """Return the schema of these settings."""
    return _schema_of(limits or Limits(), introspection)


@cache
def _schema_of(limits: Limits, introspection: bool) -> LimitedSchema:
    return build(limits, introspection=introspection)
