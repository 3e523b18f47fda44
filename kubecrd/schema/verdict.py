"""The API server's own verdict on an object, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kubecrd.errors import InvalidObjectError
from kubecrd.resource.codec import to_document
from kubecrd.resource.fielderrors import join

from .acceptance import prepare_crd
from .strategy import CustomResourceStrategy

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError
    from kubecrd.resource.objects import Resource

__all__ = ["validate", "verdict"]

_STRATEGIES: WeakKeyDictionary[type[Resource], CustomResourceStrategy] = WeakKeyDictionary()


def verdict(obj: Resource, old: Resource | None = None) -> list[FieldError]:
    """List what the API server would find wrong with *obj*, in its order and words; empty when it would take it.

    Args:
        obj: An object of a class decorated with `custom_resource`.
        old: What is stored now, when this is an update: transition rules compare the two, and what was
            wrong before may stay (ratcheting).

    Raises:
        DefinitionError: the class is not decorated with `custom_resource`.
    """
    strategy = _strategy(type(obj))
    wanted = _decoded(strategy, obj)
    if old is None:
        return strategy.validate_create(strategy.prepare_create(wanted))
    stored = _decoded(strategy, old)
    version = stored["metadata"].setdefault("resourceVersion", "1")
    wanted["metadata"].setdefault("resourceVersion", version)
    return strategy.validate_update(strategy.prepare_update(wanted, stored), stored)


def validate(obj: Resource, old: Resource | None = None) -> None:
    """Refuse *obj* as the API server would; see `verdict`.

    Raises:
        InvalidObjectError: the server would refuse it; ``causes`` says why, field by field.
        DefinitionError: the class is not decorated with `custom_resource`.
    """
    causes = verdict(obj, old)
    if causes:
        name = f"{type(obj).api_resource.kind}.{type(obj).api_resource.group}"
        raise InvalidObjectError(f'{name} "{obj.metadata.name or ""}" is invalid: {join(causes)}', causes)


def _strategy(cls: type[Resource]) -> CustomResourceStrategy:
    known = _STRATEGIES.get(cls)
    if known is None:
        crd = prepare_crd(cls.crd().to_dict())
        known = _STRATEGIES[cls] = CustomResourceStrategy(crd, cls.api_resource.version)
    return known


def _decoded(strategy: CustomResourceStrategy, obj: Resource) -> dict[str, Any]:
    decoded, _ = strategy.decode(to_document(obj))
    if obj.resource.namespaced:
        decoded["metadata"].setdefault("namespace", "default")
    return decoded
