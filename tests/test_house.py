"""The house keeps its own rules: sizes, docstrings, and what a module says first."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for path in (ROOT / "kubecrd").rglob("*.py")
    if not path.is_relative_to(ROOT / "kubecrd" / "k8s")  # generated
)
LINES_OF_A_MODULE = 600
LINES_OF_A_FUNCTION = 60
NESTING = 5


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path):
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def depth(node: ast.AST) -> int:
    opens = isinstance(
        node, ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.Match
    )
    return opens + max((depth(child) for child in inner(node)), default=0)


def inner(node: ast.AST):
    for name, value in ast.iter_fields(node):
        # An `elif` is an `If` inside the `orelse` of another, but reads as its sibling.
        if name == "orelse" and isinstance(node, ast.If) and len(value) == 1 and isinstance(value[0], ast.If):
            yield from inner(value[0])
        elif isinstance(value, list):
            yield from (
                child for child in value if isinstance(child, ast.AST) and not isinstance(child, ast.FunctionDef)
            )
        elif isinstance(value, ast.AST):
            yield value


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_module_is_short_enough_to_know(path):
    assert len(path.read_text().splitlines()) <= LINES_OF_A_MODULE


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_function_fits_on_a_screen(path):
    long = {
        function.name: body_lines(function)
        for function in functions(path)
        if body_lines(function) > LINES_OF_A_FUNCTION
    }

    assert not long


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_function_is_not_nested_deeper_than_one_can_follow(path):
    deep = {function.name: depth(function) for function in functions(path) if depth(function) > NESTING}

    assert not deep


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_a_module_opens_with_its_job(path):
    tree = ast.parse(path.read_text())

    assert ast.get_docstring(tree)


@cache
def exported(module: str) -> set[str] | None:
    """Give the `__all__` of a module; None where it is written otherwise than as a list of names."""
    path = ROOT / f"{module.replace('.', '/')}.py"
    for node in ast.parse(path.read_text()).body if path.exists() else ():
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.List)
            and ast.unparse(node.targets[0]) == "__all__"
        ):
            return set(ast.literal_eval(node.value))
    return None


def imports(path: Path):
    package = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            base = package[: len(package) + 1 - node.level] if node.level else ()
            yield ".".join([*base, node.module]), [alias.name for alias in node.names]


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_what_a_module_takes_from_another_is_exported_there(path):
    hidden = {module: {*names} - known for module, names in imports(path) if (known := exported(module)) is not None}

    assert not {module: names for module, names in hidden.items() if names}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_nothing_is_left_to_do(path):
    words = ("TODO", "FIXME", "XXX", 'NotImplementedError("later')

    assert not [word for word in words if word in path.read_text()]
