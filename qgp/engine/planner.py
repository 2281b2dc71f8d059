"""From a selection to a plan, by what the fields declare of themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from qgp.engine.access import Access
from qgp.engine.arguments import ArgumentBinder, Binding, lookup_binding, page_binding
from qgp.engine.collect_fields import FieldCollector
from qgp.engine.constants import json_of, states_of
from qgp.engine.json_lists import is_written
from qgp.engine.plan import (
    Constant,
    Cursor,
    Items,
    NestedObject,
    Node,
    Object,
    Page,
    PageInfo,
    PageInfoField,
    Plan,
    PublicIdText,
    RecordLookup,
    Related,
    Root,
    ScalarField,
    SqlExpression,
    ToMany,
    ToOne,
    TotalCount,
    Unplannable,
)
from qgp.engine.scalars import BOOLEAN, scalar_format
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.gql.declarations import (
    DECLARED,
    Allowed,
    AllowedOn,
    AnyRecord,
    Column,
    Expression,
    Facet,
    Lookup,
    Options,
    PublicId,
    Relation,
)
from qgp.kit.gql.fields import TYPES
from qgp.kit.gql.roots import Requires
from qgp.kit.loader import Expressed, Granted, One
from qgp.kit.model import Record
from qgp.kit.policy import Permission

Nodes = Sequence[FieldNode]


class Planner:
    """Plans the selections of one document, for one set of rights and Boolean variables.

    Every method raises Opaque where only Python knows the answer.

    Args:
        schema: whose `graphql` is the schema that documents are validated against.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        core: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        access: Access,
    ) -> None:
        self._schema, self._core, self._access = schema, core, access
        self._collector = FieldCollector(core, fragments, variables)
        self._arguments: list[ArgumentBinder] = []

    def operation(self, node: OperationDefinitionNode) -> Plan:
        """Plan a whole query."""
        query = self._core.query_type
        assert query is not None
        grouped = self._collector.of_selections(query, node.selection_set.selections)
        roots = tuple((name, self._root(query, nodes)) for name, nodes in grouped.items())
        return Plan(roots, tuple(self._arguments))

    def field(self, parent: GraphQLObjectType, nodes: Nodes) -> Plan:
        """Plan one field whose parent is at hand: a root, or a relation of an object."""
        if parent is self._core.query_type:
            root = self._root(parent, nodes)
            return Plan(((nodes[0].name.value, root),), tuple(self._arguments))
        beneath = self._related(parent, nodes)
        return Plan((), tuple(self._arguments), beneath)

    def _root(self, query: GraphQLObjectType, nodes: Nodes) -> Root:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(json_of(query.name))
        field = self._field(query, name)
        for extension in _of(field).extensions:
            if isinstance(extension, Requires):
                self._require(extension.permission)
        match _declared(field):
            case Listing(within=None) as listing:
                return self._page(listing, field, nodes)
            case Lookup() as found:
                return self._look_up(found, field, nodes)
            case AnyRecord() as found:
                return self._look_up(found, field, nodes)
        raise Unplannable(f"{query.name}.{name}")

    def _related(self, parent: GraphQLObjectType, nodes: Nodes) -> Related:
        name = nodes[0].name.value
        field = self._field(parent, name)
        match _declared(field):
            case Listing(within=None) as listing if listing.parent is not None:
                return self._page(listing, field, nodes)
            case Relation() as relation:
                return self._relation(relation, f"{parent.name}.{name}", field, nodes)
        raise Unplannable(f"{parent.name}.{name}")

    def _object(self, model: type[Record], nodes: Nodes) -> Object:
        """Plan what is selected of the rows of a model."""
        return self._shown(self._kind(model), model, nodes)

    def _shown(self, kind: GraphQLObjectType, model: type[Record], nodes: Nodes) -> Object:
        """Plan what is selected of the rows of a model, shown as a type."""
        grouped = self._collector.of(kind, nodes)
        return Object(tuple((name, self._part(kind, model, of)) for name, of in grouped.items()))

    def _facet(
        self, facet: Facet, kind: GraphQLObjectType, model: type[Record], nodes: Nodes
    ) -> NestedObject:
        """Plan an object made of the same row, in the same text."""
        shown = self._shown(self._kind_below(kind, nodes), model, nodes)
        if not is_written(shown, lists=False):
            raise Unplannable(
                f"{kind.name}.{nodes[0].name.value} holds a list or what Python makes"
            )
        return NestedObject(facet.key, shown)

    def _part(  # noqa: PLR0911 - one kind a line
        self, kind: GraphQLObjectType, model: type[Record], nodes: Nodes
    ) -> Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(json_of(kind.name))
        field = self._field(kind, name)
        match _declared(field):
            case Column():
                return self._leaf(kind, name, model, field)
            case Expression(loader):
                return self._written(f"{kind.name}.{name}", loader, field)
            case Facet() as facet:
                return self._facet(facet, kind, model, nodes)
            case PublicId():
                return PublicIdText(model.prefix)
            case Allowed(permission):
                return Constant(json_of(self._access.may(permission)))
            case AllowedOn(loader):
                return self._granted(loader)
            case Options():
                return states_of(model, self._access.role, self._collector, field, nodes)
        return self._related(kind, nodes)

    def _leaf(
        self, kind: GraphQLObjectType, name: str, model: type[Record], field: GraphQLField
    ) -> ScalarField:
        attribute = _of(field).python_name
        column = model.__mapper__.columns.get(attribute)
        is_facet = kind is not self._kind(model)  # it is shown only where its columns are there
        is_firm = is_non_null_type(field.type) and not is_facet
        if column is not None and not (column.nullable and is_firm):
            is_list = is_list_type(get_nullable_type(field.type))
            form = scalar_format(get_named_type(field.type), column.type, is_list=is_list)
            if form is not None:
                return ScalarField(attribute, form)
        raise Unplannable(f"{kind.name}.{name}")

    def _written(self, place: str, loader: Expressed, field: GraphQLField) -> SqlExpression:
        self._require(loader.read)
        is_list = is_list_type(get_nullable_type(field.type))
        form = scalar_format(
            get_named_type(field.type), loader.make(loader.model).type, is_list=is_list
        )
        if form is None:
            raise Unplannable(place)
        return SqlExpression(loader.make, form)

    def _granted(self, loader: Granted) -> SqlExpression | Constant:
        if not self._access.may(loader.read):
            return Constant(json_of(False))
        caller = self._access.caller
        return SqlExpression(lambda row: loader.expressed(row, caller), BOOLEAN)

    def _relation(
        self, relation: Relation, place: str, field: GraphQLField, nodes: Nodes
    ) -> ToOne | ToMany:
        loader = relation.loader
        self._require(loader.read)
        object = self._object(loader.model, nodes)
        if not isinstance(loader, One):
            return ToMany(loader, relation.key, object)
        if is_non_null_type(field.type):
            raise Unplannable(f"{place} must not be null")
        return ToOne(loader, relation.key, object)

    def _page(self, listing: Listing, field: GraphQLField, nodes: Nodes) -> Page:
        self._require(listing.read)
        place = self._argue(field, nodes, page_binding(listing))
        kind = get_named_type(field.type)
        assert isinstance(kind, GraphQLObjectType)
        fields = []
        for name, of in self._collector.of(kind, nodes).items():
            fields.append((name, self._page_part(kind, listing.model, of)))
        return Page(listing, place, tuple(fields))

    def _page_part(
        self, kind: GraphQLObjectType, model: type[Record], nodes: Nodes
    ) -> Items | PageInfo | TotalCount | Constant:
        match self._name(kind, nodes):
            case "__typename":
                return Constant(json_of(kind.name))
            case "nodes":
                return Items(self._object(model, nodes))
            case "edges":
                return Items(self._edge(self._kind_below(kind, nodes), model, nodes))
            case "page_info":
                below = self._kind_below(kind, nodes)
                grouped = self._collector.of(below, nodes)
                return PageInfo(
                    tuple((name, self._fact(below, of)) for name, of in grouped.items())
                )
            case "total_count":
                return TotalCount()
            case other:
                raise Unplannable(f"{kind.name}.{other}")

    def _edge(self, kind: GraphQLObjectType, model: type[Record], nodes: Nodes) -> Object:
        fields: list[tuple[str, Node]] = []
        for name, of in self._collector.of(kind, nodes).items():
            match self._name(kind, of):
                case "__typename":
                    fields.append((name, Constant(json_of(kind.name))))
                case "cursor":
                    fields.append((name, Cursor()))
                case _:
                    fields.append((name, self._object(model, of)))
        return Object(tuple(fields))

    def _fact(self, kind: GraphQLObjectType, nodes: Nodes) -> PageInfoField | Constant:
        name = self._name(kind, nodes)
        return Constant(json_of(kind.name)) if name == "__typename" else PageInfoField(name)

    def _look_up(
        self, found: Lookup | AnyRecord, field: GraphQLField, nodes: Nodes
    ) -> RecordLookup:
        if isinstance(found, AnyRecord):
            return self._any_record(found, field, nodes)
        objects: dict[One[Any] | None, Object | None] = {None: None}
        known: dict[type[Record], Object] = {}
        for loader in found.loaders.values():
            self._require(loader.read)
            if loader.model not in known:
                known[loader.model] = self._object(loader.model, nodes)
            objects[loader] = known[loader.model]
        return RecordLookup(self._argue(field, nodes, lookup_binding(found)), objects)

    def _any_record(self, found: AnyRecord, field: GraphQLField, nodes: Nodes) -> RecordLookup:
        """Plan each kind of record by itself: what is opaque of one keeps no other from a plan."""
        objects: dict[One[Any] | None, Object | None] = {None: None}
        opaque: dict[One[Any], str] = {}
        for loader in found.loaders.values():
            objects[loader] = None
            if not self._access.may(loader.read):
                continue
            arguments = len(self._arguments)
            try:
                objects[loader] = self._object(loader.model, nodes)
            except Unplannable as reason:
                opaque[loader] = str(reason)
                del self._arguments[arguments:]
        return RecordLookup(self._argue(field, nodes, lookup_binding(found)), objects, opaque)

    def _argue(self, field: GraphQLField, nodes: Nodes, bind: Binding) -> int:
        place = len(self._arguments)
        self._arguments.append(ArgumentBinder(place, field, nodes[0], self._schema, bind))
        return place

    def _require(self, permission: Permission) -> None:
        if not self._access.may(permission):
            raise Unplannable(f"no right: {permission.name}")

    def _kind(self, model: type[Record]) -> GraphQLObjectType:
        definition: Any = TYPES.get(model)
        if definition is None:
            raise Unplannable(f"{model.__name__} is no record")
        kind = self._core.type_map[definition.__strawberry_definition__.name]
        assert isinstance(kind, GraphQLObjectType)
        return kind

    def _kind_below(self, kind: GraphQLObjectType, nodes: Nodes) -> GraphQLObjectType:
        below = get_named_type(kind.fields[nodes[0].name.value].type)
        assert isinstance(below, GraphQLObjectType)
        return below

    def _field(self, kind: GraphQLObjectType, name: str) -> GraphQLField:
        field: GraphQLField | None = kind.fields.get(name)
        if field is None:
            raise Unplannable("introspection")
        return field

    def _name(self, kind: GraphQLObjectType, nodes: Nodes) -> str:
        name = nodes[0].name.value
        return name if name == "__typename" else _of(kind.fields[name]).python_name


def _of(field: GraphQLField) -> StrawberryField:
    definition: StrawberryField | None = field.extensions.get("strawberry-definition")
    if definition is None:
        raise Unplannable("introspection")
    return definition


def _declared(field: GraphQLField) -> Any:
    return _of(field).metadata.get(DECLARED)
