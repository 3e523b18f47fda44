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
from pathlib import Path

from kubecrd.codegen.openapi import kinds_of, read_documents

OUT = Path(__file__).parent.parent / "kubecrd" / "server" / "openapi_v1_36"


def main() -> None:
    """Write the compressed documents and the table of kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    kinds = []
    for name, document in read_documents(parser.parse_args().folder).items():
        data = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        (OUT / f"{name}.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
        kinds += kinds_of(document)
    table = ",\n".join(json.dumps(kind, sort_keys=True) for kind in kinds)
    (OUT / "kinds.json").write_text(f"[\n{table}\n]\n")
    print(f"{len(kinds)} kinds, {sum(each.stat().st_size for each in OUT.iterdir()) // 1024} KiB")


if __name__ == "__main__":
    main()
