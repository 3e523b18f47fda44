"""Thousands of generated expressions, as the CEL packages of Kubernetes 1.36 answer them (see facts/README.md).

Most are answered alike; how many is pinned, so that it only rises. `pytest --facts FOLDER` reads another set.
"""

import gzip
import json
import math
import re
from collections import Counter
from pathlib import Path

import pytest

from kubecrd.cel.conversions import format_timestamp
from kubecrd.cel.program import ProgramError, compile_expression
from kubecrd.cel.values import CelError, Duration, Optional, Timestamp, TypeValue, UInt
from kubecrd.errors import RuleError

VARIABLE = re.compile(r"_var\d+")
POSITION = re.compile(r"<input>:(-?\d+:\d+)")
FOLDER = Path(__file__).parent / "facts"
LEAST = {
    "verdict": 0.999,
    "value": 0.999,
    "error": 0.998,
    "issues": 0.999,
    "position": 0.999,
    "cost": 0.999,
    "estimate": 0.999,
}


def facts(folder, name):
    packed = folder / f"{name}.jsonl.gz"
    text = gzip.decompress(packed.read_bytes()).decode() if packed.exists() else (folder / f"{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def same(wanted, found):
    """Compare a value with its encoding."""
    match wanted:
        case {"uint": number}:
            return type(found) is UInt and found == number
        case {"double": text}:
            number = float(text)
            return type(found) is float and (found == number or (math.isnan(found) and math.isnan(number)))
        case {"bytes": text}:
            return isinstance(found, bytes) and found.hex() == text
        case {"map": entries}:
            return (
                isinstance(found, dict)
                and len(entries) == len(found)
                and all(
                    any(same(key, mine) and same(value, theirs) for mine, theirs in found.items())
                    for key, value in entries
                )
            )
        case {"timestamp": text}:
            return isinstance(found, Timestamp) and format_timestamp(found) == text
        case {"duration": number}:
            return isinstance(found, Duration) and found.nanoseconds == number
        case {"type": name}:
            return isinstance(found, TypeValue) and found.name == name
        case {"optional": values}:
            return (
                isinstance(found, Optional)
                and len(values) == len(found.values)
                and all(map(same, values, found.values))
            )
        case dict():
            return str(found) == next(iter(wanted.values()))
        case list():
            return isinstance(found, list) and len(wanted) == len(found) and all(map(same, wanted, found))
        case _:
            return type(found) is type(wanted) and found == wanted


def answer(text):
    try:
        program = compile_expression(text, {})
    except ProgramError as error:
        return "program", str(error), None
    except RuleError as error:
        return "issues", str(error), None
    found, _ = program.interpret()
    return ("error", str(found), program) if isinstance(found, CelError) else ("value", found, program)


@pytest.fixture(scope="module")
def counts(request):
    """How many expressions are answered alike."""
    folder = Path(request.config.getoption("--facts") or FOLDER)
    counted = Counter()
    for fact in facts(folder, "expressions"):
        kind, found, program = answer(fact["expr"])
        wanted = next(what for what in ("value", "error", "program", "issues") if what in fact)
        counted["all"] += 1
        counted["verdict"] += kind == wanted
        if kind == wanted == "value":
            counted["compared value"] += 1
            counted["value"] += same(fact["value"], found)
        elif kind == wanted == "issues":
            told = VARIABLE.sub("_var", found)
            counted["compared issues"] += 1
            counted["issues"] += told == fact["issues"]
            counted["compared position"] += 1
            counted["position"] += POSITION.findall(told) == POSITION.findall(fact["issues"])
        elif kind == wanted:
            counted["compared error"] += 1
            counted["error"] += found == fact[wanted]
        if "est" in fact and program is not None:
            counted["compared estimate"] += 1
            counted["estimate"] += list(program.estimate) == fact["est"]
        if "cost" in fact and program is not None:
            counted["compared cost"] += 1
            counted["cost"] += program.interpret()[1] == fact["cost"]
            counted["differing"] += not alike(program)
    return counted


def alike(program):
    """Say whether the generated functions give what the reference gives, wherever they give anything."""
    found, cost = program.interpret()
    measured = program.measure()
    if isinstance(found, CelError):
        return isinstance(measured[0], CelError) and measured[1] == cost
    return repr(measured) == repr((found, cost)) and repr(program.evaluate()) == repr(found)


@pytest.mark.parametrize("what", LEAST)
def test_answers_are_those_of_kubernetes(counts, what):
    """Verdict: of all; texts of errors and of issues, their places, costs and estimates: of those whose verdict is right."""
    rate = counts[what] / counts["all" if what == "verdict" else f"compared {what}"]
    print(f"{what}: {rate:.4f}")  # noqa: T201 - the rate is what this test is for

    assert rate >= LEAST[what]


def test_generated_functions_agree_with_the_reference(counts):
    """What was made for speed gives the same values, and counts the same cost."""
    assert counts["differing"] == 0
