"""What belongs to other projects and lies beside this one: tests read it in place, and skip where it is absent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("KUBECRD_SHARED", Path(__file__).parents[2] / "shared"))
REAL_WORLD = SHARED / "crds" / "real-world.jsonl"


def needs(path: Path) -> pytest.MarkDecorator:
    """Skip a test where *path* is absent, and say so."""
    return pytest.mark.skipif(not path.exists(), reason=f"{path} is absent: it is not part of this project")


def real_world_definitions() -> list[dict[str, Any]]:
    """Read the definitions of real projects; none where they are absent."""
    return [json.loads(line)["crd"] for line in REAL_WORLD.read_text().splitlines()] if REAL_WORLD.exists() else []


def each_real_world_definition() -> list[Any]:
    """Give a case for each definition of a real project, or one that is skipped."""
    return [pytest.param(definition, id=definition["metadata"]["name"]) for definition in real_world_definitions()] or [
        pytest.param(None, marks=needs(REAL_WORLD), id="absent")
    ]
