"""Replaying the recordings against an embedded server in this process, and the list of what is not exact yet."""

from __future__ import annotations

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from kubecrd.server.app import ApiServer
from kubecrd.server.process import running_server
from tests.conformance import corpus

if TYPE_CHECKING:
    from collections.abc import Container

FOLDER = Path(__file__).parent
RECORDINGS = FOLDER / "recordings"
LISTED = FOLDER / "not-exact.txt"
FILES = sorted(path.name.removesuffix(".jsonl.gz") for path in RECORDINGS.glob("*.jsonl.gz"))
RANK = {"exact": 2, "verdict": 1, "wrong": 0}

CASES_AT_ONCE = 32
UNTIL_SECONDS = 2.0
"""How long a step may wait for an answer to fit: what an embedded server has not done by then, it hardly ever does."""
PATIENT_SECONDS = 10.0
"""The same for the few cases that are tried again, where the machine may only have been busy."""


def cases_of(name: str) -> list[dict]:
    lines = gzip.decompress((RECORDINGS / f"{name}.jsonl.gz").read_bytes()).decode().splitlines()
    return [json.loads(line) for line in lines]


def replay(name: str, only: Container[str] | None = None) -> dict[str, tuple[str, list[str]]]:
    """Give the grade of each case of a file, or of *only* some of them, and where the answers differ."""
    corpus.DEFAULT_UNTIL_SECONDS = UNTIL_SECONDS if only is None else PATIENT_SECONDS
    cases = [case for case in cases_of(name) if only is None or case["id"] in only]
    # The recordings were made without a controller manager, which would collect and clean up.
    with running_server(lambda: ApiServer(controller_manager=False)) as url:
        options = {"headers": {"User-Agent": "corpus/1.0"}, "timeout": 30, "limits": httpx.Limits(max_connections=200)}
        with httpx.Client(base_url=url, **options) as http, ThreadPoolExecutor(CASES_AT_ONCE) as pool:
            grades = pool.map(lambda case: corpus.grade(case, http), cases)
            return {case["id"]: grade for case, grade in zip(cases, grades, strict=True)}


def listed() -> dict[str, str]:
    """Give the cases that are known not to be exact, with their grades."""
    lines = LISTED.read_text().splitlines() if LISTED.exists() else []
    return dict(line.split() for line in lines if line and not line.startswith("#"))
