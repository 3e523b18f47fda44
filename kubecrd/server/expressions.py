"""The CEL expressions of webhooks and policies: compiled once, evaluated for each write, within a budget.

Source: apiserver `pkg/admission/plugin/cel/condition.go`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

from attrs import evolve, frozen

from kubecrd.cel.admission import (
    NAMESPACE,
    REQUEST,
    ComposedVariables,
    RequestAuthorizer,
    admission_variables,
    typed_value,
)
from kubecrd.cel.costs import CALL_LIMIT
from kubecrd.cel.library.authorizer import Authorizer, Query
from kubecrd.cel.mutations import compile_mutation
from kubecrd.cel.program import compile_expression
from kubecrd.cel.typesystem import DYN
from kubecrd.cel.values import CelError, CostLimitError
from kubecrd.errors import RuleError

from .access import Attributes
from .reviews import admission_request
from .users import service_account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kubecrd.cel.library.authorizer import Decision
    from kubecrd.cel.mutations import Mutation
    from kubecrd.cel.program import Program
    from kubecrd.cel.typesystem import Type

    from .admission import Operation
    from .kinds import ServedKind
    from .registry import Registry

__all__ = ["PLAIN", "Evaluation", "EvaluationError", "Scope", "compiled", "mutation_kind", "mutation_misfit"]

Names: TypeAlias = "tuple[tuple[str, str], ...]"

_OUT_OF_BUDGET: Final = "validation failed due to running out of cost budget, no further validation rules will be run"
_COMPILED_AT_MOST: Final = 4096
_CANCELLED: Final = "operation cancelled: actual cost limit exceeded"


class EvaluationError(Exception):
    """An expression cannot be evaluated, or costs too much."""


@frozen
class Scope:
    """What expressions of one place may use, besides what all of them may.

    Attributes:
        has_params: Whether there is a ``params``.
        variables: Name and expression of the policy's own variables, in order; None where it has none.
        has_authorizer: Whether there is an ``authorizer``.
        mutates: Whether they may build objects and patches.
    """

    has_params: bool = False
    variables: tuple[tuple[str, str], ...] | None = None
    has_authorizer: bool = True
    mutates: bool = False

    def first(self, count: int) -> Scope:
        """Give what the expression of a variable may use: the *count* variables before it."""
        return evolve(self, variables=(self.variables or ())[:count])

    def without_authorizer(self) -> Scope:
        """Give what messages may use."""
        return evolve(self, has_authorizer=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that there is, in the order in which programs take the values."""
        composed: dict[str, Type] | None = None if self.variables is None else {}
        return tuple(
            admission_variables(has_params=self.has_params, has_authorizer=self.has_authorizer, composed=composed)
        )


PLAIN: Final = Scope()
"""Without parameters and variables."""


@lru_cache(_COMPILED_AT_MOST)
def compiled(text: str, scope: Scope) -> Program:
    """Compile an expression.

    Raises:
        RuleError: it does not compile; the message is the API server's.
    """
    if scope.mutates:
        return _mutation(text, scope).program
    return compile_expression(text, _variables(scope))


@lru_cache(_COMPILED_AT_MOST)
def _mutation(text: str, scope: Scope) -> Mutation:
    return compile_mutation(text, _variables(scope))


def mutation_kind(text: str, scope: Scope) -> str:
    """Say what an expression of a mutating policy builds.

    Raises:
        RuleError: it does not compile.
    """
    return _mutation(text, scope).kind


def mutation_misfit(text: str, scope: Scope) -> str:
    """Say which object in an expression of a mutating policy is not called as its fields; empty where there is none.

    Raises:
        RuleError: it does not compile.
    """
    return _mutation(text, scope).misfit


def _variables(scope: Scope) -> dict[str, Type]:
    composed = None
    if scope.variables is not None:
        composed = {}
        for number, (name, expression) in enumerate(scope.variables):
            composed[name] = _type_of(expression.strip(), evolve(scope.first(number), has_authorizer=True))
    return admission_variables(has_params=scope.has_params, has_authorizer=scope.has_authorizer, composed=composed)


def _type_of(text: str, scope: Scope) -> Type:
    """Give the type of a variable; one that does not compile may be anything."""
    try:
        return compiled(text, scope).type
    except RuleError:
        return DYN


@final
class Evaluation:
    """The evaluation of expressions for one write.

    Args:
        registry: Where roles and namespaces are.
        operation: The write, with the objects as they are seen.
        seen: The kind in their version.
        budget: What all expressions may cost together.
        scope: What they may use.
        params: The value of ``params``.
    """

    def __init__(
        self,
        registry: Registry,
        operation: Operation,
        seen: ServedKind,
        *,
        budget: int,
        scope: Scope = PLAIN,
        params: Any = None,
    ) -> None:
        self._scope = scope
        self._left = budget
        request = admission_request(operation, seen)
        named = {key: value for key, value in request.items() if key not in {"object", "oldObject"}}
        namespace = None
        if operation.namespace and not operation.is_namespace:
            namespace = registry.namespace(operation.namespace)
        self._values: dict[str, Any] = {
            "object": operation.obj,
            "oldObject": operation.old,
            "request": typed_value(named, REQUEST),
            "namespaceObject": None if namespace is None else typed_value(_shown(namespace), NAMESPACE),
            "params": params,
            "authorizer": _authorizer(registry, operation),
            "variables": self._composed(scope.variables or ()),
        }

    def value(self, text: str, *, without_authorizer: bool = False) -> Any:
        """Give the value of an expression.

        Args:
            text: The expression.
            without_authorizer: Whether it may not ask who may do what, as in messages.

        Raises:
            EvaluationError: it fails, or costs too much.
        """
        shown = text.strip()
        value = self._run(shown, self._scope.without_authorizer() if without_authorizer else self._scope)
        if isinstance(value, CelError):
            raise EvaluationError(f"expression '{shown}' resulted in error: {value}")
        return value

    def _run(self, text: str, scope: Scope) -> Any:
        try:
            program = compiled(text, scope)
        except RuleError as error:
            return CelError(f"compilation error: compilation failed: {error}")
        try:
            value, cost = program.measure(*(self._values[name] for name in scope.names), limit=CALL_LIMIT)
        except CostLimitError:
            return CelError(_CANCELLED)
        self._left -= cost
        if self._left < 0:
            raise EvaluationError(_OUT_OF_BUDGET)
        return value

    def _composed(self, variables: tuple[tuple[str, str], ...]) -> ComposedVariables:
        def later(number: int, text: str) -> Callable[[], Any]:
            return lambda: self._run(text.strip(), self._scope.first(number))

        return ComposedVariables({name: later(number, text) for number, (name, text) in enumerate(variables)})


def _shown(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Give what expressions see of a namespace."""
    metadata = {key: value for key, value in namespace["metadata"].items() if key not in {"managedFields", "uid"}}
    metadata["UID"] = namespace["metadata"].get("uid", "")
    return {"metadata": metadata, "spec": namespace.get("spec") or {}, "status": namespace.get("status") or {}}


def _authorizer(registry: Registry, operation: Operation) -> RequestAuthorizer:

    def answer(query: Query) -> Decision:
        user = operation.user
        if query.service_account is not None:
            user = service_account(*query.service_account)
        wanted = Attributes(
            query.verb,
            query.group,
            query.resource,
            query.subresource,
            query.namespace,
            query.name,
            query.path,
        )
        return registry.access.decide(user, wanted)

    about = Query(
        group=operation.kind.group,
        resource=operation.kind.plural,
        subresource=operation.subresource,
        namespace=operation.review_namespace,
        name=operation.name,
    )
    return RequestAuthorizer(answer, request_resource=Authorizer(answer, about))
