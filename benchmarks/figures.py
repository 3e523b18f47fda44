"""Figures by name, as a benchmark prints them."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["print_figures"]


def print_figures(
    measure: Callable[[int], dict[str, float]], *, about: str | None, objects: str, default: int = 10_000
) -> None:
    """Read the arguments, measure and print.

    Args:
        measure: Takes the figures; its argument is the number of objects.
        about: The text of ``--help``.
        objects: What the number of objects is of, for ``--help``.
        default: How many there are where the arguments do not say.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=default, help=f"{objects} (default: {default})")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    figures = measure(options.objects)
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, figure in figures.items():
        print(f"{figure:12,.1f}  {name}")
