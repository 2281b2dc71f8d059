"""Agreement of both read paths: random operations over the live schema, byte by byte.

`python -m tests.engine.agreement --operations 20000 --seed 1`. One operation goes this way:
`documents` writes a document (`scope` keeps its fields mergeable, `arguments` and `values` fill it
from `sample_data`, `variables` replace some of the values, `invalid_documents` breaks some),
`people` are its callers, `comparison` compares the answers of both paths, `coverage`
records the fields reached, `shrinking` reduces a disagreement, `report` writes it.
"""
