"""Optional parts: where they are looked for, and what is said when one is missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .errors import MissingExtraError

__all__ = ["need"]


def need(module: str, *, feature: str, extra: str, instead: str | None = None) -> Any:
    """Import an optional module where it is used.

    Args:
        module: The module, such as ``uvicorn``.
        feature: What needs it, for the message.
        extra: Which extra of ``kubecrd-toolkit`` installs it.
        instead: What can be done without it; None where there is nothing.

    Raises:
        MissingExtraError: it is not installed; an error inside the module is raised as it is.
    """
    package = module.partition(".")[0]
    if find_spec(package) is None:
        without = f", or {instead}" if instead else ""
        raise MissingExtraError(
            f"{feature} needs {package}, which is not installed; pip install 'kubecrd-toolkit[{extra}]'{without}"
        )
    return import_module(module)
