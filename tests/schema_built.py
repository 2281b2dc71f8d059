"""The schema, built before processes of the product are forked, which then share it.

`tests.preloading` imports this.
"""

from qgp import schema
from tests.schema_once import schema_of

schema.build = schema_of
schema_of()
