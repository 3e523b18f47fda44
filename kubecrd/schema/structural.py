"""The structural schema of a custom resource, as data.

A JSON document (`openAPIV3Schema` of a definition, or a part of it) becomes a tree of frozen `Structural` nodes, which
validation, pruning, defaulting, CEL and server-side apply read. Nothing is checked here: that a schema *is* structural
is the business of `acceptance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from kubecrd.resource.fielderrors import ABSENT

__all__ = ["NOTHING_DECLARED", "Structural", "ValidationRule"]

_NO_PROPERTIES: Final[Mapping[str, Structural]] = MappingProxyType({})


@frozen
class ValidationRule:
    """One entry of ``x-kubernetes-validations``.

    Attributes:
        rule: The CEL expression; must give a boolean.
        message: What to say when it is false; None or empty for ``failed rule: …``.
        message_expression: A CEL expression that gives the message; wins over *message*.
        reason: Reason of the cause; None for ``FieldValueInvalid``.
        field_path: Path below the node that the cause shall name, such as ``.spec.size``.
        optional_old_self: Whether ``oldSelf`` is an optional; None when not said.
    """

    rule: str = ""
    message: str | None = None
    message_expression: str | None = None
    reason: str | None = None
    field_path: str | None = None
    optional_old_self: bool | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> ValidationRule:
        """Read one entry of ``x-kubernetes-validations``."""
        return cls(
            rule=document.get("rule") or "",
            message=document.get("message"),
            message_expression=document.get("messageExpression"),
            reason=document.get("reason"),
            field_path=document.get("fieldPath"),
            optional_old_self=document.get("optionalOldSelf"),
        )


@frozen(eq=False)
class Structural:
    """One node of a schema.

    Nodes compare by identity, so that they can be keys of caches; compare `raw` for equal content.

    Attributes:
        type: One of the JSON types, or None where the schema names none (int-or-string, preserved fields, junctors).
        format: Such as ``date-time``; unknown ones are kept.
        title: For people.
        description: For people.
        default: The default value; `ABSENT` if unset (null counts as unset).
        nullable: Whether null is a value here.
        minimum: Lower bound of numbers; int or float as written.
        maximum: Upper bound of numbers; int or float as written.
        exclusive_minimum: Whether the lower bound itself is too small.
        exclusive_maximum: Whether the upper bound itself is too large.
        multiple_of: What numbers are multiples of.
        min_length: Fewest code points of a string.
        max_length: Most code points of a string.
        pattern: RE2 pattern that must match somewhere in a string.
        min_items: Fewest items of an array.
        max_items: Most items of an array.
        unique_items: Never true in an accepted schema.
        min_properties: Fewest members of an object.
        max_properties: Most members of an object.
        required: Members that must be there.
        enum: All values allowed; None for any.
        properties: Schemas of the members, by JSON name.
        items: Schema of all items; None if undeclared.
        additional_properties: Schema of members not in *properties*; or whether such may be there; None if unsaid.
        all_of: Schemas that must all hold.
        any_of: Schemas of which one must hold.
        one_of: Schemas of which exactly one must hold.
        not_: Schema that must not hold.
        preserve_unknown_fields: Whether undeclared members stay (``x-kubernetes-preserve-unknown-fields``).
        embedded_resource: Whether this is a whole Kubernetes object (``x-kubernetes-embedded-resource``).
        int_or_string: Whether both integers and strings fit (``x-kubernetes-int-or-string``).
        list_type: ``atomic``, ``set``, ``map``; None for atomic unsaid.
        list_map_keys: The members that tell items of a map list apart.
        map_type: ``atomic`` or ``granular``; None for granular unsaid.
        validations: The CEL rules of this node.
        raw: The document that this node came from.
    """

    type: str | None = None
    format: str | None = None
    title: str | None = None
    description: str | None = None
    default: Any = ABSENT
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    required: tuple[str, ...] = ()
    enum: tuple[Any, ...] | None = None
    properties: Mapping[str, Structural] = _NO_PROPERTIES
    items: Structural | None = None
    additional_properties: Structural | bool | None = None
    all_of: tuple[Structural, ...] = ()
    any_of: tuple[Structural, ...] = ()
    one_of: tuple[Structural, ...] = ()
    not_: Structural | None = None
    preserve_unknown_fields: bool = False
    embedded_resource: bool = False
    int_or_string: bool = False
    list_type: str | None = None
    list_map_keys: tuple[str, ...] = ()
    map_type: str | None = None
    validations: tuple[ValidationRule, ...] = ()
    raw: Mapping[str, Any] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> Structural:
        """Read a schema document; empty and null entries count as absent, as they do for the API server.

        Args:
            schema: A JSON document, such as ``openAPIV3Schema``. It is kept as `raw`, and must not be changed later.
        """
        parts = {}
        for key, value in schema.items():
            if value is not None and key in _READERS:
                name, read = _READERS[key]
                parts[name] = read(value)
        return cls(raw=schema, **parts)


_TEXTS: Final = {
    "type": "type",
    "format": "format",
    "title": "title",
    "description": "description",
    "pattern": "pattern",
    "list_type": "x-kubernetes-list-type",
    "map_type": "x-kubernetes-map-type",
}
_FLAGS: Final = {
    "nullable": "nullable",
    "exclusive_minimum": "exclusiveMinimum",
    "exclusive_maximum": "exclusiveMaximum",
    "unique_items": "uniqueItems",
    "preserve_unknown_fields": "x-kubernetes-preserve-unknown-fields",
    "embedded_resource": "x-kubernetes-embedded-resource",
    "int_or_string": "x-kubernetes-int-or-string",
}
_NUMBERS: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
}

NOTHING_DECLARED: Final = Structural()
"""A schema that says nothing."""


def _properties(document: Mapping[str, Any] | None) -> Mapping[str, Structural]:
    if not document:
        return _NO_PROPERTIES
    return MappingProxyType({name: Structural.of(schema or {}) for name, schema in document.items()})


def _node(document: Any) -> Structural | None:
    # A list of item schemas is refused by acceptance; until then it declares nothing.
    return Structural.of(document) if isinstance(document, dict) else None


def _nodes(documents: list[Mapping[str, Any]] | None) -> tuple[Structural, ...]:
    return tuple(Structural.of(document or {}) for document in documents or ())


def _node_or_bool(document: Any) -> Structural | bool | None:
    return document if isinstance(document, bool) else _node(document)


def _texts(values: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(values or ())


def _as_it_is(value: Any) -> Any:
    return value


_READERS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    **{key: (name, _as_it_is) for name, key in _NUMBERS.items()},
    **{key: (name, lambda text: text or None) for name, key in _TEXTS.items()},
    **{key: (name, bool) for name, key in _FLAGS.items()},
    "default": ("default", _as_it_is),
    "required": ("required", _texts),
    "enum": ("enum", lambda values: tuple(values) if values else None),
    "properties": ("properties", _properties),
    "items": ("items", _node),
    "additionalProperties": ("additional_properties", _node_or_bool),
    "allOf": ("all_of", _nodes),
    "anyOf": ("any_of", _nodes),
    "oneOf": ("one_of", _nodes),
    "not": ("not_", _node),
    "x-kubernetes-list-map-keys": ("list_map_keys", _texts),
    "x-kubernetes-validations": ("validations", lambda rules: tuple(map(ValidationRule.of, rules or ()))),
}
"""Where each keyword goes, and how it is read; what is not there keeps the default of its attribute."""
