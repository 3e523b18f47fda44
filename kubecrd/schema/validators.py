"""attrs validators as keywords of a schema: each is said there, or refused; none is silently weaker on the server."""

from __future__ import annotations

import enum
import operator
import re
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

import annotated_types as at

from kubecrd.resource.typehints import class_of, members, plain

from .constraints import add_junctor, constrain
from .markers import Pattern
from .problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["constrain_by_validator"]

_COMPARED: Final[dict[Callable[..., Any], type]] = {
    operator.ge: at.Ge,
    operator.gt: at.Gt,
    operator.le: at.Le,
    operator.lt: at.Lt,
}
_JSON_TYPES: Final = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}
_IN_CEL: Final = "say it by a Rule in CEL, or mark the field ClientSide() if only Python is to check it"


def constrain_by_validator(
    schema: dict[str, Any], validator: Any, hint: Any, where: str, *, client_side: bool = False
) -> Iterator[Problem]:
    """Add to *schema* what an attrs validator says; yield what it cannot say there.

    Args:
        schema: Of the whole value.
        validator: As ``attrs.field(validator=...)`` has it.
        hint: The type of the value.
        where: Class and field.
        client_side: Whether what only Python can check is left to Python.
    """
    name = type(validator).__name__
    match name:
        case "_AndValidator":
            for part in validator._validators:  # noqa: SLF001 - attrs has no public way to read a validator
                yield from constrain_by_validator(schema, part, hint, where, client_side=client_side)
        case "_OptionalValidator":
            yield from constrain_by_validator(schema, validator.validator, hint, where, client_side=client_side)
        case "_NumberValidator":
            yield from constrain(schema, _COMPARED[validator.compare_func](validator.bound), where)
        case "_MaxLengthValidator":
            yield from constrain(schema, at.MaxLen(validator.max_length), where)
        case "_MinLengthValidator":
            yield from constrain(schema, at.MinLen(validator.min_length), where)
        case "_MatchesReValidator":
            yield from _matches(schema, validator, where)
        case "_InValidator":
            yield from _choice(schema, validator.options, where)
        case "_InstanceOfValidator":
            yield from _instance(validator.type, hint, where)
        case "_DeepIterable" | "_DeepMapping":
            yield from _deep(schema, validator, hint, where, client_side=client_side)
        case "_OrValidator" | "_NotValidator":
            yield from _junction(schema, validator, hint, where, client_side=client_side)
        case _ if not client_side:
            shown = getattr(validator, "__name__", name.strip("_"))
            yield Problem(where, f"the validator {shown} is Python, which the API server cannot run", _IN_CEL)


def _matches(schema: dict[str, Any], validator: Any, where: str) -> Iterator[Problem]:
    flags = re.RegexFlag(validator.pattern.flags) & ~re.RegexFlag.UNICODE
    letters = {re.RegexFlag.IGNORECASE: "i", re.RegexFlag.MULTILINE: "m", re.RegexFlag.DOTALL: "s"}
    unknown = [each for each in flags if each not in letters]
    if unknown:
        shown = ", ".join(str(each.name) for each in unknown)
        yield Problem(where, f"matches_re with {shown}, which RE2 does not have", "write the pattern without")
        return
    inner = str(validator.pattern.pattern)
    if flags:
        inner = f"(?{''.join(letters[each] for each in flags)}){inner}"
    how = getattr(validator.match_func, "__name__", "fullmatch")
    yield from constrain(schema, Pattern(_anchored(inner, how)), where)


def _anchored(regex: str, how: str) -> str:
    """Write into *regex* where it must match: anywhere, from the beginning, or the whole text."""
    return {"search": regex, "match": f"^(?:{regex})"}.get(how, f"^(?:{regex})$")


def _choice(schema: dict[str, Any], options: Any, where: str) -> Iterator[Problem]:
    if isinstance(options, str):
        yield Problem(
            where, f"in_({options!r}) asks for a part of a text", f"write in_({[*options]!r}), or matches_re(...)"
        )
        return
    values = [option.value if isinstance(option, enum.Enum) else option for option in options]
    if isinstance(options, AbstractSet):
        values.sort(key=lambda value: (str(type(value)), value))  # or the schema would differ from run to run
    types = _JSON_TYPES.get(schema.get("type", ""))
    wrong = [value for value in values if types is not None and type(value) not in types]
    if types is None or wrong:
        shown = repr(wrong[0]) if wrong else "a choice"
        yield Problem(
            where, f"in_: {shown} is no value of this type", "choose from values of the type, or write a Rule"
        )
        return
    known = schema.get("enum")
    schema["enum"] = values if known is None else [value for value in known if value in values]
    if not schema["enum"]:
        yield Problem(where, "in_ leaves nothing to choose from", "choose from values of the type")


def _instance(wanted: Any, hint: Any, where: str) -> Iterator[Problem]:
    """Yield a problem when the type of the field takes what ``instance_of`` does not."""
    for member in members(plain(hint)):
        base = plain(member)
        kinds = {type(each) for each in get_args(base)} if get_origin(base) is Literal else {class_of(base)}
        if not all(isinstance(kind, type) and issubclass(kind, wanted) for kind in kinds):
            shown = getattr(wanted, "__name__", str(wanted))
            yield Problem(where, f"instance_of({shown}) is narrower than the type of the field", "annotate it so")
            return


def _deep(schema: dict[str, Any], validator: Any, hint: Any, where: str, *, client_side: bool) -> Iterator[Problem]:
    """Add what is said of a list or mapping, and of what is in it."""
    is_list = type(validator).__name__ == "_DeepIterable"
    inside = schema.get("items" if is_list else "additionalProperties")
    word = "deep_iterable" if is_list else "deep_mapping"
    if not isinstance(inside, dict):
        yield Problem(where, f"{word} is for {'lists' if is_list else 'mappings'}", "take it away, or change the type")
        return
    arguments = get_args(plain(next(iter(members(plain(hint))))))
    whole = validator.iterable_validator if is_list else validator.mapping_validator
    each = validator.member_validator if is_list else validator.value_validator
    parts = [(schema, hint, whole), (inside, arguments[0] if is_list else arguments[-1], each)]
    for part, kind, rule in parts:
        if rule is not None:
            yield from constrain_by_validator(part, rule, kind, where, client_side=client_side)
    key = None if is_list else validator.key_validator
    if (
        key is not None
        and not client_side
        and (type(key).__name__ != "_InstanceOfValidator" or any(_instance(key.type, arguments[0], where)))
    ):
        wrong = "deep_mapping checks keys, of which a structural schema says nothing"
        yield Problem(where, wrong, "write a Rule such as Rule(\"self.all(key, key.matches('^[a-z]+$'))\")")


def _junction(schema: dict[str, Any], validator: Any, hint: Any, where: str, *, client_side: bool) -> Iterator[Problem]:
    """Add ``anyOf`` for ``or_``, and ``not`` for ``not_``."""
    is_or = type(validator).__name__ == "_OrValidator"
    branches = []
    for part in validator.validators if is_or else [validator.validator]:
        branch = _outline(schema)
        yield from constrain_by_validator(branch, part, hint, where, client_side=client_side)
        said = _said(branch)
        if said is None:
            yield Problem(where, "or_ and not_ cannot speak of the values of a mapping", "write a Rule in CEL")
            return
        branches.append(said)
    if is_or:
        if all(branches):  # a branch that says nothing always holds
            yield from add_junctor(schema, "anyOf", branches, where)
    elif branches[0]:
        yield from add_junctor(schema, "not", branches[0], where)
    elif not client_side:
        yield Problem(where, "not_ refuses every value of this type", "take it away, or change the type")


def _outline(schema: dict[str, Any]) -> dict[str, Any]:
    """Give the types in *schema*, of itself and of what is in it, without any constraint."""
    outline: dict[str, Any] = {key: schema[key] for key in ("type", "x-kubernetes-int-or-string") if key in schema}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            outline[key] = _outline(schema[key])
    return outline


def _said(branch: dict[str, Any]) -> dict[str, Any] | None:
    """Give what a branch says beside the types, which a junctor cannot repeat; None if it may not stand in one."""
    said = {key: value for key, value in branch.items() if key not in {"type", "x-kubernetes-int-or-string"}}
    if isinstance(said.get("additionalProperties"), dict) and _said(said.pop("additionalProperties")) != {}:
        return None
    if "items" in said:
        items = _said(said.pop("items"))
        if items is None:
            return None
        if items:
            said["items"] = items
    return said
