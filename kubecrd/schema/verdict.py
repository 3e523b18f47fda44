"""The API server's own verdict on an object, without a server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal
from weakref import WeakKeyDictionary

from attrs import frozen

from kubecrd.errors import DefinitionError, InvalidObjectError, RequestError
from kubecrd.resource.codec import to_document
from kubecrd.resource.fielderrors import FieldError, join
from kubecrd.resource.objects import KubeObject, Resource

from .acceptance import prepare_crd
from .accessors import nested
from .jsonvalues import copied
from .parts import PartValidator
from .strategy import CustomResourceStrategy
from .wording import invalid

if TYPE_CHECKING:
    from .crd import CustomResourceDefinition
    from .rules import SchemaRules
    from .structural import Structural

__all__ = ["ObjectValidator", "validate", "validator_of", "verdict"]

Object = KubeObject | Mapping[str, Any]

_SYSTEM_FIELDS: Final = frozenset(
    {
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    }
)
_MOST_OF_GENERATED: Final = 58
"""So many characters of ``generateName`` begin a name of 63."""

_VALIDATORS: WeakKeyDictionary[type, ObjectValidator] = WeakKeyDictionary()
_PARTS: WeakKeyDictionary[type, PartValidator] = WeakKeyDictionary()


class ObjectValidator:
    """Says of objects of one definition what the API server would say, and what it would store.

    Objects may be typed or JSON documents, as YAML gives them (see `load_all`). One validator serves for any number of
    objects: schema and rules are compiled once.

    Args:
        crd: The definition, or its document, or a class decorated with `custom_resource`.

    Attributes:
        group: The API group of the objects.
        kind: Their kind.

    Raises:
        DefinitionError: no version of it is served.
        DecodeError: something in the definition has a wrong type. What else is wrong with it, `check_crd` says.
    """

    def __init__(self, crd: CustomResourceDefinition | Mapping[str, Any] | type[Resource]) -> None:
        document = prepare_crd(_definition(crd))
        spec = document["spec"]
        self.kind: str = spec["names"]["kind"]
        self.group: str = spec["group"]
        served = [version["name"] for version in spec["versions"] or () if version["served"]]
        if not served:
            name = document["metadata"].get("name") or "the definition"
            raise DefinitionError(f"{name}: no version is served, so no object is taken")
        self._strategies = {f"{self.group}/{name}": CustomResourceStrategy(document, name) for name in served}

    def verdict(
        self, obj: Object, old: Object | None = None, *, subresource: Literal["", "status"] = ""
    ) -> list[FieldError]:
        """List what the API server would find wrong, in its order and words; empty when it would take the object.

        Args:
            obj: What is sent.
            old: What is stored now, when this is an update: transition rules compare the two, and what was wrong
                before may stay (ratcheting).
            subresource: ``status`` for a write to the status, which needs *old*.

        Raises:
            DecodeError: metadata, here or in an embedded object, has a wrong type: the server answers 400.
            RequestError: *subresource* is ``status``, but *old* is missing, or the version has no such subresource.
        """
        return self._review(obj, old, subresource).errors

    def validate(self, obj: Object, old: Object | None = None, *, subresource: Literal["", "status"] = "") -> None:
        """Refuse *obj* as the API server would; see `verdict`.

        Raises:
            InvalidObjectError: the server would refuse it; ``causes`` says why, field by field.
            DecodeError: as `verdict`.
            RequestError: as `verdict`.
        """
        self._refuse(self._review(obj, old, subresource))

    def stored(
        self, obj: Object, old: Object | None = None, *, subresource: Literal["", "status"] = ""
    ) -> dict[str, Any]:
        """Give the document that the API server would store: pruned, defaults filled in, generation counted.

        What only a server knows is not there: uid, resourceVersion and times of a new object.

        Raises:
            InvalidObjectError: the server would refuse it.
            DecodeError: as `verdict`.
            RequestError: as `verdict`.
        """
        review = self._review(obj, old, subresource)
        self._refuse(review)
        # It shares parts with what was given, which belongs to the caller.
        prepared: dict[str, Any] = copied(review.prepared)
        return prepared

    def warnings(self, obj: Object, old: Object | None = None, *, subresource: Literal["", "status"] = "") -> list[str]:
        """List what the API server would warn of while it takes the object.

        These are unknown fields, which it drops, and rules that were broken before and may stay so.

        Raises:
            DecodeError: as `verdict`.
            RequestError: as `verdict`.
        """
        unknown = [f'unknown field "{path}"' for path in self.unknown_fields(obj)]
        review = self._review(obj, old, subresource)
        if review.strategy is None or review.errors:
            return unknown
        return unknown + review.strategy.warnings(review.prepared, review.stored)

    def unknown_fields(self, obj: Object) -> list[str]:
        """List the fields that the definition does not have: the API server drops them, with a warning."""
        document = _document(obj)
        strategy = self._strategies.get(str(document.get("apiVersion")))
        return [] if strategy is None else strategy.decode(document)[1]

    def schemas(self) -> dict[str, Structural]:
        """Give the schemas of the versions, by the apiVersion of their objects."""
        return {name: each.structural for name, each in self._strategies.items()}

    def rules(self) -> list[SchemaRules]:
        """Give the CEL rules of each version that has some."""
        return [each.rules for each in self._strategies.values() if each.rules is not None]

    def _review(self, obj: Object, old: Object | None, subresource: str) -> _Review:
        document = _document(obj)
        strategy = self._strategies.get(str(document.get("apiVersion")))
        if old is None:
            if subresource:
                raise RequestError(f"{self.kind}: the status of a stored object is written; give it as old")
            if strategy is None or document.get("kind") != self.kind:
                return _Review(None, document, None, self._of_another_kind(document))
            prepared = strategy.prepare_create(_as_new(_decoded(strategy, document)))
            return _Review(strategy, prepared, None, strategy.validate_create(prepared))
        before = _document(old)
        strategy = strategy or self._strategies.get(str(before.get("apiVersion")))
        if strategy is None:
            return _Review(None, document, None, self._of_another_kind(document))
        # Only the apiVersion tells versions apart, as long as nobody converts.
        stored = _decoded(strategy, before | {"apiVersion": strategy.api_version, "kind": self.kind})
        wanted = _decoded(strategy, document)
        if strategy.namespaced and not _has_namespace(document):
            wanted["metadata"]["namespace"] = stored["metadata"]["namespace"]
        if not subresource:
            prepared = strategy.prepare_update(wanted, stored)
            return _Review(strategy, prepared, stored, strategy.validate_update(prepared, stored))
        if not strategy.has_status:
            raise RequestError(f"{self.kind} of {strategy.api_version} has no status subresource")
        prepared = strategy.prepare_status_update(wanted, stored)
        return _Review(strategy, prepared, stored, strategy.validate_status_update(prepared, stored))

    def _refuse(self, review: _Review) -> None:
        if review.errors:
            name = (review.prepared.get("metadata") or {}).get("name", "")
            text = f'{self.kind}.{self.group} "{name}" is invalid: {join(review.errors)}'
            raise InvalidObjectError(text, review.errors)

    def _of_another_kind(self, document: Mapping[str, Any]) -> list[FieldError]:
        for key in ("kind", "apiVersion"):
            nested(dict(document), key, "string")
        errors = []
        if document.get("kind") != self.kind:
            errors.append(invalid("kind", document.get("kind", ""), f"must be {self.kind}"))
        if document.get("apiVersion") not in self._strategies:
            versions = " or ".join(self._strategies)
            errors.append(invalid("apiVersion", document.get("apiVersion", ""), f"must be {versions}"))
        return errors


@frozen
class _Review:
    """What came of a request: the object as it would be stored, what is stored now, and what is wrong."""

    strategy: CustomResourceStrategy | None
    prepared: dict[str, Any]
    stored: dict[str, Any] | None
    errors: list[FieldError]


def verdict(obj: object, old: object | None = None, *, subresource: Literal["", "status"] = "") -> list[FieldError]:
    """List what the API server would find wrong with *obj*, in its order and words; empty when it would take it.

    Args:
        obj: An object of a class decorated with `custom_resource`; or a part of one, such as a spec, of a class decorated
            with `kube_schema`: fields are then told below ``self``.
        old: What is stored now, when this is an update: transition rules compare the two, and what was
            wrong before may stay (ratcheting).
        subresource: ``status`` for a write to the status, which needs *old*.

    Raises:
        DefinitionError: the class is decorated with neither.
        RequestError: *subresource* is ``status``, but *old* is missing, or the class has no status.
    """
    if _is_part(type(obj)):
        return _part_validator(type(obj)).verdict(obj, old)
    validator = validator_of(type(obj))
    return validator.verdict(_object(obj), None if old is None else _object(old), subresource=subresource)


def validate(obj: object, old: object | None = None, *, subresource: Literal["", "status"] = "") -> None:
    """Refuse *obj* as the API server would; see `verdict`.

    Raises:
        InvalidObjectError: the server would refuse it; ``causes`` says why, field by field.
        DefinitionError: the class is decorated with neither `custom_resource` nor `kube_schema`.
        RequestError: as `verdict`.
    """
    if _is_part(type(obj)):
        _part_validator(type(obj)).validate(obj, old)
    else:
        validator = validator_of(type(obj))
        validator.validate(_object(obj), None if old is None else _object(old), subresource=subresource)


def validator_of(cls: type) -> ObjectValidator:
    """Give the validator of a class, the same each time.

    Raises:
        DefinitionError: the class is not decorated with `custom_resource`.
    """
    known = _VALIDATORS.get(cls)
    if known is None:
        if not issubclass(cls, Resource):
            right = "decorate it with @kube_schema, or give a custom resource"
            raise DefinitionError(f"{cls.__name__}: has no schema; {right}")
        known = _VALIDATORS[cls] = ObjectValidator(_alone(cls.crd().to_dict()))
    return known


def _is_part(cls: type) -> bool:
    return not issubclass(cls, Resource) and "__kube_schema__" in vars(cls)


def _part_validator(cls: type) -> PartValidator:
    known = _PARTS.get(cls)
    if known is None:
        known = _PARTS[cls] = PartValidator(cls)
    return known


def _object(obj: object) -> Object:
    if isinstance(obj, KubeObject | Mapping):
        return obj
    raise DefinitionError(f"{type(obj).__name__}: is no object of a cluster; give one, or its document")


def _alone(crd: dict[str, Any]) -> dict[str, Any]:
    """Let the one version of a class stand for the whole kind, also where it is served or stored beside others."""
    versions = [{**version, "served": True, "storage": True} for version in crd["spec"]["versions"]]
    return {**crd, "spec": {**crd["spec"], "versions": versions}}


def _definition(crd: CustomResourceDefinition | Mapping[str, Any] | type[Resource]) -> dict[str, Any]:
    if isinstance(crd, type):
        return _alone(crd.crd().to_dict())
    return crd.to_dict() if isinstance(crd, KubeObject) else dict(crd)


def _document(obj: Object) -> dict[str, Any]:
    return to_document(obj) if isinstance(obj, KubeObject) else dict(obj)


def _decoded(strategy: CustomResourceStrategy, document: dict[str, Any]) -> dict[str, Any]:
    decoded, _ = strategy.decode(document)
    # The server makes managed fields anew before it validates.
    metadata = {key: value for key, value in (decoded.get("metadata") or {}).items() if key != "managedFields"}
    if strategy.namespaced:
        metadata.setdefault("namespace", "default")
    else:
        metadata.pop("namespace", None)
    return {**decoded, "metadata": metadata}


def _as_new(obj: dict[str, Any]) -> dict[str, Any]:
    """Take out what a create ignores, and make up a name where only its beginning is given."""
    metadata = {key: value for key, value in obj["metadata"].items() if key not in _SYSTEM_FIELDS}
    beginning = metadata.get("generateName")
    if beginning and not metadata.get("name"):
        metadata["name"] = beginning[:_MOST_OF_GENERATED] + "xxxxx"
    return {**obj, "metadata": metadata}


def _has_namespace(document: Mapping[str, Any]) -> bool:
    return bool((document.get("metadata") or {}).get("namespace"))
