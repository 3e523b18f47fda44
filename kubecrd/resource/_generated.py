"""Running generated source so that tracebacks show it and tests can read it."""

from __future__ import annotations

import itertools
import linecache
from typing import Any

__all__ = ["define_function"]

_SERIAL = itertools.count()


def define_function(name: str, source: str, names: dict[str, Any]) -> Any:
    """Run *source*, which defines the function *name* with the globals *names*, and give the function.

    The source stays in `linecache` under a readable file name, as the function's ``__code__.co_filename`` says.
    """
    filename = f"<kubecrd generated {name} {next(_SERIAL)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), names)  # noqa: S102 - the source is ours, made of attrs fields
    return names[name]
