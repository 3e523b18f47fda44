"""Derive what the embedded server ships of the built-in kinds from the OpenAPI v3 documents of a real API server.

    python -m tools.builtin_kinds FOLDER

FOLDER holds one file a group and version, named as kubernetes' own ``/openapi/v3/apis/apps/v1`` is by
``apis__apps__v1.json``. Each becomes a compressed document that is served as it is, and all together become ``kinds.json``:
which kinds there are, with their verbs and subresources. Run twice it writes the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "kubecrd" / "server" / "openapi_v1_36"

VERBS = {
    "list": "list",
    "post": "create",
    "deletecollection": "deletecollection",
    "get": "get",
    "put": "update",
    "patch": "patch",
    "delete": "delete",
    "watchlist": "watch",
}
PATH = re.compile(
    r"^/apis?/(?:(?P<group>[^/]+)/)?(?P<version>v[^/]+)(?P<watch>/watch)?(?P<namespaced>/namespaces/\{namespace\})?"
    r"/(?P<plural>[a-z]+)(?P<name>/\{name\})?(?:/(?P<subresource>[a-z]+))?$"
)


def kinds_of(document: dict[str, Any], *, core: bool) -> list[dict[str, Any]]:
    """Read the paths of a document: which kinds, which verbs, which subresources."""
    found: dict[str, dict[str, Any]] = {}
    for path, item in sorted(document["paths"].items()):
        match = PATH.match(path if not core else path.replace("/api/", "/api//", 1).replace("//", "/", 1))
        if match is None:
            continue
        for operation in item.values():
            if isinstance(operation, dict) and "x-kubernetes-action" in operation:
                add(found, match, operation)
    schemas = document["components"]["schemas"]
    for kind in found.values():
        wanted = {"group": kind["group"], "version": kind["version"], "kind": kind["kind"]}
        kind["schema"] = next(
            (name for name, schema in schemas.items() if wanted in schema.get("x-kubernetes-group-version-kind", ())),
            "",
        )
        kind["verbs"] = sorted(kind["verbs"])
    return [kind for kind in found.values() if kind["kind"]]


def add(found: dict[str, dict[str, Any]], match: re.Match[str], operation: dict[str, Any]) -> None:
    """Note one operation."""
    group, version = match["group"] or "", match["version"]
    kind = found.setdefault(
        match["plural"],
        {
            "group": group,
            "version": version,
            "plural": match["plural"],
            "kind": "",
            "namespaced": False,
            "verbs": [],
            "subresources": {},
        },
    )
    kind["namespaced"] |= bool(match["namespaced"])
    gvk = operation.get("x-kubernetes-group-version-kind", {})
    verb = VERBS.get(operation["x-kubernetes-action"])
    if verb is None or operation["x-kubernetes-action"] == "connect":
        return
    if match["subresource"]:
        subresource = kind["subresources"].setdefault(match["subresource"], {"verbs": [], **gvk})
        subresource["verbs"] = sorted({*subresource["verbs"], verb})
        return
    kind["kind"] = kind["kind"] or gvk.get("kind", "")
    kind["verbs"] = sorted({*kind["verbs"], verb})


def main() -> None:
    """Write the compressed documents and the table of kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    kinds = []
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text())
        if not re.search(r"__v\d", file.stem):
            continue
        data = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        (OUT / f"{file.stem}.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        kinds += kinds_of(document, core=file.stem.startswith("api__"))
    table = ",\n".join(json.dumps(kind, sort_keys=True) for kind in kinds)
    (OUT / "kinds.json").write_text(f"[\n{table}\n]\n")
    print(f"{len(kinds)} kinds, {sum(each.stat().st_size for each in OUT.iterdir()) // 1024} KiB")


if __name__ == "__main__":
    main()
