"""Documents made to exhaust a server, all short enough to arrive; each must be refused cheaply."""

WIDE = 5_000


def nested_fragments(levels: int) -> str:
    """Each fragment spreads the next one twice: 2^levels fields in 35 bytes per level."""
    parts = ["{ clause { ...F0 } }"]
    for level in range(levels):
        spread = f"...F{level + 1} " * 2
        parts.append(f"fragment F{level} on Clause {{ {spread} }}")
    return " ".join([*parts, f"fragment F{levels} on Clause {{ id }}"])


def nested_fields(levels: int) -> str:
    """The same through aliased fields, so that nothing merges."""
    parts = ["{ clause { ...F0 } }"]
    for level in range(levels):
        below = f"...F{level + 1}"
        parts.append(
            f"fragment F{level} on Clause {{ a: parent {{ {below} }} b: parent {{ {below} }} }}"
        )
    return " ".join([*parts, f"fragment F{levels} on Clause {{ id }}"])


def deep(levels: int) -> str:
    return "{ clause " + "{ parent " * levels + "{ id }" + " }" * levels + " }"


def chain(levels: int) -> str:
    """Fragments that spread one another in a long row."""
    parts = [f"fragment F{n} on Clause {{ parent {{ ...F{n + 1} }} }}" for n in range(levels)]
    return " ".join(["{ clause { ...F0 } }", *parts, f"fragment F{levels} on Clause {{ id }}"])


def pages(levels: int) -> str:
    below = "id"
    for _ in range(levels):
        below = f"children(first: 100) {{ nodes {{ {below} }} }}"
    return f"{{ clauses(first: 100) {{ nodes {{ {below} }} }} }}"


def circular_introspection(levels: int) -> str:
    below = "name"
    for _ in range(levels):
        below = f"fields {{ type {{ {below} }} }}"
    return f"{{ __schema {{ types {{ {below} }} }} }}"


def overlapping(fragments: int) -> str:
    """Fragments with one field each, which validation compares pair by pair."""
    spreads = " ".join(f"...F{n}" for n in range(fragments))
    parts = [f"fragment F{n} on Clause {{ parent {{ id }} }}" for n in range(fragments)]
    return " ".join([f"{{ clause {{ {spreads} }} }}", *parts])


def spreading(levels: int, chain: int) -> str:
    """A chain of fragments at the end of each of 2^levels paths."""
    parts = [nested_fields(levels).removesuffix("{ id }") + "{ ...C0 }"]
    parts += [f"fragment C{n} on Clause {{ ...C{n + 1} }}" for n in range(chain)]
    return " ".join([*parts, f"fragment C{chain} on Clause {{ id }}"])


ATTACKS = {
    "overlapping fragments": overlapping(80),
    "spreads at every end": spreading(7, 60),
    "fragments, 2^18": nested_fragments(18),
    "fragments, 2^22": nested_fragments(22),
    "fragments, 2^60": nested_fragments(60),
    "fragments of fields, 2^18": nested_fields(18),
    "fragments of fields, 2^35": nested_fields(35),
    "unused fragments, 2^60": nested_fragments(60).replace(
        "{ clause { ...F0 } }", "{ __typename }"
    ),
    "1,000 aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(1_000)) + " }",
    "300 aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(300)) + " }",
    "a fragment within itself": "{ clause { ...A } } fragment A on Clause { id ...A }",
    "fragments in a circle": "{ clause { ...A } } fragment A on Clause { ...B } "
    "fragment B on Clause { parent { ...A } }",
    "1,000 directives": "{ __typename " + "@include(if: true) " * 1_000 + "}",
    "140 directives": "{ __typename " + "@include(if: true) " * 140 + "}",
    "900 unknown directives": "{ __typename " + "@a " * 450 + "}",
    "deep, 13": deep(12),
    "deep, 300": deep(300),
    "braces, 1,900": "{ a " * 1_900,
    "inline fragments, 150": "{ " + "... { " * 150 + "__typename" + " }" * 151,
    "a chain of fragments": chain(80),
    "wide, unknown fields": "{ " + " ".join(f"f{n}" for n in range(WIDE)) + " }",
    "wide, 990 unknown fields": "{ " + " ".join(f"f{n}" for n in range(990)) + " }",
    "one field 990 times": "{ " + "__typename " * 990 + "}",
    "one field 900 times below": "{ clause { " + "id " * 900 + "} }",
    "one object 240 times": "{ clause { " + "parent { id } " * 240 + "} }",
    "60 operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(60)),
    "pages of pages": pages(3),
    "lists of lists": "{ clauses { nodes " + "{ ancestors " * 5 + "{ id }" + " }" * 5 + " } }",
    "circular introspection": circular_introspection(3),
    "deep introspection": circular_introspection(12),
    "40,000 spaces": "{ __typename }" + " " * 40_000,
    "comments": "#\n" * 200 + "{ __typename }",
    "6 mutations": "mutation { "
    + " ".join(f'm{n}: clauseCreate(input: {{title: "x"}})' for n in range(6))
    + " }",
    "2 log-ins": 'mutation { a: login(password: "1") b: login(password: "2") }',
    "log-ins in fragments": "mutation { ...A ...B } "
    'fragment A on Mutation { a: login(password: "1") } '
    'fragment B on Mutation { b: login(password: "2") }',
}
VALIDATED = {  # refused by a rule of graphql-core's validation
    "a fragment within itself",
    "fragments in a circle",
    "circular introspection",
}
