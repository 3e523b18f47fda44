"""Generate ``kubecrd/k8s``, the classes of the built-in kinds, from the documents that the embedded server ships.

    python -m tools.generate_k8s [--check]

With ``--check`` nothing is written, and the exit code is 1 when a file is not what it would be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kubecrd.codegen.builtin import SHIPPED_VERSION, builtin_files, shipped_documents

OUT = Path(__file__).parent.parent / "kubecrd" / "k8s"


def main() -> int:
    """Write the package, or say what is not current."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    files = builtin_files(shipped_documents(), package="kubecrd.k8s", version=SHIPPED_VERSION)
    present = {str(path.relative_to(OUT)): path.read_text() for path in OUT.rglob("*.py")}
    stale = sorted(path for path in files.keys() | present.keys() if files.get(path) != present.get(path))
    if is_check:
        print("\n".join(f"kubecrd/k8s/{path} is not current; run make generate" for path in stale), file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        if path not in files:
            (OUT / path).unlink()
            continue
        (OUT / path).parent.mkdir(parents=True, exist_ok=True)
        (OUT / path).write_text(files[path])
    print(f"{len(files)} files, {len(stale)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
