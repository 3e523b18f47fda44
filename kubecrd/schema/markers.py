"""What only Kubernetes can say of a type: markers for ``Annotated``, and the options of a definition.

Where `annotated_types` has the word (``Ge``, ``Interval``, ``MaxLen``, …), that is the word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from kubecrd.resource.naming import Alias, Flatten, Nullable, Open, Skip
from kubecrd.resource.records import value

__all__ = [
    "Alias",
    "AllOf",
    "AnyOf",
    "AtLeastOneOf",
    "AtMostOneOf",
    "Atomic",
    "ClientSide",
    "Column",
    "Default",
    "Deprecated",
    "Doc",
    "EmbeddedResource",
    "ExactlyOneOf",
    "Flatten",
    "Format",
    "Granular",
    "IntOrString",
    "ListMap",
    "ListSet",
    "MaxProperties",
    "MinProperties",
    "Not",
    "Nullable",
    "OneOf",
    "Open",
    "Pattern",
    "PreserveUnknown",
    "Rule",
    "Scale",
    "SchemaOverride",
    "Skip",
    "Title",
]


@value
class Pattern:
    """A string must match this RE2 pattern; anchor it with ``^`` and ``$``, for it may match anywhere."""

    regex: str


@value
class Format:
    """A string has a format that the API server checks, such as ``email``, ``ipv4`` or ``uri``.

    ``Format("int32")`` narrows an integer; ``Format(None)`` takes the format of the Python type away.
    """

    name: str | None


@frozen(init=False, eq=False)  # JSON has no hash, and a marker inside a union needs one
class AllOf:
    """The value fits each of these schemas, given as JSON: value validations only, as in a structural schema."""

    schemas: tuple[Mapping[str, Any], ...]

    def __init__(self, *schemas: Mapping[str, Any]) -> None:
        object.__setattr__(self, "schemas", schemas)


@frozen(init=False, eq=False)  # JSON has no hash, and a marker inside a union needs one
class AnyOf:
    """The value fits at least one of these schemas, given as JSON: value validations only, as in a structural schema.

    ``AnyOf({"required": ["host"]}, {"required": ["address"]})``
    """

    schemas: tuple[Mapping[str, Any], ...]

    def __init__(self, *schemas: Mapping[str, Any]) -> None:
        object.__setattr__(self, "schemas", schemas)


@frozen(init=False, eq=False)  # JSON has no hash, and a marker inside a union needs one
class OneOf:
    """The value fits exactly one of these schemas, given as JSON: value validations only, as in a structural schema."""

    schemas: tuple[Mapping[str, Any], ...]

    def __init__(self, *schemas: Mapping[str, Any]) -> None:
        object.__setattr__(self, "schemas", schemas)


@frozen(eq=False)
class Not:
    """The value does not fit this schema, given as JSON."""

    schema: Mapping[str, Any]


class _Names:
    """Fields of a class, by their JSON names; none named means all that are optional."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@value(init=False)
class ExactlyOneOf(_Names):
    """An object has exactly one of these fields, as a volume has one source: ``kube_schema(markers=[ExactlyOneOf()])``.

    The fields are named as in JSON; without names they are all that are optional.
    """

    names: tuple[str, ...]


@value(init=False)
class AtLeastOneOf(_Names):
    """An object has one of these fields, or more; see `ExactlyOneOf`."""

    names: tuple[str, ...]


@value(init=False)
class AtMostOneOf(_Names):
    """An object has one of these fields, or none; see `ExactlyOneOf`."""

    names: tuple[str, ...]


@value
class ClientSide:
    """Validators and converters of the field run in Python alone: the API server will take what they refuse."""


@value
class Deprecated:
    """The field is on its way out; its description says so, and what to use instead."""

    text: str


@value(init=False)
class ListMap:
    """The items of a list are told apart by these fields, by their JSON names: appliers own items, not the whole list."""

    keys: tuple[str, ...]

    def __init__(self, *keys: str) -> None:
        object.__setattr__(self, "keys", keys)


@value
class ListSet:
    """The items of a list are scalars, each there once: appliers own items, not the whole list."""


@value
class Atomic:
    """A list, mapping or object is one value to appliers: who sets it owns all of it."""


@value
class Granular:
    """A mapping or object is owned field by field, which is the default; says so explicitly."""


@value
class IntOrString:
    """The value is an integer or a string, such as a port or a percentage."""


@value
class PreserveUnknown:
    """Fields that the schema does not know are kept instead of pruned."""


@value
class EmbeddedResource:
    """The value is a whole Kubernetes object with apiVersion, kind and metadata."""


@value
class MinProperties:
    """A mapping has at least this many members."""

    number: int


@value
class MaxProperties:
    """A mapping has at most this many members."""

    number: int


@value
class Title:
    """A short heading for the field, shown by some user interfaces."""

    text: str


@value
class Doc:
    """The description of a field, where a string under the attribute is not to hand."""

    text: str


@frozen(eq=False)
class Default:
    """The default that the *server* fills in, where it is not the one of the class."""

    value: Any


@frozen(eq=False)
class SchemaOverride:
    """Entries laid over the schema that was derived, for what nothing else can say; None removes one."""

    entries: Mapping[str, Any]


@value
class Rule:
    """A CEL rule, on a class or a field (``x-kubernetes-validations``).

    Attributes:
        rule: The expression; ``self`` is the value, ``oldSelf`` what it was: a rule that mentions it runs on updates only.
        message: What to say when it is false; by default the rule itself.
        message_expression: A CEL expression that gives the message; wins over *message*.
        reason: The reason of the cause; ``FieldValueInvalid`` by default.
        field_path: The path below the value that the cause names, such as ``.minReplicas``.
        optional_old_self: Whether ``oldSelf`` is an optional, so that the rule runs on creates too.

    Source: Kubernetes, "Extend the API with CustomResourceDefinitions", validation rules; KEP-2876.
    """

    rule: str
    message: str | None = field(default=None, kw_only=True)
    message_expression: str | None = field(default=None, kw_only=True)
    reason: Literal["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"] | None = (
        field(default=None, kw_only=True)
    )
    field_path: str | None = field(default=None, kw_only=True)
    optional_old_self: bool | None = field(default=None, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the entry of ``x-kubernetes-validations``."""
        entry = {
            "rule": self.rule,
            "message": self.message,
            "messageExpression": self.message_expression,
            "reason": self.reason,
            "fieldPath": self.field_path,
            "optionalOldSelf": self.optional_old_self,
        }
        return {name: value for name, value in entry.items() if value is not None}


@value
class Column:
    """A column of ``kubectl get``.

    Attributes:
        name: The heading.
        json_path: Where the value is, such as ``.spec.size``.
        type: ``integer``, ``number``, ``string``, ``boolean`` or ``date``; dates are shown as ages.
        description: For people.
        format: Such as ``int32``; a hint to clients.
        priority: Above 0 it is shown by ``-o wide`` only.
    """

    name: str
    json_path: str
    type: Literal["integer", "number", "string", "boolean", "date"] = "string"
    description: str | None = field(default=None, kw_only=True)
    format: str | None = field(default=None, kw_only=True)
    priority: int = field(default=0, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        """Give the entry of ``additionalPrinterColumns``."""
        entry = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
            "format": self.format,
            "priority": self.priority or None,
            "jsonPath": self.json_path,
        }
        return {name: value for name, value in entry.items() if value is not None}


@frozen(kw_only=True)
class Scale:
    """The scale subresource, through which ``kubectl scale`` and autoscalers set a number of replicas.

    Attributes:
        spec_replicas_path: Where the wanted number is; below ``.spec``.
        status_replicas_path: Where the actual number is; below ``.status``.
        label_selector_path: Where the selector of the pods is, as text; an autoscaler needs it.
    """

    spec_replicas_path: str = ".spec.replicas"
    status_replicas_path: str = ".status.replicas"
    label_selector_path: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the document of ``subresources.scale``."""
        entry = {"specReplicasPath": self.spec_replicas_path, "statusReplicasPath": self.status_replicas_path}
        return entry | ({"labelSelectorPath": self.label_selector_path} if self.label_selector_path else {})
