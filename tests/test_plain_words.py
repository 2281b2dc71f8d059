"""Lint refuses names of variables and descriptions of the schema that state nothing."""

from pathlib import Path

import pytest

from tests.plain_words import SCHEMA, banned_names, problems, questions

BINDINGS = {
    "assignment": ("found = 1", "found"),
    "annotated assignment": ("told: str = ''", "told"),
    "unpacking": ("(a, [*given]) = b", "given"),
    "loop": ("for known in rows: pass", "known"),
    "comprehension": ("x = [wanted for wanted in rows]", "wanted"),
    "walrus": ("if (made := 1): pass", "made"),
    "context": ("with open(x) as here: pass", "here"),
    "exception": ("try: pass\nexcept OSError as there: pass", "there"),
    "pattern": ("match x:\n    case [way]: pass", "way"),
    "parameter": ("def f(a, /, own): pass", "own"),
    "keyword parameter": ("def f(*, asked=1): pass", "asked"),
    "lambda": ("f = lambda told: 1", "told"),
    "nested": ("class A:\n    def f(self):\n        own = 1", "own"),
}


@pytest.mark.parametrize(("source", "name"), BINDINGS.values(), ids=BINDINGS)
def test_a_banned_name_is_refused_wherever_it_is_bound(source: str, name: str) -> None:
    assert [bound for _, bound in banned_names(source)] == [name]


@pytest.mark.parametrize(
    "source",
    [
        "rows = 1",
        "found_rows = 1",
        "print(found)",
        "x.found = 1",
        "f(given=1)",
        "x = {'told': 1}",
        "def told(): pass",
        "# own = 1",
    ],
)
def test_other_uses_of_the_words_are_free(source: str) -> None:
    assert [*banned_names(source)] == []


SDL = '''
"""What it is."""
type A {
  """Who did it."""
  a(
    """How many."""
    first: Int
  ): Int
  """Whether it is so."""
  b: Boolean
  """Whatever the client sent."""
  c: Int
}

enum B {
  """Where it is."""
  ONE
  """The second."""
  TWO
}

"""Name of a thing."""
scalar C

input D {
  """What is new."""
  d: Int
}
'''


def test_a_description_that_begins_like_a_question_is_refused() -> None:
    assert [*questions(SDL)] == [
        ("A", "What it is."),
        ("A.a", "Who did it."),
        ("A.a.first", "How many."),
        ("B.ONE", "Where it is."),
        ("D.d", "What is new."),
    ]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with three problems."""
    for folder in ("qgp", "tests/kit", "bench/.venv", "alembic", "schema"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "qgp/a.py").write_text("x = 1\nfound = 2\n")
    (tmp_path / "tests/kit/b.py").write_text("rows = 1\n")
    (tmp_path / "bench/.venv/c.py").write_text("found = 1\n")
    (tmp_path / "alembic/env.py").write_text("def f(own): pass\n")
    (tmp_path / SCHEMA).write_text('scalar A\n"How it is."\nscalar B\n')
    return tmp_path


def test_a_problem_names_its_place(repository: Path) -> None:
    assert [*problems(repository)] == [
        "alembic/env.py:1: `own` says nothing of the value it holds.",
        "qgp/a.py:2: `found` says nothing of the value it holds.",
        "schema/schema.graphql: B is described by a question: 'How it is.'",
    ]
