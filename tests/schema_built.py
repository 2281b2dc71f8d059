"""The schema, built before processes of the product are forked, which then share it.

`tests.preloading` imports this.
"""

from qgp import schema

schema.build()
