"""Rules of the GraphQL schema: described, guarded, reachable, never broken."""

import re
import subprocess
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    get_named_type,
    get_nullable_type,
    graphql_sync,
    lexicographic_sort_schema,
)
from graphql.pyutils import Undefined

from qgp import schema
from qgp.accounts.policy import OWN
from qgp.http.limits import Limits
from qgp.kit.gql import Public, Requires
from qgp.kit.gql.bounds import bound_of
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.gql.declarations import DECLARED, Relation
from qgp.kit.gql.fields import TYPES
from qgp.kit.model import records
from qgp.kit.policy import Permission, Role
from qgp.kit.visibility import NODES
from tests.kit.built import (
    BUILT,
    GRAPHQL,
    OWN_TYPES,
    PUBLIC,
    declared,
    elements,
    fields,
    mutations,
    roots,
)

SNAPSHOT = Path(__file__).parent.parent / "schema" / "schema.graphql"
# Defaults that depend on more than the argument, and so are told in words.
COMPUTED = {
    "CommentCreateInput.visibility",
    "FileUploadCreateInput.sizeBytes",
    "ProgrammeItemPlanAuditInput.type",
    "QuestionCreateInput.maxScore",
}


def test_every_element_says_what_it_means() -> None:
    assert [name for name, element in elements() if not (element.description or "").strip()] == []


def test_descriptions_are_sentences() -> None:
    untidy = [
        name
        for name, element in elements()
        if not re.fullmatch(r"[A-Z0-9`'.\"A-z].*[.…)!?]", element.description.strip(), re.DOTALL)
    ]
    assert untidy == []


def test_scalars_of_ours_name_their_specification() -> None:
    scalars = [kind for kind in OWN_TYPES.values() if isinstance(kind, GraphQLScalarType)]
    assert {kind.name for kind in scalars} >= {"DateTime", "Date", "URL"}
    assert [kind.name for kind in scalars if not kind.specified_by_url] == []


def test_every_root_field_is_guarded_or_public_by_intent() -> None:
    guards = {
        name: [type(e) for e in declared(field).extensions] for name, field in roots().items()
    }
    assert {name for name, kinds in guards.items() if Public in kinds} == PUBLIC
    assert [n for n, kinds in guards.items() if n not in PUBLIC and Requires not in kinds] == []


def test_the_guard_of_a_root_field_is_its_outermost_extension() -> None:
    inner = [
        name
        for name, field in roots().items()
        if name not in PUBLIC and not isinstance(declared(field).extensions[-1], Requires)
    ]
    assert inner == []


def test_every_relation_is_loaded_with_a_permission() -> None:
    loaded = {
        name: field.metadata[DECLARED]
        for name, field in fields()
        if isinstance(field.metadata.get(DECLARED), Relation | Listing)
    }
    assert len(loaded) > 20
    for name, relation in loaded.items():
        read = relation.loader.read if isinstance(relation, Relation) else relation.read
        assert isinstance(read, Permission), name


def test_records_are_shown_through_declared_relations_alone() -> None:
    """A field of a record's type that no loader feeds would dodge the permission."""
    shown = {kind.__name__ for kind in TYPES.values()}
    made_afresh = re.compile(r"(Payload|Edge|Connection)\.")
    undeclared = [
        name
        for name, field in fields()
        if str(get_named_type(GRAPHQL.type_map[name.split(".")[0]].fields[field_name(name)].type))  # type: ignore[attr-defined]  # objects and interfaces only
        in shown
        and not isinstance(field.metadata.get(DECLARED), Relation | Listing)
        and not made_afresh.search(name)
        and not name.startswith("Query.")
    ]
    by_their_guarded_roots = {
        "CatalogueEntry.adopted",
        "ReminderSchedule.rule",
        "TransitionGap.newer",
        "TransitionGap.older",
        "WorkItem.onBehalfOf",
    }
    assert set(undeclared) == by_their_guarded_roots


def field_name(name: str) -> str:
    return name.split(".")[1]


def test_every_record_can_be_reached_by_node() -> None:
    assert GRAPHQL.query_type
    assert {loader.model for loader in NODES.values()} == set(records().values())
    assert set(TYPES) == set(records().values())
    shown = {kind.__name__ for kind in TYPES.values()}
    node = GRAPHQL.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {kind.name for kind in GRAPHQL.get_possible_types(node)} == shown


def test_every_record_has_a_singular_and_a_plural_root() -> None:
    assert GRAPHQL.query_type
    singular = {name[0].lower() + name[1:] for name in (k.__name__ for k in TYPES.values())}
    singular.remove("organization")  # hangs on `viewer`; there is only one
    plural = {re.sub("y$", "ie", re.sub("is$|(?<=ss)$", "e", name)) + "s" for name in singular}
    assert singular | plural <= set(GRAPHQL.query_type.fields)


def test_root_fields_are_nullable() -> None:
    """A failed root field does not remove its siblings."""
    firm = {name for name, field in roots().items() if isinstance(field.type, GraphQLNonNull)}
    assert firm == set()


def test_connections_carry_no_nulls() -> None:
    for name, kind in OWN_TYPES.items():
        if name.endswith("Connection") and isinstance(kind, GraphQLObjectType):
            for field in ("edges", "nodes"):
                listed: Any = kind.fields[field].type
                assert isinstance(listed, GraphQLNonNull), f"{name}.{field}"
                assert isinstance(listed.of_type, GraphQLList), f"{name}.{field}"
                assert isinstance(listed.of_type.of_type, GraphQLNonNull), f"{name}.{field}"


def test_every_plain_list_declares_its_bound_and_says_it() -> None:
    silent = []
    for name, kind in OWN_TYPES.items():
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            continue
        if "pageInfo" in kind.fields:  # bounded by its page
            continue
        for field_name, field in kind.fields.items():
            if not isinstance(get_nullable_type(field.type), GraphQLList):
                continue
            bound = bound_of(field)
            if not bound or not field.description.endswith(f"at most {bound.most:,}."):
                silent.append(f"{name}.{field_name}")
    assert silent == []


def test_no_record_has_more_fields_than_a_change_of_it_may_show() -> None:
    entry = OWN_TYPES["TrailEntry"]
    assert isinstance(entry, GraphQLObjectType)
    bound = bound_of(entry.fields["changes"])
    assert bound is not None
    assert max(len(kind.__table__.columns) for kind in records().values()) <= bound.most


def test_values_of_an_enum_stand_in_the_order_of_their_declaration() -> None:
    snapshot = parsed(SNAPSHOT.read_text())
    enums = {name: kind for name, kind in OWN_TYPES.items() if isinstance(kind, GraphQLEnumType)}
    assert len(enums) > 90
    for name, kind in enums.items():
        order = [value.name for value in kind.extensions["strawberry-definition"].wrapped_cls]
        assert list(kind.values) == order
        written = snapshot.type_map[name]
        assert isinstance(written, GraphQLEnumType)
        assert list(written.values) == order


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("FindingGrade", "MAJOR MINOR OBSERVATION OFI GOOD_PRACTICE"),
        ("CapaPriority", "LOW MEDIUM HIGH CRITICAL"),
        ("StandardStatus", "DRAFT ACTIVE SUPERSEDED WITHDRAWN"),
        ("UserStatus", "INVITED ACTIVE SUSPENDED WITHDRAWN"),
        ("OrderDirection", "ASC DESC"),
        (
            "SiteOrderField",
            "CODE NAME PARENT_NAME CREATED_AT UPDATED_AT CREATED_BY_NAME UPDATED_BY_NAME",
        ),
    ],
)
def test_enums_are_shown_in_their_business_order(name: str, order: str) -> None:
    assert f"enum {name} {{" in SNAPSHOT.read_text()
    answer = graphql_sync(GRAPHQL, f'{{ __type(name: "{name}") {{ enumValues {{ name }} }} }}')
    assert answer.data
    assert " ".join(v["name"] for v in answer.data["__type"]["enumValues"]) == order


def inputs() -> dict[str, GraphQLArgument | GraphQLInputField]:
    """Arguments and input fields."""
    kinds = (GraphQLArgument, GraphQLInputField)
    return {name: element for name, element in elements() if isinstance(element, kinds)}


def test_no_default_is_null() -> None:
    assert [name for name, argument in inputs().items() if argument.default_value is None] == []


def test_every_list_is_paged_by_25_rows_and_its_schema_says_so() -> None:
    first = {name: argument for name, argument in inputs().items() if name.endswith("(first)")}
    assert len(first) > 100
    assert {argument.default_value for argument in first.values()} == {25}
    assert SNAPSHOT.read_text().count("    first: Int = 25\n") == len(first)


def test_the_default_of_a_page_is_the_one_of_the_settings() -> None:
    text = schema.sdl(schema.build(Limits(page_default=10)))
    assert "    first: Int = 10\n" in text
    assert "    first: Int = 25\n" not in text


def test_a_constant_default_that_a_description_states_is_declared_as_well() -> None:
    constant = r"(\d+|[A-Z_]{2,}|true|false|null)\b"
    absent = "(by default|left out|(where it is )?absent|without it|else)"
    words = re.compile(f"\\b{absent}[:,]? {constant}|\\b{constant},? (if )?{absent}")
    described = {
        name for name, argument in inputs().items() if words.search(argument.description or "")
    }
    assert {n for n in described if inputs()[n].default_value is Undefined} <= COMPUTED


def test_the_input_of_a_mutation_is_described_by_its_name() -> None:
    said = {
        name: field.args["input"].description for name, field in mutations().items() if field.args
    }
    assert said == {name: f"Parameters for `{name}`." for name in said}


SHARED = {
    "Commentable": "comments",
    "Attachable": "attachments",
    "Signable": "signatures",
    "HasEvidence": "evidence",
    "HasHistory": "history",
    "Transitionable": "availableTransitions",
}


@pytest.mark.parametrize(("name", "field"), SHARED.items())
def test_every_type_with_a_shared_field_implements_its_interface(name: str, field: str) -> None:
    interface = OWN_TYPES[name]
    assert isinstance(interface, GraphQLInterfaceType)
    node = OWN_TYPES["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    shown = get_named_type(interface.fields[field].type)
    having = [
        kind
        for kind in GRAPHQL.get_possible_types(node)
        if field in kind.fields and get_named_type(kind.fields[field].type) is shown
    ]
    assert len(having) > 1
    assert {kind.name for kind in GRAPHQL.get_possible_types(interface)} == {
        kind.name for kind in having
    }
    assert {base.name for base in interface.interfaces} == {"Node", "Recorded"}
    shared = _signature(interface.fields[field])
    assert {kind.name: _signature(kind.fields[field]) for kind in having} == {
        kind.name: shared for kind in having
    }


def _signature(field: GraphQLField) -> tuple[str, dict[str, tuple[str, Any]]]:
    arguments = {name: (str(one.type), one.default_value) for name, one in field.args.items()}
    return str(field.type), arguments


@pytest.mark.parametrize(
    ("fields", "interface"),
    [
        ("comments(last: 5) { nodes { id body } }", "Commentable"),
        ("history { nodes { action changes { field } } }", "HasHistory"),
        ("evidence(first: 3) { nodes { links { nodes { id } } } }", "HasEvidence"),
    ],
)
def test_a_fragment_on_an_interface_costs_what_it_costs_on_the_type(
    fields: str, interface: str
) -> None:
    on_type, on_interface = (
        f'{{ finding(by: {{id: "fnd_1"}}) {{ ... on {kind} {{ {fields} }} }} }}'
        for kind in ("Finding", interface)
    )
    assert BUILT.cost(on_interface, None, {}) == BUILT.cost(on_type, None, {}) > 2


def test_the_bound_of_an_interface_holds_for_every_type() -> None:
    """The cost counts a fragment on the interface by the bound of the interface."""
    for kind in OWN_TYPES.values():
        if isinstance(kind, GraphQLObjectType):
            for interface in kind.interfaces:
                for name, field in interface.fields.items():
                    if bound := bound_of(field):
                        narrower = bound_of(kind.fields[name])
                        assert narrower is not None
                        assert narrower.most <= bound.most, f"{kind.name}.{name}"


@pytest.mark.parametrize("role", Role)
def test_every_role_reads_its_own_sign_in(role: Role) -> None:
    assert role in OWN.roles


def test_the_snapshot_is_current() -> None:
    """`make schema` writes it."""
    assert SNAPSHOT.read_text() == schema.sdl(BUILT)


@cache
def parsed(sdl: str) -> GraphQLSchema:
    """Return the schema of a text, read once."""
    return build_schema(sdl)


def test_the_snapshot_breaks_no_client_of_the_last_commit() -> None:
    result = subprocess.run(
        ["git", "show", "HEAD:schema/schema.graphql"],
        cwd=SNAPSHOT.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.skip("no committed snapshot, or no git, here")
    breaking = find_breaking_changes(parsed(result.stdout), parsed(SNAPSHOT.read_text()))
    assert [change.description for change in breaking] == []


def test_a_removed_field_would_be_noticed() -> None:
    whole = parsed(SNAPSHOT.read_text())
    less = lexicographic_sort_schema(whole)  # a copy, faster than to parse it again
    del less.type_map["Site"].fields["country"]  # type: ignore[attr-defined]  # an object
    breaking = find_breaking_changes(whole, less)
    assert [change.description for change in breaking] == ["Field Site.country was removed."]


def test_a_deprecated_element_names_its_replacement_and_a_day_at_least_180_days_ahead() -> None:
    noted: dict[str, str] = {}
    for part in SNAPSHOT.with_name("CHANGES.md").read_text().split("\n## ")[1:]:
        _, _, section = part.partition("\n### Deprecated\n")
        names = re.findall(r"^- `([^`]+)`", section.partition("\n### ")[0], re.MULTILINE)
        noted |= dict.fromkeys(names, part.split()[0])
    reasons = {
        f"{kind.name}.{name}": member.deprecation_reason
        for kind in parsed(SNAPSHOT.read_text()).type_map.values()
        for name, member in {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}.items()
        if getattr(member, "deprecation_reason", None)
    }
    assert reasons.keys() == noted.keys()
    for name, reason in reasons.items():
        (day,) = re.findall(r"; removed on (\S+) or later\.$", reason)
        replacements = re.findall("`([^`]+)`", reason)
        assert replacements, name
        assert set(replacements) <= roots().keys(), name
        assert date.fromisoformat(day) - date.fromisoformat(noted[name]) >= timedelta(180), name


def test_the_changes_name_present_elements_and_former_ones_that_are_not_used_again() -> None:
    changes, names = SNAPSHOT.with_name("CHANGES.md").read_text(), {"Type.member"}
    for kind in parsed(SNAPSHOT.read_text()).type_map.values():
        members = {**getattr(kind, "fields", {}), **getattr(kind, "values", {})}
        names |= {kind.name, *members, *(f"{kind.name}.{member}" for member in members)}
        names |= {name for each in members.values() for name in getattr(each, "args", {})}
    former = re.findall(r"^\| ([\w.]+) \| `", changes, re.MULTILINE)
    assert set(re.findall("`([^`]+)`", changes)) - names == set()
    assert len(former) > 40
    assert set(former) & names == set()
