"""The patches that a PATCH request can carry, other than apply."""

from __future__ import annotations

from .jsonpatch import json_patch
from .mergepatch import merge_patch
from .strategicpatch import strategic_merge_patch

__all__ = ["json_patch", "merge_patch", "strategic_merge_patch"]
