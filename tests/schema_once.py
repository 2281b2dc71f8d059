"""The product's schema, built once for the processes of the same settings.

`tests.preloading` imports this before it forks.
"""

from functools import cache

from qgp import schema
from qgp.http.limits import Limits
from qgp.http.schema import LimitedSchema

_build = cache(schema.build)


def build(limits: Limits | None = None, *, introspection: bool = True) -> LimitedSchema:
    """Return the schema of these settings."""
    return _build(limits or Limits(), introspection=introspection)


schema.build = build
schema.build()
