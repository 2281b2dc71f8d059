"""Planner: from the selections of a document to a plan, by the declarations of the fields."""

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
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from qgp.engine import plan
from qgp.engine.arguments import ArgumentBinder, Bind, lookup_binding, page_binding
from qgp.engine.collect_fields import FieldCollector
from qgp.engine.constants import to_json, transitions_by_status
from qgp.engine.declared_fields import (
    declaration_of,
    definition_of,
    field_of,
    field_type,
    python_name,
    type_of,
)
from qgp.engine.json_lists import is_single_statement
from qgp.engine.plan import Constant, Object, Page, Plan, RecordLookup, ToMany, ToOne, Unplannable
from qgp.engine.scalars import BOOLEAN, PLAIN, scalar_format
from qgp.kit.access import Access
from qgp.kit.counts import Counted
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.gql.declarations import (
    Allowed,
    AllowedOn,
    AnyRecord,
    Column,
    Excerpted,
    Expression,
    Lookup,
    NestedObject,
    Number,
    Options,
    PublicId,
    Relation,
)
from qgp.kit.gql.roots import Requires
from qgp.kit.loader import Expressed, Granted, One
from qgp.kit.model import Record
from qgp.kit.policy import Permission

Nodes = Sequence[FieldNode]


class Planner:
    """Plans the selections of one document, for one access and one set of Boolean variables.

    Every method raises `Unplannable` if SQL cannot answer a field.

    Args:
        schema, core: the Strawberry schema, and the graphql-core schema that documents are
            validated against.
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
        grouped = self._collector.fields(query, node.selection_set.selections)
        roots = tuple((name, self._root(query, nodes)) for name, nodes in grouped.items())
        return Plan(roots, tuple(self._arguments))

    def field(self, parent: GraphQLObjectType, nodes: Nodes) -> Plan:
        """Plan one field: a root field, or a relation of objects that the resolvers load."""
        if parent is self._core.query_type:
            root = self._root(parent, nodes)
            return Plan(((nodes[0].name.value, root),), tuple(self._arguments))
        relation = self._related(parent, nodes)
        return Plan((), tuple(self._arguments), relation)

    def _root(self, query: GraphQLObjectType, nodes: Nodes) -> plan.Root:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(to_json(query.name))
        field = field_of(query, name)
        for extension in definition_of(field).extensions:
            if isinstance(extension, Requires):
                self._require(extension.permission)
        match declaration_of(field):
            case Listing(within=None) as listing:
                return self._page(listing, field, nodes)
            case Lookup() as lookup:
                return self._lookup(lookup, field, nodes)
            case AnyRecord() as lookup:
                return self._any_record(lookup, field, nodes)
        raise Unplannable(f"{query.name}.{name}")

    def _related(self, parent: GraphQLObjectType, nodes: Nodes) -> plan.Related:
        name = nodes[0].name.value
        field = field_of(parent, name)
        match declaration_of(field):
            case Listing(within=None) as listing if listing.parent is not None:
                return self._page(listing, field, nodes)
            case Relation() as relation:
                return self._relation(relation, f"{parent.name}.{name}", field, nodes)
        raise Unplannable(f"{parent.name}.{name}")

    def _object(self, model: type[Record], nodes: Nodes) -> Object:
        """Plan the selected fields of a model's rows."""
        return self._fields(type_of(self._core, model), model, nodes)

    def _fields(self, type_: GraphQLObjectType, model: type[Record], nodes: Nodes) -> Object:
        """Plan the selected fields of a type, for rows of a model."""
        grouped = self._collector.subfields(type_, nodes)
        return Object(
            tuple((name, self._node(type_, model, fields)) for name, fields in grouped.items())
        )

    def _node(  # noqa: PLR0911 - one declaration per case
        self, parent: GraphQLObjectType, model: type[Record], nodes: Nodes
    ) -> plan.Node:
        name = nodes[0].name.value
        if name == "__typename":
            return Constant(to_json(parent.name))
        field = field_of(parent, name)
        match declaration_of(field):
            case Column():
                return self._scalar(parent, name, model, field)
            case Expression(loader):
                return self._expression(f"{parent.name}.{name}", loader, field)
            case NestedObject(key):
                return plan.NestedObject(key, self._joined(parent, model, nodes))
            case Excerpted(loader, key, granted):
                self._require(loader.read)
                limit = self._of_caller(granted) if granted else None
                return ToOne(loader, key, self._joined(parent, loader.model, nodes), limit)
            case PublicId():
                return plan.PublicIdText(model.prefix)
            case Allowed(permission):
                return Constant(to_json(self._access.may(permission)))
            case AllowedOn(loader):
                return self._granted(loader)
            case Number(loader):
                return self._number(loader)
            case Options():
                role = self._access.role
                return transitions_by_status(model, role, self._collector, field, nodes)
        return self._related(parent, nodes)

    def _scalar(
        self, parent: GraphQLObjectType, name: str, model: type[Record], field: GraphQLField
    ) -> plan.ScalarField:
        attribute = definition_of(field).python_name
        column = model.__mapper__.columns.get(attribute)
        is_facet = parent is not type_of(self._core, model)  # null as a whole if its key is
        is_required = is_non_null_type(field.type) and not is_facet
        if column is not None and not (column.nullable and is_required):
            format_ = scalar_format(field.type, column.type)
            if format_ is not None:
                return plan.ScalarField(attribute, format_)
        raise Unplannable(f"{parent.name}.{name}")

    def _expression(self, name: str, loader: Expressed, field: GraphQLField) -> plan.SqlExpression:
        self._require(loader.read)
        format_ = scalar_format(field.type, loader.make(loader.model).type)
        if format_ is None:
            raise Unplannable(name)
        return plan.SqlExpression(loader.make, format_)

    def _joined(self, parent: GraphQLObjectType, model: type[Record], nodes: Nodes) -> Object:
        """Plan an object of a type of its own, which the statement of the row above writes."""
        object = self._fields(field_type(parent, nodes), model, nodes)
        if not is_single_statement(object, lists=False):
            name = f"{parent.name}.{nodes[0].name.value}"
            raise Unplannable(f"{name} has a field of its own statement")
        return object

    def _granted(self, loader: Granted) -> plan.SqlExpression | Constant:
        if not self._access.may(loader.read):
            return Constant(to_json(False))
        return plan.SqlExpression(self._of_caller(loader), BOOLEAN)

    def _of_caller(self, loader: Granted | Counted) -> plan.CallerExpression:
        return plan.CallerExpression(loader, self._access)

    def _number(self, loader: Counted) -> plan.SqlExpression:
        self._require(loader.read)
        return plan.SqlExpression(self._of_caller(loader), PLAIN)

    def _relation(
        self, relation: Relation, name: str, field: GraphQLField, nodes: Nodes
    ) -> ToOne | ToMany:
        loader = relation.loader
        self._require(loader.read)
        object = self._object(loader.model, nodes)
        if not isinstance(loader, One):
            return ToMany(loader, relation.key, object)
        if is_non_null_type(field.type):
            raise Unplannable(f"{name} must not be null")
        return ToOne(loader, relation.key, object)

    def _page(self, listing: Listing, field: GraphQLField, nodes: Nodes) -> Page:
        self._require(listing.read)
        index = self._add_arguments(field, nodes, page_binding(listing))
        connection = get_named_type(field.type)
        assert isinstance(connection, GraphQLObjectType)
        grouped = self._collector.subfields(connection, nodes)
        fields = [
            (name, self._page_field(connection, listing.model, selected))
            for name, selected in grouped.items()
        ]
        return Page(listing, index, tuple(fields))

    def _page_field(
        self, connection: GraphQLObjectType, model: type[Record], nodes: Nodes
    ) -> plan.PageField:
        match python_name(connection, nodes):
            case "__typename":
                return Constant(to_json(connection.name))
            case "nodes":
                return plan.Items(self._object(model, nodes))
            case "edges":
                return plan.Items(self._edge(field_type(connection, nodes), model, nodes))
            case "page_info":
                return self._page_info(field_type(connection, nodes), nodes)
            case "total_count":
                return plan.TotalCount()
            case other:
                raise Unplannable(f"{connection.name}.{other}")

    def _edge(self, edge: GraphQLObjectType, model: type[Record], nodes: Nodes) -> Object:
        fields: list[tuple[str, plan.Node]] = []
        for name, selected in self._collector.subfields(edge, nodes).items():
            match python_name(edge, selected):
                case "__typename":
                    fields.append((name, Constant(to_json(edge.name))))
                case "cursor":
                    fields.append((name, plan.Cursor()))
                case _:
                    fields.append((name, self._object(model, selected)))
        return Object(tuple(fields))

    def _page_info(self, type_: GraphQLObjectType, nodes: Nodes) -> plan.PageInfo:
        nodes_by_name = {**plan.PAGE_INFO, "__typename": Constant(to_json(type_.name))}
        grouped = self._collector.subfields(type_, nodes).items()
        fields = [(name, nodes_by_name[python_name(type_, fields)]) for name, fields in grouped]
        return plan.PageInfo(tuple(fields))

    def _lookup(self, lookup: Lookup, field: GraphQLField, nodes: Nodes) -> RecordLookup:
        objects: dict[One[Any] | None, Object | None] = {None: None}
        by_model: dict[type[Record], Object] = {}
        for loader in lookup.loaders.values():
            self._require(loader.read)
            if loader.model not in by_model:
                by_model[loader.model] = self._object(loader.model, nodes)
            objects[loader] = by_model[loader.model]
        return RecordLookup(self._add_arguments(field, nodes, lookup_binding(lookup)), objects)

    def _any_record(self, lookup: AnyRecord, field: GraphQLField, nodes: Nodes) -> RecordLookup:
        """Plan each type of record separately: an unplannable one does not affect the others."""
        objects: dict[One[Any] | None, Object | None] = {None: None}
        unplannable: dict[One[Any], str] = {}
        for loader in lookup.loaders.values():
            objects[loader] = None
            if not self._access.may(loader.read):
                continue
            argument_count = len(self._arguments)
            try:
                objects[loader] = self._object(loader.model, nodes)
            except Unplannable as reason:
                unplannable[loader] = str(reason)
                del self._arguments[argument_count:]
        index = self._add_arguments(field, nodes, lookup_binding(lookup))
        return RecordLookup(index, objects, unplannable)

    def _add_arguments(self, field: GraphQLField, nodes: Nodes, bind: Bind) -> int:
        """Add the arguments of a field to the plan and return their index."""
        index = len(self._arguments)
        self._arguments.append(ArgumentBinder(index, field, nodes[0], self._schema, bind))
        return index

    def _require(self, permission: Permission) -> None:
        if not self._access.may(permission):
            raise Unplannable(f"no permission: {permission.name}")
