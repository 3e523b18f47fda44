"""The cases of the CEL specification: what Kubernetes has of the language passes, the rest is listed with the reason.

The cases are read where they lie, and skipped where they are absent; the list is held against them both ways.
"""

import base64
import json
from pathlib import Path

import pytest

from kubecrd.cel.program import compile_expression
from kubecrd.cel.typesystem import DYN, NULL, TIMESTAMP, Type, list_of, map_of, optional_of, type_of
from kubecrd.cel.values import CelError, Duration, Optional, Timestamp, TypeValue, UInt, equal
from kubecrd.errors import RuleError
from tests.shared import SHARED, needs

FOLDER = SHARED / "cel-spec"
UNSUPPORTED = Path(__file__).parent / "cel-spec-unsupported.txt"
VERDICTS = "kubernetes-1.36"
"""The file that says which cases the CEL of Kubernetes 1.36 answers as the specification has it."""

PRIMITIVES = {
    "BOOL": "bool",
    "INT64": "int",
    "UINT64": "uint",
    "DOUBLE": "double",
    "STRING": "string",
    "BYTES": "bytes",
}
WELL_KNOWN = {"TIMESTAMP": TIMESTAMP, "DURATION": Type("google.protobuf.Duration"), "ANY": Type("any")}
FILES = sorted(path.stem for path in FOLDER.glob("*.json") if path.stem != VERDICTS) or ["absent"]


def cases(name):
    """Give the cases of a file by their ids; of those that share one, only the last says a thing of its own."""
    path = FOLDER / f"{name}.json"
    found = json.loads(path.read_text()) if path.exists() else []
    return {f"{name}/{case['section']}/{case['name']}": case for case in found}


def listed():
    lines = [line for line in UNSUPPORTED.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


def value_of(encoded):
    """Read a value of the specification, which are those of protocol buffers in JSON."""
    match encoded:
        case {"int64Value": text}:
            return int(text)
        case {"uint64Value": text}:
            return UInt(text)
        case {"doubleValue": number}:
            return float(number)
        case {"bytesValue": text}:
            return base64.b64decode(text)
        case {"nullValue": _}:
            return None
        case {"listValue": items}:
            return [value_of(each) for each in items.get("values", [])]
        case {"mapValue": entries}:
            return {value_of(each["key"]): value_of(each["value"]) for each in entries.get("entries", [])}
        case {"typeValue": name}:
            return TypeValue(name)
        case {"objectValue": {"@type": kind, "value": text}}:
            literal = {"Duration": "duration", "Timestamp": "timestamp"}[kind.rsplit(".", 1)[-1]]
            return compile_expression(f"{literal}('{text}')", {}).evaluate()
        case _:
            return next(iter(encoded.values()))


def type_of_encoded(encoded):
    match encoded:
        case {"primitive": name}:
            return Type(PRIMITIVES[name])
        case {"wellKnown": name}:
            return WELL_KNOWN[name]
        case {"wrapper": name}:
            return Type("wrapper", (Type(PRIMITIVES[name]),))
        case {"listType": kind}:
            return list_of(type_of_encoded(kind["elemType"]))
        case {"mapType": kind}:
            return map_of(type_of_encoded(kind["keyType"]), type_of_encoded(kind["valueType"]))
        case {"abstractType": {"name": "optional_type", "parameterTypes": [inner]}}:
            return optional_of(type_of_encoded(inner))
        case {"type": inner}:
            return type_of(type_of_encoded(inner))
        case {"null": _}:
            return NULL
        case {"messageType": name}:
            return Type(name)
        case _:
            return DYN


def same(wanted, found):
    kinds = [bool if isinstance(each, bool) else type(each) for each in (wanted, found)]
    plain = (bool, int, UInt, float, str, bytes, list, dict, type(None), TypeValue, Duration, Timestamp, Optional)
    if kinds[0] is not kinds[1] or kinds[0] not in plain:
        return False
    return (wanted != wanted and found != found) or equal(wanted, found)  # noqa: PLR0124 - NaN


def passes(case):
    """Say whether a case is answered as the specification has it."""
    declared = {each["name"]: type_of_encoded(each.get("ident", {}).get("type")) for each in case.get("typeEnv", [])}
    bound = {name: value_of(each["value"]) for name, each in case.get("bindings", {}).items()}
    declared = {name: declared.get(name, DYN) for name in bound} | declared
    typed = case.get("typedResult", {})
    if any("." in name for name in declared):
        return False
    try:
        program = compile_expression(case["expr"], declared)
    except RuleError:
        return "evalError" in case
    if "deducedType" in typed and program.type != type_of_encoded(typed["deducedType"]):
        return False
    if case.get("checkOnly"):
        return True
    found, _ = program.interpret(*(bound.get(name, CelError("unbound")) for name in declared))
    if "evalError" in case:
        return isinstance(found, CelError)
    return same(value_of(case.get("value") or typed.get("result") or {"boolValue": True}), found)


@pytest.mark.parametrize("name", FILES)
def test_every_case_passes_or_is_listed(name):
    """A listed case that passes is one too many in the list."""
    if name == "absent":
        pytest.skip(f"{FOLDER} is absent: it is not part of this project")
    failing = {case_id for case_id, case in cases(name).items() if not passes(case)}

    assert failing == {case_id for case_id in listed() if case_id.startswith(f"{name}/")}


@needs(FOLDER)
def test_what_kubernetes_supports_is_not_listed():
    """What Kubernetes 1.36 answers as the specification has it is answered so here."""
    supported = {"/".join(each) for each in json.loads((FOLDER / f"{VERDICTS}.json").read_text())["cases"]}
    contradicted = {case_id for case_id, reason in listed().items() if reason.startswith("declared otherwise:")}

    assert not supported & (listed().keys() - contradicted)


def test_every_listed_case_has_a_reason():
    """Nothing is listed because it does not work yet."""
    assert all(reason and not reason.startswith("?") for reason in listed().values())
