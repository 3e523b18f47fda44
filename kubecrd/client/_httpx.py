"""The one place where the HTTP library is imported: httpx2 where it is installed, which goes on where httpx stopped."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING or find_spec("httpx2") is None:
    import httpx
else:
    import httpx2 as httpx

__all__ = ["httpx"]
