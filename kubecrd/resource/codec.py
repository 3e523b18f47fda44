"""From JSON to objects and back.

Decoding goes through msgspec into twins (see `_twin`), with the cyclic garbage collector paused: it costs more than the
parsing, and nothing decoded is garbage yet. Documents that people write, and classes that msgspec cannot fill, go
through cattrs (see `_structure`), which tells every fault with its path.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from kubecrd.errors import DecodeError, DefinitionError

from ._encode import encoder_of, to_json
from ._twin import TwinError, restorer, twin_of
from ._unknown import keep_unknown, unknown_in
from .metadata import ListMeta, ObjectMeta
from .objects import DynamicObject, KubeObject, ObjectList, PartialObject, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .identity import ApiResource

__all__ = [
    "decode",
    "decode_dynamic",
    "decode_list",
    "decode_partial",
    "encode",
    "from_dict",
    "paused_gc",
    "to_dict",
    "to_document",
    "unknown_fields",
    "with_unknown",
]

T = TypeVar("T")
R = TypeVar("R", bound=Resource)
K = TypeVar("K", bound=KubeObject)


class _TypeMeta(msgspec.Struct):
    apiVersion: str = ""  # noqa: N815 - the JSON name
    kind: str = ""


class _RawList(msgspec.Struct):
    items: list[msgspec.Raw] | None = None
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


_TYPE_META = msgspec.json.Decoder(_TypeMeta)
_RAW_LIST = msgspec.json.Decoder(_RawList)


@contextmanager
def paused_gc() -> Iterator[None]:
    """Keep the cyclic garbage collector from running while many objects are made, none of which is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def decode(data: bytes | str | msgspec.Raw, cls: type[T], *, check_kind: bool = True) -> T:
    """Make an object of *cls* of JSON text.

    Args:
        data: The document.
        cls: An attrs class; a `Resource` remembers *data*, so that `to_document` loses no field the class does not know.
        check_kind: Whether apiVersion and kind must be those of the class; the items of a list may leave them out.

    Raises:
        DecodeError: *data* is not JSON, is of another kind, or does not fit the class.
    """
    if issubclass(cls, Resource) and check_kind:
        _check_kind(_parse(_TYPE_META.decode, data, cls), cls)
    made: T = _decoder(cls)(data)
    return _remember(made, data)


def decode_list(data: bytes, item: Callable[[msgspec.Raw], K]) -> ObjectList[K]:
    """Make the page of objects that a list answered, each by *item*; the garbage collector is paused meanwhile.

    Raises:
        DecodeError: *data* is not a list, or an item does not fit; the path names which.
    """
    page = _parse(_RAW_LIST.decode, data, ObjectList)
    with paused_gc():
        items: list[K] = []
        for raw in page.items or ():
            try:
                items.append(item(raw))
            except DecodeError as error:
                path = f"items[{len(items)}].{error.path}"
                raise DecodeError(f"{path.rstrip('.')}: {error}", path.rstrip(".")) from error
        return ObjectList(items, _decoder(ListMeta)(page.metadata))


def decode_dynamic(data: bytes | str | msgspec.Raw, resource: ApiResource) -> DynamicObject:
    """Make an object of a kind without a class.

    Raises:
        DecodeError: *data* is not a JSON object, or its metadata does not fit.
    """
    document = _parse(_DOCUMENT.decode, data, DynamicObject)
    rest = {name: value for name, value in document.items() if name not in _HEAD}
    return DynamicObject(resource=resource, metadata=_metadata(data), data=rest)


def decode_partial(data: bytes | str | msgspec.Raw, resource: ApiResource) -> PartialObject:
    """Make the metadata-only view of an object.

    Raises:
        DecodeError: *data* is not a JSON object, or its metadata does not fit.
    """
    return PartialObject(resource=resource, metadata=_metadata(data))


def encode(value: Any) -> bytes:
    """Write a document, an attrs object or a `KubeObject` as JSON."""
    return msgspec.json.encode(value if isinstance(value, dict) else to_dict(value))


def to_dict(value: Any) -> dict[str, Any]:
    """Give the JSON document of an attrs object: camelCase, None left out."""
    if isinstance(value, DynamicObject | PartialObject):
        return value.to_dict()
    document: dict[str, Any] = encoder_of(type(value))(value)
    return document


def to_document(value: KubeObject) -> dict[str, Any]:
    """Give the JSON document for writing *value* back whole, with the fields that its class does not know.

    Only an object that was read has such fields; one made here is as `to_dict` says.
    """
    return with_unknown(value, value.to_dict())


def with_unknown(value: KubeObject, document: dict[str, Any]) -> dict[str, Any]:
    """Add to *document*, in place, what *value* was read with and its class does not know."""
    source = getattr(value, "_source", None)
    if source is not None:
        keep_unknown(document, _DOCUMENT.decode(source), type(value))
    return document


def unknown_fields(value: KubeObject) -> list[str]:
    """Give the paths of the fields that *value* was read with and its class does not know.

    They are kept, and written back with the object; this is for those who want to hear of them: a misspelt field, or one of
    a newer version.
    """
    source = getattr(value, "_source", None)
    return [] if source is None else list(unknown_in(_DOCUMENT.decode(source), type(value)))


def from_dict(cls: type[T], document: Mapping[str, Any]) -> T:
    """Make an object of *cls* of a JSON document, as YAML gives it.

    Raises:
        DecodeError: the document is of another kind, or fields do not fit; every fault is told, with its path.
    """
    if issubclass(cls, Resource):
        _check_kind(_TypeMeta(str(document.get("apiVersion", "")), str(document.get("kind", ""))), cls)
    from ._structure import structure

    made: T = structure(document, cls)
    return _remember(made, msgspec.json.encode(document, enc_hook=to_json))


def _remember(made: T, source: bytes | str | msgspec.Raw) -> T:
    if isinstance(made, KubeObject):
        made._source = source  # noqa: SLF001 - the codec is what this slot is for
    return made


def _check_kind(found: _TypeMeta, cls: type[Resource]) -> None:
    wanted = cls.api_resource
    if (found.apiVersion, found.kind) != (wanted.api_version, wanted.kind):
        raise DecodeError(
            f"{cls.__name__}: the document is a {found.kind or '(no kind)'} of {found.apiVersion or '(no apiVersion)'}, "
            f"not a {wanted.kind} of {wanted.api_version}",
            "kind",
        )


def _metadata(data: bytes | str | msgspec.Raw) -> ObjectMeta:
    return decode(_parse(_PARTIAL.decode, data, PartialObject).metadata, ObjectMeta)


class _Partial(msgspec.Struct):
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


_HEAD = frozenset({"apiVersion", "kind", "metadata"})
_DOCUMENT = msgspec.json.Decoder(dict[str, Any])
_PARTIAL = msgspec.json.Decoder(_Partial)


_DECODERS: dict[type, Callable[[Any], Any]] = {}


def _decoder(cls: type) -> Callable[[Any], Any]:
    """Give the function that decodes JSON text into *cls*."""
    made = _DECODERS.get(cls)
    if made is None:
        made = _DECODERS[cls] = _make_decoder(cls)
    return made


def _make_decoder(cls: type) -> Callable[[Any], Any]:
    """Make the function that decodes JSON text into *cls*: by its twin, or by cattrs where it cannot have one."""
    try:
        typed: msgspec.json.Decoder[Any] = msgspec.json.Decoder(twin_of(cls), dec_hook=_from_json)
    except DefinitionError:
        raise
    except (TwinError, TypeError):
        from ._structure import structure

        return lambda data: structure(_parse(_DOCUMENT.decode, data, cls), cls)
    restore, parse = restorer(cls), typed.decode

    def decode_typed(data: Any) -> Any:
        made = _parse(parse, data, cls)
        restore(made)
        return made

    return decode_typed


def _from_json(kind: type, value: Any) -> Any:
    """Make a value of a class that msgspec does not know: one with ``from_json``, or one made of a string."""
    make = getattr(kind, "from_json", None)
    return make(value) if make is not None else kind(value)


def _parse(parse: Callable[[Any], T], data: Any, cls: type) -> T:
    try:
        return parse(data)
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        text, _, path = str(error).partition(" - at `$")
        path = path.rstrip("`").removeprefix(".")
        raise DecodeError(f"{cls.__name__}: {path + ': ' if path else ''}{text}", path) from error
