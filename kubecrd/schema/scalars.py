"""Scalars as definitions write them, where Python has one word for several."""

from __future__ import annotations

from typing import Annotated

from .markers import AnyOf, Format

__all__ = ["Int32", "IntOrStr", "Integer", "Number"]

Int32 = Annotated[int, Format("int32")]
"""An integer of 32 bits; a plain ``int`` has 64."""

Integer = Annotated[int, Format(None)]
"""An integer whose format is not said."""

Number = Annotated[float, Format(None)]
"""A number whose format is not said."""

IntOrStr = Annotated[int | str, AnyOf({"type": "integer"}, {"type": "string"})]
"""An integer or a string, as controller-gen writes it: the ``anyOf`` says once more what the extension says."""
