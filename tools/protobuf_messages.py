"""Derive which number every field of the built-in kinds has in protobuf, from Kubernetes' own declarations of them.

    python -m tools.protobuf_messages FOLDER...

The folders hold the sources of k8s.io/api and k8s.io/apimachinery of one version: the ``generated.proto`` files tell
number, name and type of each field, and the ``types.go`` beside them which fields JSON leaves out when they are zero, and
which messages JSON has no object for. What is written is one line a message, of texts such as ``name? string``: a field
whose zero is left out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path

from tools.builtin_kinds import OUT

PROTO_MESSAGE = re.compile(r"^message (\w+) \{(.*?)^\}", re.MULTILINE | re.DOTALL)
PROTO_FIELD = re.compile(r"^  (optional|repeated|map<string, ([\w.]+)>) ?([\w.]*) (\w+) = (\d+);", re.MULTILINE)
GO_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
GO_FIELD = re.compile(r"^\t(?:\w+ )?\s*(\S+)\s+`json:\"([^\"]*)\".*?protobuf:\"\w+,(\d+),", re.MULTILINE)
PACKAGES = re.compile(
    r"k8s\.io\.(api\.\w+\.v[12]|apimachinery\.pkg\.(apis\.meta\.v1|runtime|util\.intstr|api\.resource))$"
)
"""The versions that are served; nothing else is sent."""
SCALARS = {"int32": "int", "int64": "int", "bool": "bool", "bytes": "bytes", "double": "double", "string": "string"}


def json_names(source: str) -> dict[tuple[str, int], tuple[str, str]]:
    """Give the name in JSON of each field of Go's structs, with ``?`` where JSON leaves out a zero, ``^`` where it has no object."""
    found = {}
    for struct, body in GO_STRUCT.findall(source):
        for kind, tag, number in GO_FIELD.findall(body):
            name, *options = tag.split(",")
            if "inline" in options:
                found[struct, int(number)] = ("", "^")
            else:
                is_value = "omitempty" in options and not kind.startswith(("*", "[]", "map["))
                found[struct, int(number)] = (name, "?" if is_value else "")
    return found


def messages_of(folder: Path) -> dict[str, dict[str, str]]:
    """Read the messages of one package, by the names that OpenAPI has for them."""
    text = (folder / "generated.proto").read_text()
    package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
    if package is None or not PACKAGES.match(package[1]):
        return {}
    names = json_names("\n".join(path.read_text() for path in folder.glob("*.go")))
    prefix = openapi_name(package[1])

    def type_name(name: str) -> str:
        return SCALARS.get(name) or (openapi_name(name.lstrip(".")) if "." in name else f"{prefix}.{name}")

    found = {}
    for message, body in PROTO_MESSAGE.findall(text):
        fields = {}
        for label, values, kind, name, number in PROTO_FIELD.findall(body):
            shape = f"map {type_name(values)}" if values else type_name(kind)
            many = "[]" if label == "repeated" else ""
            json_name, note = names.get((message, int(number)), ("", ""))
            if note == "?" and (many or shape not in SCALARS.values()):
                note = ""  # only scalars are left out
            fields[number] = f"{json_name or name}{note} {many}{shape}"
        found[f"{prefix}.{message}"] = fields
    return found


def openapi_name(proto_name: str) -> str:
    """Write ``k8s.io.api.core.v1.Pod`` as OpenAPI has it."""
    return "io.k8s." + proto_name.removeprefix("k8s.io.")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+")
    messages: dict[str, dict[str, str]] = {}
    for folder in parser.parse_args().folders:
        for proto in sorted(folder.rglob("generated.proto")):
            messages |= messages_of(proto.parent)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(messages[name])}" for name in sorted(messages))
    data = gzip.compress(f"{{\n{lines}\n}}\n".encode(), 9, mtime=0)
    (OUT / "messages.json.gz").write_bytes(data)
    print(f"{len(messages)} messages, {len(data) // 1024} KiB")


if __name__ == "__main__":
    main()
