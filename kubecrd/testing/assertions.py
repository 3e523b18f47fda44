"""Assertions on the API server's verdict, with failures that say what it found instead.

They are for any test runner: what fails is an `AssertionError`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from attrs import define, field, frozen

from kubecrd.cel.values import CelError
from kubecrd.errors import DefinitionError
from kubecrd.resource.objects import KubeObject, Resource
from kubecrd.schema.objectpaths import ObjectPathError, node_at
from kubecrd.schema.observation import watching
from kubecrd.schema.rules import Rule, SchemaRules
from kubecrd.schema.verdict import ObjectValidator, validator_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kubecrd.resource.fielderrors import FieldError, Reason
    from kubecrd.schema.crd import CustomResourceDefinition

__all__ = ["assert_invalid", "assert_valid"]

Object: TypeAlias = "KubeObject | Mapping[str, Any]"
Definition: TypeAlias = "ObjectValidator | CustomResourceDefinition | Mapping[str, Any] | type[Resource]"

_INDEX: Final = re.compile(r"\[[^\]]*\]")


def assert_valid(
    obj: Object,
    old: Object | None = None,
    *,
    crd: Definition | None = None,
    subresource: Literal["", "status"] = "",
) -> None:
    """Fail unless the API server would take *obj*.

    Args:
        obj: An object of a class decorated with `custom_resource`; with *crd* also a JSON document.
        old: What is stored now: then this is an update.
        crd: The definition that judges; that of the class of *obj* by default.
        subresource: ``status`` for a write to the status, which needs *old*.

    Raises:
        AssertionError: the server would refuse it; every error is listed.
        DefinitionError: neither *obj* nor *crd* says by which definition to judge.
    """
    __tracebackhide__ = True
    errors = _validator(obj, crd).verdict(obj, old, subresource=subresource)
    if errors:
        raise AssertionError(f"the API server refuses {_shown(obj)}:\n{_listed(errors)}")


def assert_invalid(
    obj: Object,
    old: Object | None = None,
    *,
    match: str | re.Pattern[str] | None = None,
    field: str | None = None,
    reason: Reason | None = None,
    crd: Definition | None = None,
    subresource: Literal["", "status"] = "",
) -> list[FieldError]:
    """Fail unless the API server would refuse *obj*, with at least one error that is as described.

    Args:
        obj: An object of a class decorated with `custom_resource`; with *crd* also a JSON document.
        old: What is stored now: then this is an update.
        match: A regular expression that is searched for in the error, field and message together.
        field: Which field the error is about, such as ``spec.toppings[0].name``.
        reason: The kind of fault, such as ``FieldValueInvalid``.
        crd: The definition that judges; that of the class of *obj* by default.
        subresource: ``status`` for a write to the status, which needs *old*.

    Returns:
        The errors that are as described.

    Raises:
        AssertionError: the server would take it, or refuses it for something else; what it found is listed.
        DefinitionError: neither *obj* nor *crd* says by which definition to judge.
    """
    __tracebackhide__ = True
    validator = _validator(obj, crd)
    wanted = _Wanted(match, field, reason)
    ran = _RulesThatRan(validator.rules())
    with watching(ran):
        errors = validator.verdict(obj, old, subresource=subresource)
    found = [error for error in errors if wanted.fits(error)]
    if found:
        return found
    if errors:
        lines = [f"the API server refuses {_shown(obj)}, but not as expected: {wanted}", "it says:", _listed(errors)]
    else:
        lines = [f"the API server takes {_shown(obj)}, but it should not: {wanted}", *ran.lines()]
    raise AssertionError("\n".join([*lines, *wanted.remedy(errors, validator)]))


def _validator(obj: Object, crd: Definition | None) -> ObjectValidator:
    if crd is None:
        if not isinstance(obj, Resource):
            raise DefinitionError(f"{type(obj).__name__} is no custom resource; say by crd= which definition judges it")
        return validator_of(type(obj))
    if isinstance(crd, ObjectValidator):
        return crd
    return validator_of(crd) if isinstance(crd, type) else ObjectValidator(crd)


def _shown(obj: Object) -> str:
    document = obj.to_dict() if isinstance(obj, KubeObject) else obj
    metadata = document.get("metadata") or {}
    name = metadata.get("name") or metadata.get("generateName") or ""
    return f"{document.get('kind', 'an object')} {name!r}"


def _listed(errors: Sequence[FieldError]) -> str:
    return "\n".join(f"  {error.field}: {error.reason}: {error.message}" for error in errors)


@frozen
class _Wanted:
    """The error that is expected."""

    match: str | re.Pattern[str] | None
    field: str | None
    reason: str | None

    def fits(self, error: FieldError) -> bool:
        return (
            (self.field is None or error.field == self.field)
            and (self.reason is None or error.reason == self.reason)
            and (self.match is None or re.search(self.match, str(error)) is not None)
        )

    def remedy(self, errors: Sequence[FieldError], validator: ObjectValidator) -> Iterator[str]:
        """Yield a line about the field, if that may be what is wrong."""
        near = self.nearest(errors)
        if near:
            yield f"did you mean field={near!r}?"
        elif self.field is not None:
            for schema in validator.schemas().values():
                try:
                    node_at(self.field, schema)
                except ObjectPathError as error:
                    yield f"there is no such field: {error}"
                    return

    def nearest(self, errors: Sequence[FieldError]) -> str:
        """Give the field that may have been meant; empty where the field is not what is wrong."""
        fields = [error.field for error in errors if _Wanted(self.match, None, self.reason).fits(error)]
        if self.field is None or self.field in fields:
            return ""
        if len(fields) == 1:
            return fields[0]
        # Indices are easily forgotten, and then two paths are less alike than they look.
        bare = {_INDEX.sub("", each): each for each in reversed(fields)}
        close = get_close_matches(_INDEX.sub("", self.field), list(bare), 1)
        return bare[close[0]] if close else ""

    def __str__(self) -> str:
        pattern = self.match.pattern if isinstance(self.match, re.Pattern) else self.match
        parts = {"field": self.field, "reason": self.reason, "match": pattern}
        said = [f"{name}={value!r}" for name, value in parts.items() if value is not None]
        return f"an error with {', '.join(said)} is expected" if said else "any error is expected"


@define(eq=False)
class _RulesThatRan:
    """Watches one verdict, to say of an object that is taken which rules had their chance."""

    _known: list[SchemaRules]
    _outcomes: dict[Rule, Any] = field(factory=dict, init=False)

    def __call__(self, rules: SchemaRules, rule: Rule, outcome: Any) -> None:
        # Others may run at the same time, in a server in another thread; and of many evaluations a failure tells most.
        if rules in self._known and self._outcomes.get(rule, True) is True:
            self._outcomes[rule] = outcome

    def lines(self) -> Iterator[str]:
        """Yield a line for each rule of the version that was judged."""
        ran = [rules for rules in self._known if any(rule in self._outcomes for _, rule in rules.placed())]
        if not self._known:
            yield "its definition has no rules"
        for rules in ran or self._known:
            for path, rule in rules.placed():
                yield f"  {path or 'the object'}: {rule.spec.rule.strip()}: {self._what_became_of(rule)}"

    def _what_became_of(self, rule: Rule) -> str:
        if rule not in self._outcomes:
            only_updates = rule.uses_old and not rule.spec.optional_old_self
            return "did not run, since it compares with oldSelf" if only_updates else "did not run"
        outcome = self._outcomes[rule]
        if isinstance(outcome, CelError):
            return f"failed: {outcome}"
        return "holds" if outcome else "does not hold, which an update may leave so"
