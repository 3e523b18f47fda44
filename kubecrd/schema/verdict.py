"""The API server's own verdict on an object, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from kubecrd.errors import DefinitionError, InvalidObjectError
from kubecrd.resource.codec import to_document
from kubecrd.resource.fielderrors import FieldError, join
from kubecrd.resource.objects import KubeObject, Resource

from .acceptance import prepare_crd
from .strategy import CustomResourceStrategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .crd import CustomResourceDefinition

__all__ = ["ObjectValidator", "validate", "verdict"]

_VALIDATORS: WeakKeyDictionary[type[Resource], ObjectValidator] = WeakKeyDictionary()


class ObjectValidator:
    """Says of objects of one definition what the API server would say.

    Objects may be typed or JSON documents, as YAML gives them.

    Args:
        crd: The definition, or its document.

    Raises:
        DefinitionError: no version of it is served.
    """

    def __init__(self, crd: CustomResourceDefinition | Mapping[str, Any]) -> None:
        document = prepare_crd(crd.to_dict() if isinstance(crd, KubeObject) else dict(crd))
        spec = document["spec"]
        self._kind: str = spec["names"]["kind"]
        self._group: str = spec["group"]
        served = [version["name"] for version in spec["versions"] if version["served"]]
        if not served:
            raise DefinitionError(f"{document['metadata'].get('name')}: no version is served, so no object is taken")
        self._strategies = {f"{self._group}/{name}": CustomResourceStrategy(document, name) for name in served}

    def verdict(
        self,
        obj: KubeObject | Mapping[str, Any],
        old: KubeObject | Mapping[str, Any] | None = None,
        *,
        subresource: Literal["", "status"] = "",
    ) -> list[FieldError]:
        """List what the API server would find wrong, in its order and words; empty when it would take the object.

        Args:
            obj: What is sent.
            old: What is stored now, when this is an update: transition rules compare the two, and what was wrong
                before may stay (ratcheting).
            subresource: ``status`` for a write to the status, which needs *old*.
        """
        document = _document(obj)
        strategy = self._strategies.get(str(document.get("apiVersion")))
        if strategy is None or document.get("kind") != self._kind:
            return self._of_another_kind(document)
        wanted = _decoded(strategy, document)
        if old is None:
            return strategy.validate_create(strategy.prepare_create(wanted))
        stored = _decoded(strategy, _document(old))
        version = stored["metadata"].setdefault("resourceVersion", "1")
        wanted["metadata"].setdefault("resourceVersion", version)
        if subresource == "status":
            return strategy.validate_status_update(strategy.prepare_status_update(wanted, stored), stored)
        return strategy.validate_update(strategy.prepare_update(wanted, stored), stored)

    def unknown_fields(self, obj: KubeObject | Mapping[str, Any]) -> list[str]:
        """List the fields that the definition does not have: the API server drops them, with a warning."""
        document = _document(obj)
        strategy = self._strategies.get(str(document.get("apiVersion")))
        return [] if strategy is None else strategy.decode(document)[1]

    def validate(self, obj: KubeObject | Mapping[str, Any], old: KubeObject | Mapping[str, Any] | None = None) -> None:
        """Refuse *obj* as the API server would; see `verdict`.

        Raises:
            InvalidObjectError: the server would refuse it; ``causes`` says why, field by field.
        """
        causes = self.verdict(obj, old)
        if causes:
            name = _document(obj).get("metadata", {}).get("name", "")
            raise InvalidObjectError(f'{self._kind}.{self._group} "{name}" is invalid: {join(causes)}', causes)

    def _of_another_kind(self, document: Mapping[str, Any]) -> list[FieldError]:
        errors = []
        if document.get("kind") != self._kind:
            errors.append(FieldError("kind", "FieldValueInvalid", f"must be {self._kind}", document.get("kind", "")))
        if document.get("apiVersion") not in self._strategies:
            versions = " or ".join(self._strategies)
            errors.append(
                FieldError("apiVersion", "FieldValueInvalid", f"must be {versions}", document.get("apiVersion", ""))
            )
        return errors


def verdict(obj: Resource, old: Resource | None = None) -> list[FieldError]:
    """List what the API server would find wrong with *obj*, in its order and words; empty when it would take it.

    Args:
        obj: An object of a class decorated with `custom_resource`.
        old: What is stored now, when this is an update: transition rules compare the two, and what was
            wrong before may stay (ratcheting).

    Raises:
        DefinitionError: the class is not decorated with `custom_resource`.
    """
    return _validator(type(obj)).verdict(obj, old)


def validate(obj: Resource, old: Resource | None = None) -> None:
    """Refuse *obj* as the API server would; see `verdict`.

    Raises:
        InvalidObjectError: the server would refuse it; ``causes`` says why, field by field.
        DefinitionError: the class is not decorated with `custom_resource`.
    """
    _validator(type(obj)).validate(obj, old)


def _validator(cls: type[Resource]) -> ObjectValidator:
    known = _VALIDATORS.get(cls)
    if known is None:
        known = _VALIDATORS[cls] = ObjectValidator(cls.crd())
    return known


def _document(obj: KubeObject | Mapping[str, Any]) -> dict[str, Any]:
    return to_document(obj) if isinstance(obj, KubeObject) else dict(obj)


def _decoded(strategy: CustomResourceStrategy, document: dict[str, Any]) -> dict[str, Any]:
    decoded, _ = strategy.decode(document)
    decoded.setdefault("metadata", {})
    if strategy.namespaced:
        decoded["metadata"].setdefault("namespace", "default")
    return decoded
