"""The versions of one kind, and how objects of one become objects of another.

Each version is a class of its own. Functions between two of them are registered, either between every pair or through one
version, the hub, to which all others have a way; `convert` finds the shortest one. Nothing is sent: the conversion webhook
calls what is here, and so do tests.

What a version has no field for is lost on the way there, unless the family keeps it: then it travels in an annotation,
and comes back with the conversion back, as far as nobody has changed it meanwhile.
"""

from __future__ import annotations

import json
import typing
from collections import deque
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakKeyDictionary

import attrs

from kubecrd.errors import DecodeError, DefinitionError

from . import codec
from .objects import Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Versions", "convert", "lost_fields"]

R = TypeVar("R", bound=Resource)
F = TypeVar("F", bound="Callable[..., Resource]")

_FAMILIES: WeakKeyDictionary[type[Resource], Versions] = WeakKeyDictionary()
_HEAD: Final = frozenset({"apiVersion", "kind", "metadata"})


class Versions:
    """The versions of one kind, as classes.

    ```python
    pizzas = Versions(PizzaV1, PizzaV2, hub=PizzaV2)

    @pizzas.converter
    def upgrade(old: PizzaV1) -> PizzaV2: ...

    @pizzas.converter
    def downgrade(new: PizzaV2) -> PizzaV1: ...
    ```

    Args:
        classes: One for each version; group, kind, plural and scope are the same.
        hub: The version through which the others go; None where any way will do.
        keep_lost: Whether what a version has no field for is kept in an annotation
            (``<group>/lost-of-<version>``), for the way back.

    Raises:
        DefinitionError: the classes are not versions of one kind, or belong to another family already.
    """

    def __init__(self, *classes: type[Resource], hub: type[Resource] | None = None, keep_lost: bool = False) -> None:
        _check_family(classes, hub)
        self.classes: Final = classes
        self.hub: Final = hub
        self.keep_lost: Final = keep_lost
        self._converters: dict[tuple[type[Resource], type[Resource]], Callable[[Any], Resource]] = {}
        for cls in classes:
            _FAMILIES[cls] = self

    def converter(self, function: F) -> F:
        """Register a function from one version to another; its annotations say between which.

        The function gives spec and status. Name, uid and whatever else tells the object are taken over for it, and so
        are labels and annotations, unless it gives metadata with others.

        Raises:
            DefinitionError: the annotations name no two versions of this family, or the pair has a function.
        """
        pair = self._annotated(function)
        if pair in self._converters:
            raise DefinitionError(
                f"{function.__qualname__}: {pair[0].__name__} already becomes {pair[1].__name__} by "
                f"{self._converters[pair].__qualname__}; register one function for a pair"
            )
        if self.hub is not None and self.hub not in pair:
            raise DefinitionError(
                f"{function.__qualname__}: all ways lead through {self.hub.__name__}; convert from it or to it"
            )
        self._converters[pair] = function
        return function

    def _annotated(self, function: Callable[..., Resource]) -> tuple[type[Resource], type[Resource]]:
        names = {cls.__name__: cls for cls in self.classes}
        try:
            hints = typing.get_type_hints(function, localns=names)
        except NameError as error:
            raise DefinitionError(
                f"{function.__qualname__}: an annotation uses {error.name!r}, not defined here"
            ) from error
        target = hints.pop("return", None)
        source = next(iter(hints.values()), None)
        if source not in self.classes or target not in self.classes or source is target:
            known = ", ".join(names)
            raise DefinitionError(
                f"{function.__qualname__}: annotate the argument and the result with two of the versions {known}"
            )
        return source, target

    def check(self) -> None:
        """Make sure that every version can become every other.

        Raises:
            DefinitionError: there is no way from one to another; all such pairs are told.
        """
        missing = [
            f"{source.__name__} to {target.__name__}"
            for source in self.classes
            for target in self.classes
            if self._way(source, target) is None
        ]
        if missing:
            kind = self.classes[0].kind
            raise DefinitionError(
                f"{kind}: no converter leads from {', from '.join(missing)}; register it with @converter"
            )

    def convert(self, obj: Resource, to: type[R]) -> R:
        """Give the object in another version; itself where it is in that already.

        Raises:
            DefinitionError: there is no way, or a converter gives something else than it promises.
        """
        way = self._way(type(obj), to)
        if way is None:
            raise DefinitionError(
                f"no converter leads from {type(obj).__name__} to {to.__name__}; register it with @converter"
            )
        for target in way:
            obj = self._step(obj, target)
        return typing.cast("R", obj)

    def convert_document(self, document: Mapping[str, Any], to: str) -> dict[str, Any]:
        """Give a JSON document in another version, with the fields that its class does not know where they are kept.

        Args:
            document: An object of any of the versions.
            to: The apiVersion that is wanted, such as ``shop.example.com/v2``.

        Raises:
            DecodeError: the document is of no version of this kind, or does not fit its class.
            DefinitionError: there is no way to *to*, or no such version.
        """
        source = self._by_api_version(str(document.get("apiVersion")))
        target = self._by_api_version(to)
        if target is None:
            raise DefinitionError(f"{self.classes[0].kind} has no version {to}; choose from {self._listed()}")
        if source is None or document.get("kind") != source.kind:
            raise DecodeError(
                f"the document is a {document.get('kind')} of {document.get('apiVersion')}, not a "
                f"{self.classes[0].kind} of {self._listed()}",
                "apiVersion",
            )
        if source is target:
            return dict(document)
        return codec.to_document(self.convert(source.from_dict(document), target))

    def _by_api_version(self, api_version: str) -> type[Resource] | None:
        return next((cls for cls in self.classes if cls.api_version == api_version), None)

    def _listed(self) -> str:
        return ", ".join(cls.api_version for cls in self.classes)

    def _way(self, source: type[Resource], target: type[Resource]) -> list[type[Resource]] | None:
        """Find the shortest way: the versions after *source*, the last being *target*."""
        ways: dict[type[Resource], list[type[Resource]]] = {source: []}
        queue = deque([source])
        while queue and target not in ways:
            here = queue.popleft()
            for start, end in self._converters:
                if start is here and end not in ways:
                    ways[end] = [*ways[here], end]
                    queue.append(end)
        return ways.get(target)

    # --- one step

    def _step(self, obj: Resource, target: type[Resource]) -> Resource:
        converted = self._called(obj, target)
        if not self.keep_lost:
            return converted
        document = codec.to_document(converted)
        annotations = document["metadata"].setdefault("annotations", {})
        kept = annotations.pop(_annotation(target), None)
        if kept is not None:
            _restore(document, _entries(kept))
        lost = list(self._lost(obj, converted))
        if lost:
            annotations[_annotation(type(obj))] = json.dumps(lost, separators=(",", ":"), ensure_ascii=False)
        return target.from_dict(document)

    def _lost(self, obj: Resource, converted: Resource) -> Iterator[dict[str, Any]]:
        """Say what of *obj* would not be there after the way back."""
        back = converted
        way = self._way(type(converted), type(obj))
        if way is None:
            raise DefinitionError(
                f"no converter leads back from {type(converted).__name__} to {type(obj).__name__}; what is lost can be kept "
                "only where there is one"
            )
        for target in way:
            back = self._called(back, target)
        yield from _differences(_content(back), _content(obj))

    def _called(self, obj: Resource, target: type[Resource]) -> Resource:
        function = self._converters[type(obj), target]
        made = function(obj)
        if type(made) is not target:
            raise DefinitionError(
                f"{function.__qualname__}: gave a {type(made).__name__}, and promises a {target.__name__}"
            )
        given = made.metadata
        labelled = given if given != type(given)() else obj.metadata
        evolved: Resource = attrs.evolve(
            typing.cast("Any", made),
            metadata=attrs.evolve(obj.metadata, labels=dict(labelled.labels), annotations=dict(labelled.annotations)),
        )
        evolved._source = getattr(made, "_source", None)  # noqa: SLF001 - fields its class does not know go along
        return evolved


def convert(obj: Resource, to: type[R]) -> R:
    """Give *obj* in another version of its kind, by the converters of its `Versions`.

    Raises:
        DefinitionError: the class is of no family of versions, or no converter leads to *to*.
    """
    if type(obj) is to:
        return obj
    return _family(type(obj)).convert(obj, to)


def lost_fields(obj: Resource, through: type[Resource]) -> list[str]:
    """List the fields that *obj* has lost or changed after it has been converted to *through* and back.

    This is what a property test asks, with objects made by Hypothesis: ``assert lost_fields(pizza, through=PizzaV1) == []``.

    Args:
        obj: Any object of a version.
        through: Another version of its kind.

    Raises:
        DefinitionError: as `convert`.
    """
    back = convert(convert(obj, through), type(obj))
    before, after = codec.to_document(obj), codec.to_document(back)
    return [".".join(entry["path"]) for entry in _differences(after, before)]


def _family(cls: type[Resource]) -> Versions:
    family = _FAMILIES.get(cls)
    if family is None:
        raise DefinitionError(
            f"{cls.__name__} is of no family; say which versions it has with Versions({cls.__name__}, …)"
        )
    return family


def _check_family(classes: tuple[type[Resource], ...], hub: type[Resource] | None) -> None:
    if len(classes) < 2:
        raise DefinitionError("Versions: name two classes at least, one for each version")
    first = classes[0].api_resource
    names: dict[str, str] = {}
    for cls in classes:
        resource = cls.api_resource
        if attrs.evolve(resource, version=first.version) != first:
            raise DefinitionError(
                f"Versions: {cls.__name__} is {resource.plural}.{resource.group}, kind {resource.kind}, and "
                f"{classes[0].__name__} is {first.plural}.{first.group}, kind {first.kind}; versions differ in nothing but "
                "the version"
            )
        if resource.version in names:
            raise DefinitionError(f"Versions: {cls.__name__} and {names[resource.version]} are both {resource.version}")
        names[resource.version] = cls.__name__
        if cls in _FAMILIES:
            raise DefinitionError(f"Versions: {cls.__name__} is of another family already")
    if hub is not None and hub not in classes:
        raise DefinitionError(f"Versions: the hub {hub.__name__} is none of the versions {', '.join(names.values())}")


# --- what gets lost, as a list of differences


def _annotation(cls: type[Resource]) -> str:
    return f"{cls.api_resource.group}/lost-of-{cls.api_resource.version}"


def _content(obj: Resource) -> dict[str, Any]:
    return {key: value for key, value in codec.to_document(obj).items() if key not in _HEAD}


def _differences(
    before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """Yield what must be done to *before* to get *after*: at which path something ``was``, and ``is``."""
    for key in (*before, *(key for key in after if key not in before)):
        here = (*path, key)
        if key not in after:
            yield {"path": list(here), "was": before[key]}
        elif key not in before:
            yield {"path": list(here), "is": after[key]}
        elif isinstance(before[key], dict) and isinstance(after[key], dict):
            yield from _differences(before[key], after[key], here)
        elif _text(before[key]) != _text(after[key]):
            yield {"path": list(here), "was": before[key], "is": after[key]}


def _restore(document: dict[str, Any], entries: list[dict[str, Any]]) -> None:
    """Do to *document*, in place, what *entries* say, where it still is as it was."""
    for entry in entries:
        *parents, last = entry["path"]
        place: Any = document
        for step in parents:
            place = place.get(step) if isinstance(place, dict) else None
        if not isinstance(place, dict) or (last in place) != ("was" in entry):
            continue
        if "was" in entry and _text(place[last]) != _text(entry["was"]):
            continue
        if "is" in entry:
            place[last] = deepcopy(entry["is"])
        else:
            del place[last]


def _entries(text: str) -> list[dict[str, Any]]:
    """Read what was kept; an annotation that somebody has broken keeps nothing."""
    try:
        entries = json.loads(text)
    except ValueError:
        return []
    if not isinstance(entries, list):
        return []
    return [each for each in entries if isinstance(each, dict) and _is_path(each.get("path"))]


def _is_path(path: Any) -> bool:
    return (
        isinstance(path, list) and bool(path) and all(isinstance(step, str) for step in path) and path[0] not in _HEAD
    )


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
