"""Where the command begins: it says what to install when its libraries are missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kubecrd._extras import need
from kubecrd.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    Args:
        arguments: What follows the command's name; those of the process by default.
    """
    try:
        for library in ("click", "rich"):
            need(library, feature="the kubecrd command", extra="cli")
    except MissingExtraError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 2
    from .main import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
