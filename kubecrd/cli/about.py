"""Which kubecrd this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

__all__ = ["own_version"]


def own_version() -> str:
    """Give the version of the distribution; a word in brackets where it is not installed."""
    try:
        return version("kubecrd-toolkit")
    except PackageNotFoundError:
        return "(not installed)"
