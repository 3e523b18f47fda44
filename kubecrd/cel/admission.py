"""What expressions of admission can see: the request, the objects, the namespace, parameters, variables, the authorizer.

Source: apiserver `pkg/admission/plugin/cel/compile.go`, `composition.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from attrs import frozen

from .conversions import converter_of
from .library.authorizer import Authorizer
from .typesystem import BOOL, DYN, INT, STRING, TIMESTAMP, Field, Type, list_of, map_of
from .values import CelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NAMESPACE", "REQUEST", "ComposedVariables", "RequestAuthorizer", "admission_variables", "typed_value"]


def _object(name: str, /, **fields: Type) -> Type:
    return Type(f"kubernetes.{name}", fields={written: Field(written, kind) for written, kind in fields.items()})


_TEXTS: Final = list_of(STRING)
_GROUP_VERSION_KIND: Final = _object("GroupVersionKind", group=STRING, version=STRING, kind=STRING)
_GROUP_VERSION_RESOURCE: Final = _object("GroupVersionResource", group=STRING, version=STRING, resource=STRING)

REQUEST: Final = _object(
    "AdmissionRequest",
    kind=_GROUP_VERSION_KIND,
    resource=_GROUP_VERSION_RESOURCE,
    subResource=STRING,
    requestKind=_GROUP_VERSION_KIND,
    requestResource=_GROUP_VERSION_RESOURCE,
    requestSubResource=STRING,
    name=STRING,
    namespace=STRING,
    operation=STRING,
    userInfo=_object("UserInfo", username=STRING, uid=STRING, groups=_TEXTS, extra=map_of(STRING, _TEXTS)),
    dryRun=BOOL,
    options=DYN,
)
"""The type of ``request``."""

NAMESPACE: Final = _object(
    "Namespace",
    metadata=_object(
        "NamespaceMetadata",
        name=STRING,
        generateName=STRING,
        namespace=STRING,
        labels=map_of(STRING, STRING),
        annotations=map_of(STRING, STRING),
        UID=STRING,
        creationTimestamp=TIMESTAMP,
        deletionGracePeriodSeconds=INT,
        deletionTimestamp=TIMESTAMP,
        generation=INT,
        resourceVersion=STRING,
        finalizers=_TEXTS,
    ),
    spec=_object("NamespaceSpec", finalizers=_TEXTS),
    status=_object(
        "NamespaceStatus",
        conditions=list_of(
            _object(
                "NamespaceCondition",
                status=STRING,
                type=STRING,
                lastTransitionTime=TIMESTAMP,
                message=STRING,
                reason=STRING,
            )
        ),
        phase=STRING,
    ),
)
"""The type of ``namespaceObject``."""

_RESOURCE_CHECK: Final = Type("kubernetes.authorization.ResourceCheck")
_AUTHORIZER: Final = Type(Authorizer.cel_type, fields={"requestResource": Field("requestResource", _RESOURCE_CHECK)})


def admission_variables(
    *, has_params: bool = False, has_authorizer: bool = True, composed: Mapping[str, Type] | None = None
) -> dict[str, Type]:
    """Give the variables of an expression, in the order in which it takes their values.

    Args:
        has_params: Whether there is a ``params``.
        has_authorizer: Whether there is an ``authorizer``.
        composed: The types of the policy's own variables that it may use; None where it has none.
    """
    variables = {"object": DYN, "oldObject": DYN, "request": REQUEST, "namespaceObject": NAMESPACE}
    if has_params:
        variables["params"] = DYN
    if has_authorizer:
        variables["authorizer"] = _AUTHORIZER
    if composed is not None:
        fields = {name: Field(name, kind) for name, kind in composed.items()}
        variables["variables"] = Type("kubernetes.variables", fields=fields)
    return variables


def typed_value(document: Any, kind: Type) -> Any:
    """Give JSON of a declared type as expressions see it."""
    convert = converter_of(kind)
    return document if convert is None or document is None else convert(document)


@frozen
class RequestAuthorizer(Authorizer):
    """The variable ``authorizer`` of admission, which also knows what the request itself is about.

    Attributes:
        request_resource: What ``authorizer.requestResource`` asks about; None where there is none.
    """

    request_resource: Authorizer | None = None

    def get(self, _name: str) -> Authorizer | None:
        """Give ``requestResource``, as a field is read."""
        return self.request_resource

    __getitem__ = get


@final
class ComposedVariables(dict[str, Any]):
    """The variable ``variables``: each of a policy's own is evaluated when it is first used, and once.

    Args:
        expressions: What gives the value of each, or a `CelError`.
    """

    def __init__(self, expressions: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__()
        self._expressions = expressions

    def __missing__(self, name: str) -> Any:
        value = self.get(name)
        if isinstance(value, CelError):
            raise value
        return value

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - as a mapping has it
        """Give the value of a variable, or a `CelError` that says which one failed."""
        if name not in self:
            value = self._expressions[name]()
            if isinstance(value, CelError):
                value = CelError(f'composited variable "{name}" fails to evaluate: {value}')
            self[name] = value
        return super().get(name)
