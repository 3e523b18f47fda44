"""Modules as text: printed plainly, then formatted by ruff, so that generated code looks like written code."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

from kubecrd._extras import need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import ClassModel, FieldModel, Imports, ModuleModel

__all__ = ["format_source", "print_module"]

_LINE_LENGTH: Final = 120


def print_module(module: ModuleModel) -> str:
    """Give the text of *module*, not yet formatted."""
    lines = [module.first_line, *(f"# {line}".rstrip() for line in module.comments), _quoted(module.doc, ""), ""]
    lines += ["from __future__ import annotations", ""]
    lines += _imports(module.imports)
    if module.imports.lazy:
        lines.append("")
    public = sorted([*module.public, *(each.name for each in module.classes)])
    lines.append(f"__all__ = [{', '.join(repr(name) for name in public)}]")
    for each in module.classes:
        lines += ["", "", *_class(each)]
    return "\n".join(lines) + "\n"


def format_source(text: str) -> str:
    """Format Python.

    Raises:
        MissingExtraError: ruff is not installed.
    """
    need("ruff", feature="generating code", extra="generate")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", f"--line-length={_LINE_LENGTH}", "-"]
    # Without isolation the settings of whatever project one stands in would decide.
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, encoding="utf-8")  # noqa: S603
    return done.stdout


def _imports(imports: Imports) -> Iterator[str]:
    standard = sys.stdlib_module_names
    names = dict(imports.names)
    if imports.lazy:
        names.setdefault("typing", set()).add("TYPE_CHECKING")
        names.setdefault("kubecrd.resource.lazymodule", set()).add("LazyModule")
    plain = [(module, f"import {module} as {name}") for module, name in imports.modules.items()]
    chosen = [
        (module, f"from {module} import {', '.join(sorted(these, key=_case))}") for module, these in names.items()
    ]
    for group in (0, 1, 2):
        lines = [
            line
            for them in (plain, chosen)
            for module, line in sorted(them)
            if _group(module.partition(".")[0], standard) == group
        ]
        yield from [*lines, ""] if lines else []
    if imports.lazy:
        yield "if TYPE_CHECKING:"
        for name, module in sorted(imports.lazy.items()):
            package, _, last = module.rpartition(".")
            yield f"    from {package} import {last} as {name}"
        yield "else:"
        for name, module in sorted(imports.lazy.items()):
            yield f"    {name} = LazyModule({module!r}, __package__)"


def _case(name: str) -> tuple[bool, bool, str]:
    """Order names as isort does: constants, then classes, then the rest."""
    return not (name.isupper() and len(name) > 1), not name[0].isupper(), name.lower()


def _group(root: str, standard: frozenset[str]) -> int:
    return 0 if root in standard else 2 if root == "" else 1


def _class(model: ClassModel) -> Iterator[str]:
    if model.comment:
        yield f"# {model.comment}"
    if model.decorator:
        yield f"@{model.decorator}"
    yield f"class {model.name}{f'({model.base})' if model.base else ''}:"
    if model.doc:
        yield _quoted(model.doc, "    ")
    if not model.fields and not model.doc:
        yield "    pass"
    for number, each in enumerate(model.fields):
        if (number and each.annotation) or (not number and model.doc):
            yield ""
        yield from _field(each)


def _field(model: FieldModel) -> Iterator[str]:
    default = "" if model.default is None else f" = {model.default}"
    if model.comment:
        yield f"    # {model.comment}"
    yield f"    {model.name}{f': {model.annotation}' if model.annotation else ''}{default}"
    if model.doc:
        yield _quoted(model.doc, "    ")


def _quoted(text: str, indent: str) -> str:
    """Print a docstring whose `inspect.cleandoc` is *text*."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = [line and f"{indent}{line}" for line in escaped.split("\n")]
    lines[0] = lines[0].lstrip()
    if len(lines) > 1:
        return f'{indent}"""' + "\n".join(lines) + f'\n{indent}"""'
    if text.endswith('"') and not text.endswith('"""'):
        escaped = f'{escaped[:-1]}\\"'
    return f'{indent}"""{escaped}"""'
