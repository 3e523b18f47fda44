"""The verdict on a part of an object by itself: a spec, or any other class decorated with `kube_schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kubecrd.errors import InvalidObjectError
from kubecrd.resource._encode import to_json
from kubecrd.resource.fielderrors import ABSENT, join

from .defaults import fill_defaults
from .derivation import derive
from .embedded import check_embedded
from .jsonvalues import copied
from .listtypes import check_lists
from .rules import SchemaRules
from .strategy import has_rules, rules_are_blocked
from .structural import Structural
from .validation import SchemaValidator
from .wording import RULES_NOT_CHECKED

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["PartValidator"]

_ROOT: Final = "self"
"""What fields are told below: what rules call the value, since nobody knows where in an object it will stand."""


class PartValidator:
    """Says of values of one class what the API server would say of them, wherever in an object they stand.

    Args:
        cls: The class, decorated with `kube_schema`.
    """

    def __init__(self, cls: type) -> None:
        self._name = cls.__name__
        self._structural = Structural.of(derive(cls)[0])
        self._validator = SchemaValidator(self._structural)
        self._rules = SchemaRules(self._structural, is_root=False) if has_rules(self._structural) else None

    def verdict(self, value: object, old: object | None = None) -> list[FieldError]:
        """List what is wrong with *value*, below ``self``; with *old*, what is wrong in place of it."""
        document, before = self._document(value), ABSENT if old is None else self._document(old)
        if old is None:
            errors = self._validator.errors(document, root=_ROOT)
        else:
            errors = self._validator.update_errors(document, before, root=_ROOT)
        errors += check_embedded(document, self._structural, _ROOT)
        if old is None or not check_lists(before, self._structural, _ROOT):
            errors += check_lists(document, self._structural, _ROOT)
        if self._rules is None:
            return errors
        if rules_are_blocked(errors):
            return [*errors, RULES_NOT_CHECKED]
        return errors + self._rules.validate(document, before, path=_ROOT)

    def validate(self, value: object, old: object | None = None) -> None:
        """Refuse *value* where `verdict` finds something.

        Raises:
            InvalidObjectError: the server would refuse it.
        """
        errors = self.verdict(value, old)
        if errors:
            raise InvalidObjectError(f"{self._name} is invalid: {join(errors)}", errors)

    def _document(self, value: object) -> Any:
        document = copied(to_json(value))
        fill_defaults(document, self._structural)
        return document
