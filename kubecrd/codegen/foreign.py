"""Classes that others made, as data: the fields of pydantic models, msgspec structs, dataclasses and attrs classes.

Nothing of pydantic is imported: a model says all by itself, in its ``__pydantic_fields__``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import attrs
import msgspec
from attrs import frozen

from kubecrd.errors import DefinitionError
from kubecrd.schema.descriptions import attribute_docs, class_doc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["REQUIRED", "ForeignField", "fields_of", "is_foreign", "left_behind", "own_doc"]

REQUIRED: Final = object()
"""The default of a field that has none."""


@frozen(kw_only=True)
class ForeignField:
    """A field of a class that somebody else's decorator made.

    Attributes:
        name: In Python.
        json_name: In JSON.
        hint: Its type, resolved.
        metadata: What stands beside the type: constraints, validators, and whatever else.
        default: `REQUIRED`, or the default.
        factory: Makes the default; None where there is none.
        doc: What describes it; empty for nothing.
        title: A short heading; empty for none.
        deprecated: What to use instead; empty where it is not deprecated.
        is_internal: Whether it is never in JSON.
    """

    name: str
    json_name: str
    hint: Any
    metadata: tuple[Any, ...] = ()
    default: Any = REQUIRED
    factory: Callable[[], Any] | None = None
    doc: str = ""
    title: str = ""
    deprecated: str = ""
    is_internal: bool = False


def is_foreign(value: object) -> bool:
    """Say whether *value* is a class with fields that this module can read."""
    return isinstance(value, type) and (
        _pydantic_fields(value) is not None
        or issubclass(value, msgspec.Struct)
        or dataclasses.is_dataclass(value)
        or attrs.has(value)
    )


def fields_of(cls: type) -> list[ForeignField]:
    """Give the fields of a pydantic model, a msgspec struct, a dataclass or an attrs class, in order.

    Raises:
        DefinitionError: an annotation names something that is not defined.
    """
    try:
        hints = get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise DefinitionError(
            f"{cls.__name__}: an annotation uses {error.name!r}, which its module does not define"
        ) from error
    docs = attribute_docs(cls)
    infos = _pydantic_fields(cls)
    if infos is not None:
        return [_of_pydantic(name, info, docs.get(name, "")) for name, info in infos.items()]
    if issubclass(cls, msgspec.Struct):
        structs = msgspec.structs.fields(cls)
        return [_of_struct(each, hints[each.name], docs.get(each.name, "")) for each in structs]
    if dataclasses.is_dataclass(cls):
        return [_of_dataclass(each, hints[each.name], docs.get(each.name, "")) for each in dataclasses.fields(cls)]
    made: Any = cls
    return [_of_attrs(each, hints[each.name], docs.get(each.name, "")) for each in attrs.fields(made)]


def _pydantic_fields(cls: type) -> Mapping[str, Any] | None:
    """Give what pydantic knows of the fields of *cls*; None where it is none of its classes."""
    # Before 2.10 only models had them, under this name.
    found: Mapping[str, Any] | None = getattr(cls, "__pydantic_fields__", None) or getattr(cls, "model_fields", None)
    return found if isinstance(found, dict) else None


def _of_pydantic(name: str, info: Any, doc: str) -> ForeignField:
    deprecated = info.deprecated
    return ForeignField(
        name=name,
        json_name=info.serialization_alias or info.alias or name,
        hint=info.annotation,
        metadata=tuple(info.metadata),
        default=REQUIRED if info.is_required() or info.default_factory else info.default,
        factory=info.default_factory,
        doc=info.description or doc,
        title=info.title or "",
        deprecated=str(getattr(deprecated, "message", deprecated)) if deprecated else "",
        is_internal=info.exclude is True,
    )


def _of_struct(each: msgspec.structs.FieldInfo, hint: Any, doc: str) -> ForeignField:
    factory: Any = each.default_factory
    return ForeignField(
        name=each.name,
        json_name=each.encode_name,
        hint=hint,
        default=REQUIRED if each.default is msgspec.NODEFAULT else each.default,
        factory=None if factory is msgspec.NODEFAULT else factory,
        doc=doc,
    )


def _of_dataclass(each: dataclasses.Field[Any], hint: Any, doc: str) -> ForeignField:
    missing = dataclasses.MISSING
    return ForeignField(
        name=each.name,
        # Before its 1.0, lightkube named a field that is a keyword of Python by its metadata.
        json_name=str(each.metadata.get("json", each.name)),
        hint=hint,
        default=REQUIRED if each.default is missing else each.default,
        factory=None if each.default_factory is missing else each.default_factory,
        doc=doc,
        is_internal=not each.init,
    )


def _of_attrs(each: attrs.Attribute[Any], hint: Any, doc: str) -> ForeignField:
    default: Any = each.default
    factory = None
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        made: Any = default
        # What is made of the other fields is made in Python.
        default, factory = (None, None) if made.takes_self else (REQUIRED, made.factory)
    return ForeignField(
        name=each.name,
        json_name=each.alias or each.name,
        hint=hint,
        default=REQUIRED if default is attrs.NOTHING else default,
        factory=factory,
        doc=doc,
        is_internal=not each.init,
    )


def own_doc(cls: type) -> str:
    """Give the docstring that somebody wrote for *cls*; dataclasses and pydantic make one up, or inherit it."""
    doc = class_doc(cls) or ""
    return "" if doc.startswith(f"{cls.__name__}(") else doc


def left_behind(cls: type) -> list[str]:
    """Name the methods in which *cls* checks its values by Python, which the API server cannot run."""
    decorators = getattr(cls, "__pydantic_decorators__", None)
    kinds: Iterable[str] = ("validators", "field_validators", "root_validators", "model_validators")
    names = [name for kind in kinds for name in getattr(decorators, kind, ())]
    return names + [name for name in ("__post_init__", "__attrs_post_init__") if name in vars(cls)]
