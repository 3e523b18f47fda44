"""A schema as OpenAPI v3 writes it in a definition (apiextensions/v1 JSONSchemaProps), typed, and without loss.

What the API server does not know stays in `JSONSchemaProps.unknown`, and what was read is written in the order in which
it stood. Nothing is judged here: the server takes only some of these fields, which `acceptance` knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Self, get_origin

import attrs
from attrs import define, field

from kubecrd.resource.naming import Alias, wire_name
from kubecrd.resource.typehints import type_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["ExternalDocumentation", "JSONSchemaProps", "ValidationRuleProps"]


@define(kw_only=True)
class _Document:
    """Reads and writes JSON by the types of its attributes, and keeps what it has no attribute for."""

    unknown: dict[str, Any] = field(factory=dict)
    _order: tuple[str, ...] = field(default=(), init=False, eq=False, repr=False)

    @classmethod
    def from_json(cls, document: Any) -> Self:
        """Read a JSON document.

        Raises:
            ValueError: a field is of the wrong JSON type; the message says which, and what it is to be.
        """
        if not isinstance(document, dict):
            raise ValueError(f"{document!r} is not a mapping")  # noqa: TRY004 - the codec tells values by ValueError
        plans = _plans(cls)
        values: dict[str, Any] = {}
        unknown: dict[str, Any] = {}
        for key, value in document.items():
            plan = plans.get(key)
            if plan is None:
                unknown[key] = value
            elif value is not None:
                try:
                    values[plan[0]] = plan[1](value)
                except ValueError as error:
                    raise ValueError(_placed(key, str(error))) from None
        made = cls(**values, unknown=unknown)
        made._order = tuple(document)
        return made

    def to_json(self) -> dict[str, Any]:
        """Write the JSON document: None is left out; what was read comes first, in the order in which it stood."""
        plans = _plans(type(self))
        found = {key: getattr(self, attribute) for key, (attribute, _) in plans.items()} | self.unknown
        keys = dict.fromkeys((*(key for key in self._order if key in found), *found))
        return {key: _written(found[key]) for key in keys if found[key] is not None or key in self.unknown}


@define(kw_only=True)
class ExternalDocumentation(_Document):
    """Where more is said.

    Attributes:
        description: What is there.
        url: Where it is.
        unknown: Fields that the API server does not know.
    """

    description: str | None = None
    url: str | None = None


@define(kw_only=True)
class ValidationRuleProps(_Document):
    """One CEL rule of a schema (apiextensions/v1 ValidationRule).

    Attributes:
        rule: The expression, which must be true.
        message: What to say when it is not.
        message_expression: An expression that gives the message.
        reason: Reason of the cause; ``FieldValueInvalid`` for None.
        field_path: Which field below the node is to be named, such as ``.spec.size``.
        optional_old_self: Whether ``oldSelf`` is an optional, so that the rule runs on new objects too.
        unknown: Fields that the API server does not know.
    """

    rule: str | None = None
    message: str | None = None
    message_expression: str | None = None
    reason: str | None = None
    field_path: str | None = None
    optional_old_self: bool | None = None


@define(kw_only=True)
class JSONSchemaProps(_Document):
    """A node of a schema: what may stand in one place of an object.

    Attributes:
        id: Not allowed in definitions.
        schema: ``$schema``; not allowed in definitions.
        ref: ``$ref``; not allowed in definitions.
        description: For people.
        type: One of the JSON types but null.
        nullable: Whether null is a value here.
        format: Such as ``date-time``; unknown ones mean nothing.
        title: For people.
        default: What is filled in where nothing stands; null counts as none.
        maximum: Upper bound of numbers.
        exclusive_maximum: Whether the upper bound itself is too large.
        minimum: Lower bound of numbers.
        exclusive_minimum: Whether the lower bound itself is too small.
        max_length: Most code points of a string.
        min_length: Fewest code points of a string.
        pattern: RE2 expression that is to match somewhere in a string.
        max_items: Most items of a list.
        min_items: Fewest items of a list.
        unique_items: Not allowed in definitions; see *list_type*.
        multiple_of: What numbers are multiples of.
        enum: All values that are allowed.
        max_properties: Most members of an object.
        min_properties: Fewest members of an object.
        required: Members that must be there.
        items: What lists have in them; a list of schemas is not allowed in definitions.
        all_of: Schemas that must all hold.
        one_of: Schemas of which exactly one must hold.
        any_of: Schemas of which one must hold.
        not_: Schema that must not hold.
        properties: What members look like, by name.
        additional_properties: What members without a schema of their own look like, or whether there may be any.
        pattern_properties: Not allowed in definitions.
        dependencies: Not allowed in definitions.
        additional_items: Not allowed in definitions.
        definitions: Not allowed in definitions.
        external_docs: Where more is said.
        example: Any value.
        preserve_unknown_fields: Whether members that nothing is said of stay.
        embedded_resource: Whether this is a whole object, with apiVersion, kind and metadata.
        int_or_string: Whether both integers and strings fit.
        list_map_keys: The members that tell the items of a map list apart.
        list_type: ``atomic``, ``set`` or ``map``.
        map_type: ``atomic`` or ``granular``.
        validations: CEL rules.
        unknown: Fields that the API server does not know, and would drop.
    """

    id: str | None = None
    schema: Annotated[str | None, Alias("$schema")] = None
    ref: Annotated[str | None, Alias("$ref")] = None
    description: str | None = None
    type: str | None = None
    nullable: bool | None = None
    format: str | None = None
    title: str | None = None
    default: Any = None
    maximum: float | None = None
    exclusive_maximum: bool | None = None
    minimum: float | None = None
    exclusive_minimum: bool | None = None
    max_length: int | None = None
    min_length: int | None = None
    pattern: str | None = None
    max_items: int | None = None
    min_items: int | None = None
    unique_items: bool | None = None
    multiple_of: float | None = None
    enum: list[Any] | None = None
    max_properties: int | None = None
    min_properties: int | None = None
    required: list[str] | None = None
    items: JSONSchemaProps | list[JSONSchemaProps] | None = None
    all_of: list[JSONSchemaProps] | None = None
    one_of: list[JSONSchemaProps] | None = None
    any_of: list[JSONSchemaProps] | None = None
    not_: JSONSchemaProps | None = None
    properties: dict[str, JSONSchemaProps] | None = None
    additional_properties: JSONSchemaProps | bool | None = None
    pattern_properties: dict[str, JSONSchemaProps] | None = None
    dependencies: dict[str, JSONSchemaProps | list[str]] | None = None
    additional_items: JSONSchemaProps | bool | None = None
    definitions: dict[str, JSONSchemaProps] | None = None
    external_docs: ExternalDocumentation | None = None
    example: Any = None
    preserve_unknown_fields: Annotated[bool | None, Alias("x-kubernetes-preserve-unknown-fields")] = None
    embedded_resource: Annotated[bool | None, Alias("x-kubernetes-embedded-resource")] = None
    int_or_string: Annotated[bool | None, Alias("x-kubernetes-int-or-string")] = None
    list_map_keys: Annotated[list[str] | None, Alias("x-kubernetes-list-map-keys")] = None
    list_type: Annotated[str | None, Alias("x-kubernetes-list-type")] = None
    map_type: Annotated[str | None, Alias("x-kubernetes-map-type")] = None
    validations: Annotated[list[ValidationRuleProps] | None, Alias("x-kubernetes-validations")] = None


# --- how each type of attribute is read


def _placed(step: str, fault: str) -> str:
    """Put a step before the path that a fault begins with; after the path stands a colon and a blank."""
    head, colon, rest = fault.partition(": ")
    return f"{step}.{head}: {rest}" if colon and "'" not in head and " " not in head else f"{step}: {fault}"


def _scalar(words: str, *kinds: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise ValueError(f"{value!r} is not {words}")
        return value

    return read


def _list_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_list(value: Any) -> Any:
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is not a list")  # noqa: TRY004 - the codec tells values by ValueError
        return [_at(str(index), read, item) for index, item in enumerate(value)]

    return read_list


def _map_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_map(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"{value!r} is not a mapping")  # noqa: TRY004 - the codec tells values by ValueError
        return {key: _at(key, read, item) for key, item in value.items()}

    return read_map


def _at(step: str, read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise ValueError(_placed(step, str(error))) from None


def _either(kind: type, first: Callable[[Any], Any], other: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Read by *first* what is a *kind*, and all else by *other*."""
    return lambda value: first(value) if isinstance(value, kind) else other(value)


def _schema(value: Any) -> JSONSchemaProps:
    return JSONSchemaProps.from_json({} if value is None else value)


_TEXT, _FLAG = _scalar("a string", str), _scalar("a boolean", bool)
_COUNT, _NUMBER = _scalar("an integer", int), _scalar("a number", int, float)
_SCHEMA_OR_FLAG: Final = _either(bool, _FLAG, _schema)

_READERS: Final[dict[Any, Callable[[Any], Any]]] = {
    str | None: _TEXT,
    bool | None: _FLAG,
    int | None: _COUNT,
    float | None: _NUMBER,
    Any: lambda value: value,
    list[Any] | None: _list_of(lambda value: value),
    list[str] | None: _list_of(_TEXT),
    JSONSchemaProps | None: _schema,
    list[JSONSchemaProps] | None: _list_of(_schema),
    dict[str, JSONSchemaProps] | None: _map_of(_schema),
    JSONSchemaProps | list[JSONSchemaProps] | None: _either(list, _list_of(_schema), _schema),
    JSONSchemaProps | bool | None: _SCHEMA_OR_FLAG,
    dict[str, JSONSchemaProps | list[str]] | None: _map_of(_either(list, _list_of(_TEXT), _schema)),
    ExternalDocumentation | None: ExternalDocumentation.from_json,
    list[ValidationRuleProps] | None: _list_of(ValidationRuleProps.from_json),
}
_PLANS: dict[type, Mapping[str, tuple[str, Callable[[Any], Any]]]] = {}


def _plans(cls: type) -> Mapping[str, tuple[str, Callable[[Any], Any]]]:
    """Map the JSON names of a class to its attributes, and to what reads them."""
    made = _PLANS.get(cls)
    if made is None:
        hints = type_hints(cls)
        names = [each.name for each in attrs.fields(cls) if each.name not in {"unknown", "_order"}]
        made = _PLANS[cls] = {wire_name(name, hints[name]): (name, _READERS[_unmarked(hints[name])]) for name in names}
    return made


def _unmarked(hint: Any) -> Any:
    return hint.__origin__ if get_origin(hint) is Annotated else hint


def _written(value: Any) -> Any:
    if isinstance(value, _Document):
        return value.to_json()
    if isinstance(value, list):
        return [_written(each) for each in value]
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    return value
