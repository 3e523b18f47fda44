"""From a schema to the annotation of a field: the Python type, and the markers for what the type does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from kubecrd.resource.quantity import Quantity

from .keywords import bare, constraints, kept
from .model import Annotation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .model import Imports

__all__ = ["Classes", "annotate", "annotate_member", "is_class"]

_TIMES: Final = {"date-time": "datetime", "date": "date"}
_INT_OR_STRING: Final = [{"type": "integer"}, {"type": "string"}]
_INTEGERS: Final = {"int64": "int", "int32": "Int32", None: "Integer"}
_NUMBERS: Final = {"double": "float", None: "Number"}


class Classes(Protocol):
    """Names the classes of objects, and the definitions that are referred to."""

    def named(self, schema: Mapping[str, Any], path: tuple[str, ...]) -> Annotation | None:
        """Give the annotation for an object with properties at *path*, or for a reference; None for anything else."""
        ...

    def is_kept(self, schema: Mapping[str, Any]) -> bool:
        """Say whether no markers can say what *schema* says beside its type, so that an override keeps all of it."""
        ...


def is_class(schema: Mapping[str, Any]) -> bool:
    """Say whether the objects that *schema* describes get a class: those with properties, and those without anything."""
    if schema.get("type") != "object" or schema.get("x-kubernetes-embedded-resource"):
        return False
    keeps = schema.get("x-kubernetes-preserve-unknown-fields")
    return bool(schema.get("properties")) or not (keeps or schema.get("additionalProperties"))


def annotate(schema: Mapping[str, Any], path: tuple[str, ...], classes: Classes, imports: Imports) -> Annotation:
    """Give the annotation of a value that *schema* describes.

    Args:
        schema: One node.
        path: Where it is, by JSON names from the kind down.
        classes: Names the classes in it.
        imports: Filled with what the annotation needs.
    """
    annotation = classes.named(schema, path)
    if annotation is None and classes.is_kept(schema):
        annotation, _ = _of_type(bare(schema), path, classes, imports)
        annotation.markers.append(kept(schema, imports))
    elif annotation is None:
        annotation, said = _of_type(schema, path, classes, imports)
        annotation.markers += constraints(schema, imports, said)
    if schema.get("nullable"):
        annotation.markers.append(f"{imports.use('kubecrd', 'Nullable')}()")
        annotation.optional = True
    return annotation


def annotate_member(schema: Mapping[str, Any], path: tuple[str, ...], classes: Classes, imports: Imports) -> Annotation:
    """Give the annotation of an item of a list or a value of a mapping, which has no place for a docstring or a default."""
    annotation = annotate(schema, path, classes, imports)
    # A class has the description as its docstring; what stays a dictionary has none.
    if schema.get("description") and not (is_class(schema) and annotation.type.isidentifier()):
        annotation.markers.append(f"{imports.use('kubecrd', 'Doc')}({schema['description']!r})")
    if "default" in schema and not classes.is_kept(schema):
        annotation.markers.append(f"{imports.use('kubecrd', 'SchemaOverride')}({ {'default': schema['default']}!r})")
    return annotation


def _of_type(
    schema: Mapping[str, Any], path: tuple[str, ...], classes: Classes, imports: Imports
) -> tuple[Annotation, Collection[str]]:
    """Give the annotation without constraints, and the keywords it says beside the type."""
    if schema.get("x-kubernetes-int-or-string"):
        return _int_or_string(schema, imports)
    if schema.get("x-kubernetes-embedded-resource"):
        anything = Annotation(f"dict[str, {imports.use('typing', 'Any')}]")
        anything.markers.append(f"{imports.use('kubecrd', 'EmbeddedResource')}()")
        keeps = "x-kubernetes-preserve-unknown-fields"
        inside = {name: schema[name] for name in ("properties", "required", "additionalProperties") if schema.get(name)}
        if inside or not schema.get(keeps):
            entries = {keeps: True if schema.get(keeps) else None, **inside}
            anything.markers.append(f"{imports.use('kubecrd', 'SchemaOverride')}({entries!r})")
        return anything, {keeps, *inside}
    match schema.get("type"):
        case "string":
            return _string(schema, imports)
        case "integer":
            return _number(schema, _INTEGERS, int, imports)
        case "number":
            return _number(schema, _NUMBERS, float, imports)
        case "boolean":
            return Annotation("bool"), ()
        case "array":
            items = annotate_member(schema.get("items") or {}, path, classes, imports)
            return Annotation(f"list[{items.text(imports)}]"), {"items"}
        case "object":
            return _mapping(schema, path, classes, imports)
        case _:
            return Annotation(imports.use("typing", "Any")), {"x-kubernetes-preserve-unknown-fields"}


def _int_or_string(schema: Mapping[str, Any], imports: Imports) -> tuple[Annotation, Collection[str]]:
    if schema.get("anyOf") != _INT_OR_STRING:
        return Annotation("int | str"), ()
    if schema.get("pattern") == Quantity.openapi_schema["pattern"]:
        return Annotation(imports.use("kubecrd", "Quantity")), {"anyOf", "pattern"}
    return Annotation(imports.use("kubecrd", "IntOrStr")), {"anyOf"}


def _string(schema: Mapping[str, Any], imports: Imports) -> tuple[Annotation, Collection[str]]:
    form, chosen = schema.get("format"), _chosen(schema, str, imports)
    if chosen is None and form in _TIMES:
        return Annotation(f"{imports.module('datetime', 'dt')}.{_TIMES[form]}"), {"format"}
    if chosen is None and form == "byte":
        return Annotation("bytes"), {"format"}
    return (Annotation("str"), ()) if chosen is None else (chosen, _said(schema))


def _number(
    schema: Mapping[str, Any], words: Mapping[str | None, str], base: type, imports: Imports
) -> tuple[Annotation, Collection[str]]:
    form, chosen = schema.get("format"), _chosen(schema, base, imports)
    if chosen is not None:
        return chosen, _said(schema)
    word = words.get(form)
    if word is None:
        return Annotation(base.__name__), ()
    return Annotation(word if word == base.__name__ else imports.use("kubecrd", word)), {"format"}


def _chosen(schema: Mapping[str, Any], base: type, imports: Imports) -> Annotation | None:
    """Give a ``Literal`` of the values of an enum, where they are all of a type that a ``Literal`` may have."""
    values = [value for value in schema.get("enum") or () if value is not None]
    if not values or base is float or not all(type(value) is base for value in values):
        return None
    return Annotation(f"{imports.use('typing', 'Literal')}[{', '.join(map(repr, values))}]")


def _said(schema: Mapping[str, Any]) -> Collection[str]:
    """Give what a ``Literal`` says; not the enum where null is admitted too, for the two contradict each other."""
    return () if schema.get("nullable") or None in schema["enum"] else {"enum"}


def _mapping(
    schema: Mapping[str, Any], path: tuple[str, ...], classes: Classes, imports: Imports
) -> tuple[Annotation, Collection[str]]:
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            # Both at once cannot be said by a type; the override adds the values' schema.
            return Annotation(f"dict[str, {imports.use('typing', 'Any')}]"), ()
        member = annotate_member(values, path, classes, imports)
        return Annotation(f"dict[str, {member.text(imports)}]"), {"additionalProperties"}
    return Annotation(f"dict[str, {imports.use('typing', 'Any')}]"), ()
