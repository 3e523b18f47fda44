"""The API server's schema validation, as keywords of a `jsonschema` validator.

The keywords of `KubeValidator` are the validators that kube-openapi runs on each node (`validation/validate/schema.go`):
type, compositions, string, format, number, array, enum, object, in this order. A `Structural` is translated into a
document of these keywords by `keywords_of`; what they find is put into words by `wording`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import jsonschema
from attrs import frozen
from jsonschema.validators import create

from kubecrd.cel.patterns import compile_pattern
from kubecrd.resource.gotext import quoted

from . import formats
from .jsonvalues import equal, json_type
from .numbers import bounds_of, comparable, in_range, is_json_integer, truncated
from .structural import Structural
from .wording import Finding, in_body, too_long, too_many, unplaced, unsupported, wrong_type

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Fault",
    "KubeValidator",
    "MapKey",
    "Quick",
    "faults_of",
    "is_enumerated",
    "keywords_of",
    "match_count",
    "passes_type",
]

Document = dict[str, Any]


class Fault(jsonschema.ValidationError):
    """A failed keyword.

    Attributes:
        finding: What the server says of it.
        below: How many steps of the path lie below the outermost composition around it, where nothing ratchets.
    """

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding
        self.below = 0


@frozen
class Quick:
    """What makes of a node the functions that tell where nothing is wrong.

    Attributes:
        fits: Makes the function that says whether a value is valid.
        members: Makes the function that names the declared members of an object that are not valid, in the order of
            the schema.
    """

    fits: Callable[[Structural], Callable[[Any], bool]]
    members: Callable[[Structural], Callable[[dict[str, Any]], list[str]]]


class MapKey(str):
    """A step of a path that is a key of a map rather than a declared property."""

    __slots__ = ()


# --- a structural schema in keywords ------------------------------------------------------------------------------


def keywords_of(
    schema: Structural,
    *,
    of_default: bool = False,
    quick: Quick | None = None,
) -> Document:
    """Translate a schema node, and all below it, into the keywords of `KubeValidator`, in the order they apply.

    Args:
        schema: The node.
        of_default: Whether a default is to be judged, which the server does with another translation of the schema:
            there int-or-string has no type, and unknown formats are not taken out.
        quick: Makes the functions that say where nothing is wrong, and need not be looked into.
    """
    translate = partial(keywords_of, of_default=of_default, quick=quick)
    types = ("integer", "string") if schema.int_or_string and not of_default else (schema.type,) if schema.type else ()
    only_type = types[0] if len(types) == 1 else None
    known_format = schema.format
    if known_format and not of_default and not formats.is_known(known_format, only_type):
        known_format = None
    document: Document = {}
    if types or known_format:
        document["type"] = (types, known_format, schema.nullable)
    document |= {
        keyword: [translate(branch) for branch in branches]
        for keyword, branches in (("anyOf", schema.any_of), ("oneOf", schema.one_of), ("allOf", schema.all_of))
        if branches
    }
    if schema.not_ is not None:
        document["not"] = translate(schema.not_)
    if schema.max_length is not None or schema.min_length is not None or schema.pattern:
        document["string"] = (schema.max_length, schema.min_length, schema.pattern)
    if known_format and formats.normalized(known_format) in formats.KNOWN_FORMATS:
        document["format"] = known_format
    bounds = tuple(bounds_of(schema))
    if bounds or only_type in formats.NUMBER_FORMATS:
        document["number"] = {
            "type": only_type if only_type in formats.NUMBER_FORMATS else "",
            "format": known_format if known_format in formats.NUMBER_FORMATS.get(only_type or "", ()) else None,
            "bounds": bounds,
        }
    if schema.items is not None or schema.min_items is not None or schema.max_items is not None:
        document["array"] = {
            "items": None if schema.items is None else translate(schema.items),
            "least": schema.min_items,
            "most": schema.max_items,
        }
    if schema.enum:
        document["enum"] = schema.enum
    document["object"] = _object_keyword(schema, translate)
    if quick is not None:
        document[_QUICK] = quick.fits(schema)
        document["object"]["wrong"] = quick.members(schema)
    return document


def _object_keyword(schema: Structural, translate: Callable[[Structural], Document]) -> Document:
    additional = schema.additional_properties
    return {
        "least": schema.min_properties,
        "most": schema.max_properties,
        "properties": {name: translate(child) for name, child in schema.properties.items()},
        "additional": translate(additional) if isinstance(additional, Structural) else None,
        "closed": additional is False,
        "required": schema.required,
        "wrong": None,
    }


_QUICK: Final = "quick"


def _is_fine(document: Document, value: Any) -> bool:
    """Whether it is quickly told that nothing is wrong with a member or an item, so that it need not be looked into."""
    quick = document.get(_QUICK)
    return quick is not None and quick(value)


def faults_of(document: Document, value: Any) -> Iterator[Fault]:
    """Give the faults that `KubeValidator` of *document* finds, with their places in *value* but not in *document*."""
    for keyword, wanted in document.items():
        judge = KubeValidator.VALIDATORS.get(keyword)
        if judge is not None:
            yield from judge(_VALIDATOR, wanted, value, document)


def _descend(validator: Any, value: Any, document: Document, step: str | int) -> Iterator[Fault]:
    """Judge a member or an item."""
    if _QUICK not in document:
        yield from validator.descend(value, document, path=step)
        return
    # As `descend` does, without making another validator for each node.
    for fault in faults_of(document, value):
        fault.path.appendleft(step)
        yield fault


# --- the keywords -------------------------------------------------------------------------------------------------


def _type_finding(wanted: tuple[tuple[str, ...], str | None, bool], value: Any) -> Finding | None:
    """Judge the type as kube-openapi's `typeValidator`, whose treatment of formats is odd."""
    types, known_format, nullable = wanted
    names = ",".join(types)
    found = json_type(value)
    if value is None:
        return None if nullable or not types else wrong_type(names, "null")
    data_format = {"integer": "int64", "number": "float64"}.get(found, "")
    fitting = (
        found in types
        or (found == "number" and "integer" in types and is_json_integer(value))
        or (found == "integer" and "number" in types)
    )
    textual = found in {"string", "array"}
    if known_format and not textual and not fitting and data_format != known_format:
        return wrong_type(known_format, data_format)
    if known_format and textual and not {"integer", "number"} & set(types):
        return None
    return None if fitting or not types else wrong_type(names, found)


def passes_type(wanted: tuple[tuple[str, ...], str | None, bool], value: Any) -> bool:
    """Whether the type of *value* will do, given the types, the known format and whether null is a value."""
    return (not wanted[0] and not wanted[1]) or _type_finding(wanted, value) is None


def _type(_validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[Fault]:
    finding = _type_finding(wanted, value)
    if finding is not None:
        yield Fault(finding)


def _below(faults: Any) -> Iterator[Fault]:
    for fault in faults:
        fault.below = len(fault.relative_path)
        yield fault


def _best_branch(validator: Any, branches: list[Document], value: Any) -> Iterator[Fault]:
    """Give the faults of the branch in which most has been looked at, the first of equals."""
    best = max(branches, key=lambda branch: match_count(branch, value))
    return _below(validator.descend(value, best))


def _fits(validator: Any, branch: Document, value: Any) -> bool:
    return next(validator.descend(value, branch), None) is None


def _any_of(validator: Any, branches: list[Document], value: Any, _schema: Any) -> Iterator[Fault]:
    if value is None or any(_fits(validator, branch, value) for branch in branches):
        return
    yield Fault(unplaced('"', '" must validate at least one schema (anyOf)'))
    yield from _best_branch(validator, branches, value)


def _one_of(validator: Any, branches: list[Document], value: Any, _schema: Any) -> Iterator[Fault]:
    if value is None:
        return
    fitting = sum(_fits(validator, branch, value) for branch in branches)
    if fitting == 1:
        return
    found = f"Found {fitting} valid alternatives" if fitting else "Found none valid"
    yield Fault(unplaced('"', f'" must validate one and only one schema (oneOf). {found}'))
    if not fitting:
        yield from _best_branch(validator, branches, value)


def _all_of(validator: Any, branches: list[Document], value: Any, _schema: Any) -> Iterator[Fault]:
    if value is None:
        return
    failed = 0
    for branch in branches:
        faults = list(_below(validator.descend(value, branch)))
        failed += bool(faults)
        yield from faults
    if failed:
        none = ". None validated" if failed == len(branches) else ""
        yield Fault(unplaced('"', f'" must validate all the schemas (allOf){none}'))


def _not(validator: Any, branch: Document, value: Any, _schema: Any) -> Iterator[Fault]:
    if value is not None and _fits(validator, branch, value):
        yield Fault(unplaced('"', '" must not validate the schema (not)'))


def _string(
    _validator: Any, limits: tuple[int | None, int | None, str | None], value: Any, _schema: Any
) -> Iterator[Fault]:
    """Only the first of the three faults is reported."""
    if not isinstance(value, str):
        return
    most, least, pattern = limits
    if most is not None and len(value) > most:
        yield Fault(too_long(most))
    elif least is not None and len(value) < least:
        yield Fault(in_body(f"should be at least {least} chars long", value))
    elif pattern and not compile_pattern(pattern).search(value):
        yield Fault(in_body(f"should match '{pattern}'", value))


def _format(_validator: Any, name: str, value: Any, _schema: Any) -> Iterator[Fault]:
    if isinstance(value, str) and not formats.fits(name, value):
        yield Fault(in_body(f"must be of type {name}: {quoted(value)}", value, "FieldValueTypeInvalid"))


def _number(_validator: Any, wanted: Document, value: Any, _schema: Any) -> Iterator[Fault]:
    if json_type(value) not in {"integer", "number"}:
        return
    schema_type, known_format = wanted["type"], wanted["format"]
    if not in_range(value, schema_type, known_format):
        yield Fault(_range_finding("Checked", schema_type, known_format))
    for label, limit, judge in wanted["bounds"]:
        if not in_range(limit, schema_type, known_format):
            yield Fault(_range_finding(label, schema_type, known_format))
            finding = judge(float(value), limit)
        else:
            finding = judge(value, comparable(value, limit))
        if finding is not None:
            yield Fault(finding)


def _range_finding(label: str, schema_type: str, known_format: str | None) -> Finding:
    how = f"with format {known_format}" if known_format else "(default format)"
    return unplaced(f"{label} value must be of type {schema_type} {how} in ")


def _array(validator: Any, wanted: Document, value: Any, _schema: Any) -> Iterator[Fault]:
    if not isinstance(value, list):
        return
    items = wanted["items"]
    if items is not None:
        for index, item in enumerate(value):
            if not _is_fine(items, item):
                yield from _descend(validator, item, items, index)
    least, most = wanted["least"], wanted["most"]
    if least is not None and len(value) < least:
        yield Fault(in_body(f"should have at least {least} items", len(value)))
    if most is not None and len(value) > most:
        yield Fault(too_many(len(value), most))


def _enum(_validator: Any, allowed: tuple[Any, ...], value: Any, _schema: Any) -> Iterator[Fault]:
    if not any(is_enumerated(value, candidate) for candidate in allowed):
        yield Fault(unsupported(value, allowed))


def is_enumerated(value: Any, candidate: Any) -> bool:
    """Compare as Go does, which converts the value to the candidate's type first; null is never equal."""
    found, wanted = json_type(value), json_type(candidate)
    numbers = {"integer", "number"}
    if found in numbers and wanted == "integer":
        return bool(truncated(value) == candidate)
    if found in numbers and wanted == "number":
        return bool(float(value) == candidate)
    if found == "integer" and wanted == "string":
        # An integer becomes the character with its number.
        return bool(0 <= value < 0x110000) and chr(value) == candidate
    return value is not None and equal(value, candidate)


def _object(validator: Any, wanted: Document, value: Any, _schema: Any) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    finding = _count_finding(wanted, len(value))
    if finding is not None:
        # Too few or too many members: the server does not look at them.
        yield Fault(finding)
        return
    properties, additional, wrong = wanted["properties"], wanted["additional"], wanted["wrong"]
    if wanted["closed"]:
        for key in value:
            if key not in properties:
                yield Fault(unplaced_key(key))
    elif additional is not None:
        for key, member in value.items():
            if key not in properties and not _is_fine(additional, member):
                yield from _descend(validator, member, additional, MapKey(key))
    for name in properties if wrong is None else wrong(value):
        if name in value:
            yield from _descend(validator, value[name], properties[name], name)
    for name in wanted["required"]:
        if name not in value:
            fault = Fault(Finding("FieldValueRequired"))
            fault.path.appendleft(MapKey(name))
            fault.below = 1
            yield fault


def unplaced_key(key: str) -> Finding:
    """A member that a closed object does not have."""
    finding = in_body("is a forbidden property", key)
    return Finding(finding.reason, finding.text.replace(" in body", f".{key} in body"), key)


def _count_finding(wanted: Document, count: int) -> Finding | None:
    least, most = wanted["least"], wanted["most"]
    if least is not None and count < least:
        return in_body(f"should have at least {least} properties", count)
    return too_many(count, most) if most is not None and count > most else None


KubeValidator: Final = create(
    meta_schema={},
    validators={
        "type": _type,
        "anyOf": _any_of,
        "oneOf": _one_of,
        "allOf": _all_of,
        "not": _not,
        "string": _string,
        "format": _format,
        "number": _number,
        "array": _array,
        "enum": _enum,
        "object": _object,
    },
)
"""The API server's validators of one node, as keywords."""

_VALIDATOR: Final = KubeValidator({})
"""What the keywords are handed where there is no validator of their document: they only descend by it."""


# --- which branch of a composition comes nearest ------------------------------------------------------------------


def match_count(schema: Document, value: Any) -> int:
    """Count the validators that run on *value* and below it, as kube-openapi's `Result.MatchCount` does.

    The errors of the branch with the highest count are those shown when no branch of a composition fits.
    """
    passed_type = "type" in schema and _type_finding(schema["type"], value) is None
    if value is None:
        return int(passed_type)
    # One for the node, one each for the compositions' validator, its result, and the enum's.
    count = 4 + ("type" in schema) + passed_type
    count += _composition_count(schema, value)
    match value:
        case str():
            return count + 1 + ("format" in schema)
        case bool():
            return count
        case int() | float():
            return count + 2
        case list():
            items = schema.get("array", {}).get("items")
            return count + 2 + (0 if items is None else sum(match_count(items, item) for item in value))
        case _:
            return count + 1 + _member_count(schema["object"], value)


def _composition_count(schema: Document, value: Any) -> int:
    count = 0
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword, ())
        fitting = [branch for branch in branches if KubeValidator(branch).is_valid(value)]
        if fitting and (keyword == "anyOf" or len(fitting) == 1):
            count += match_count(fitting[0], value)
        elif branches and not fitting:
            count += max(match_count(branch, value) for branch in branches)
    return count + sum(match_count(branch, value) for branch in schema.get("allOf", ()))


def _member_count(wanted: Document, value: dict[str, Any]) -> int:
    if _count_finding(wanted, len(value)) is not None:
        return 0
    count = 0
    for key, member in value.items():
        schema = wanted["properties"].get(key, wanted["additional"])
        count += 0 if schema is None else match_count(schema, member)
    return count
