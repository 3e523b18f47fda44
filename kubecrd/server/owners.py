"""What the server says about owner references and finalizers without refusing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .request import Request

__all__ = ["report_new_finalizers", "without_repeated_owners"]

_STANDARD: Final = frozenset({"orphan", "foregroundDeletion", "kubernetes"})


def without_repeated_owners(obj: dict[str, Any], request: Request | None, *, mutated: bool = False) -> dict[str, Any]:
    """Drop owner references that are there already, with a warning.

    Args:
        obj: The object, which is not changed.
        request: Where the warning goes; None where nobody asked.
        mutated: Whether admission has had its say, which the warning mentions.
    """
    owners = obj["metadata"].get("ownerReferences")
    if not isinstance(owners, list) or len(owners) < 2:
        return obj
    kept: list[Any] = []
    repeated: dict[str, None] = {}
    for owner in owners:
        if owner in kept:
            repeated[owner.get("uid", "")] = None
        else:
            kept.append(owner)
    if not repeated:
        return obj
    if request is not None:
        after = " after mutating admission happens" if mutated else ""
        request.warn(
            f".metadata.ownerReferences contains duplicate entries{after}; API server dedups owner references in "
            "1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) "
            f"observed: {', '.join(repeated)}"
        )
    return {**obj, "metadata": {**obj["metadata"], "ownerReferences": kept}}


def report_new_finalizers(request: Request, obj: dict[str, Any], old: dict[str, Any] | None) -> None:
    """Warn of finalizers whose names could be anybody's, unless the stored object has them already."""
    known = set((old or {}).get("metadata", {}).get("finalizers") or ())
    for name in sorted(set(obj["metadata"].get("finalizers") or ()) - known):
        if "/" in name or name in _STANDARD:
            continue
        path = " including a path (/)" if "." in name else ""
        request.warn(
            f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name{path} to avoid accidental '
            "conflicts with other finalizer writers"
        )
