"""The objects that expressions of mutating policies build: ``Object{…}`` at any depth, and ``JSONPatch{…}``.

Each becomes a mapping; what it was is kept as the kind of the whole expression. Source: apiserver
`pkg/cel/mutation`, `pkg/cel/library/jsonpatch.go`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from kubecrd.errors import RuleError

from .issues import Issue, print_issues
from .parser import parse
from .program import Program, compile_expression
from .syntax import Call, CreateList, CreateMap, CreateStruct, Expression, Ident, Literal, Macro, Select, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .typesystem import Type

__all__ = ["APPLY_CONFIGURATION", "JSON_PATCHES", "Mutation", "compile_mutation"]

APPLY_CONFIGURATION: Final = "Object"
"""The kind of an expression that gives a configuration to apply."""

JSON_PATCHES: Final = "list(JSONPatch)"
"""The kind of an expression that gives the steps of a JSON patch."""

_PATCH: Final = "JSONPatch"
_PATCH_FIELDS: Final = {"op": "string", "path": "string", "from": "string", "value": ""}
_ANY_LIST: Final = "list(dyn)"


@frozen(eq=False)
class Mutation:
    """An expression, compiled.

    Attributes:
        program: What can be evaluated.
        kind: What it builds, or the type of what it gives.
        misfit: Which object in it is not called as the fields that lead to it; empty where there is none. That is an
            error of the evaluation.
    """

    program: Program
    kind: str
    misfit: str = ""


def compile_mutation(text: str, variables: Mapping[str, Type]) -> Mutation:
    """Compile an expression that may build objects and patches.

    Args:
        text: The expression.
        variables: What it may use.

    Raises:
        RuleError: it does not compile; the message is the API server's.
    """
    tree = parse(text)
    kind, misfit = _kind(tree), next(_misfits(tree, ""), "")
    structs = [node for node in walk(tree) if isinstance(node, CreateStruct)]
    unknown = [
        Issue(node.position, f"undeclared reference to '{node.name}' (in container '')")
        for node in structs
        if not _is_known(node.name)
    ]
    if unknown:
        raise RuleError(print_issues(text, unknown))
    patches = [(node.position, node.fields) for node in structs if node.name == _PATCH]
    program = compile_expression(text, variables, prepare=_as_maps)
    checked = [node for node in walk(program.tree) if isinstance(node, CreateMap)]
    issues = [issue for node in checked for issue in _field_issues(node) if node.position in dict(patches)]
    if issues:
        raise RuleError(print_issues(text, issues))
    return Mutation(program, kind or str(program.type), misfit)


def _is_known(name: str) -> bool:
    return name == _PATCH or name.partition(".")[0] == APPLY_CONFIGURATION


def _kind(node: Expression) -> str | None:
    """Say what an expression builds; None where it builds nothing, and its type says all."""
    match node:
        case CreateStruct(name=name):
            return name
        case CreateList(elements=[]):
            return _ANY_LIST
        case CreateList(elements=elements):
            return JSON_PATCHES if all(_kind(each) == _PATCH for each in elements) else None
        case Call(function="_?_:_", arguments=[_, yes, no]):
            return _either(_kind(yes), _kind(no))
        case Call(function="_+_", arguments=[left, right]):
            return _either(_kind(left), _kind(right))
        case Macro(name="map" | "transformList", result=result) if result is not None:
            return JSON_PATCHES if _kind(result) == _PATCH else None
        case Macro(name="filter", range=gathered):
            return _kind(gathered)
        case _:
            return None


def _either(one: str | None, other: str | None) -> str | None:
    if one == other:
        return one
    return JSON_PATCHES if {one, other} == {JSON_PATCHES, _ANY_LIST} else None


def _misfits(node: Expression, path: str) -> Iterator[str]:
    """Say which objects are not called as the fields that lead to them, in what is written out directly."""
    match node:
        case CreateStruct(name=name) if name == _PATCH:
            for _, value in node.fields:
                yield from _misfits(value, "")
        case CreateStruct(name=name):
            wanted = path or name
            if name != wanted:
                told = "which matches field name path from root Object type"
                yield f'unexpected type name "{name}", expected "{wanted}", {told}'
            for field, value in node.fields:
                yield from _misfits(value, f"{wanted}.{field}")
        case CreateList():
            for each in node.elements:
                yield from _misfits(each, path)
        case _:
            pass


def _as_maps(node: Expression) -> Expression:
    """Put mappings in the place of what is built, and calls of known functions in that of ``jsonpatch.escapeKey``."""
    match node:
        case CreateStruct():
            entries = [
                (Literal(position=node.position, value=name), _dynamic(_as_maps(value))) for name, value in node.fields
            ]
            return CreateMap(position=node.position, entries=list[tuple[Expression, Expression]](entries))
        case Call(function="escapeKey", target=Ident(name="jsonpatch"), arguments=[key]):
            return _replaced(_replaced(_as_maps(key), "~", "~0"), "/", "~1")
        case Select():
            node.operand = _as_maps(node.operand)
        case Call():
            node.target = None if node.target is None else _as_maps(node.target)
            node.arguments = [_as_maps(each) for each in node.arguments]
        case CreateList():
            node.elements = [_as_maps(each) for each in node.elements]
        case CreateMap():
            node.entries = [(_as_maps(key), _as_maps(value)) for key, value in node.entries]
        case Macro():
            node.range = _as_maps(node.range)
            node.condition = None if node.condition is None else _as_maps(node.condition)
            node.result = None if node.result is None else _as_maps(node.result)
        case _:
            pass
    return node


def _dynamic(value: Expression) -> Expression:
    """Let fields of one object have different types, which the values of a mapping cannot."""
    return Call(position=value.position, function="dyn", arguments=[value])


def _replaced(text: Expression, old: str, new: str) -> Expression:
    at = text.position
    arguments: list[Expression] = [Literal(position=at, value=old), Literal(position=at, value=new)]
    return Call(position=at, function="replace", target=text, arguments=arguments)


def _field_issues(node: CreateMap) -> list[Issue]:
    """Say which fields a patch does not have, or not of that type."""
    issues = []
    for key, value in node.entries:
        name = key.value if isinstance(key, Literal) else ""
        given = value.arguments[0] if isinstance(value, Call) else value
        wanted, found = _PATCH_FIELDS.get(name), str(given.type)
        if wanted is None:
            issues.append(Issue(node.position, f"expected type of field '{name}' is '' but provided type is '{found}'"))
        elif wanted and found not in {wanted, "dyn"}:
            told = f"expected type of field '{name}' is '{wanted}' but provided type is '{found}'"
            issues.append(Issue(node.position, told))
    return issues
