"""Judges whether both interpreters agree: random operations over the live schema, byte by byte.

`python -m tests.engine.agreement --operations 20000 --seed 1`. One operation goes this way:
`documents` writes a document (`scope` keeps its fields mergeable, `arguments` and `values` fill it
with what `known` has seen, `variables` take some of that out, `spoiling` breaks it now and then),
`people` ask it, `comparison` compares what both `interpreters` answer, `coverage` notes what was
reached, `shrinking` makes a disagreement small, `report` tells.
"""
