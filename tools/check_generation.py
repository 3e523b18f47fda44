"""Show what becomes of definitions that turn into classes and back.

    python -m tools.check_generation FILE.jsonl|FILE.yaml... [--no-types]

Every version of every definition is written as classes, and imported; the definition that the package gives back is compared
with the original, and created on the embedded server; the package is checked by ``mypy --strict``. The last lines say which
share of the schemas the classes express without overrides. The exit code is 1 when anything fails.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import yaml
from attrs import field, frozen

from kubecrd.cli.loading import definitions_of, load_module
from kubecrd.client.api import Api
from kubecrd.client.client import Client
from kubecrd.codegen.definitions import Style
from kubecrd.codegen.package import GeneratedVersion, comes_back, exporting_module, generate_version, versions_of
from kubecrd.errors import StatusError
from kubecrd.schema.crd import CustomResourceDefinition
from kubecrd.schema.modules import custom_resources
from kubecrd.server.app import ApiServer
from kubecrd.server.inprocess import InProcessTransport

if TYPE_CHECKING:
    from collections.abc import Iterable


__all__ = ["Result", "check_generation", "type_errors"]

_ROOT = Path(__file__).parent.parent
_CACHE = _ROOT / ".mypy_cache" / "generated"
"""Kept from run to run: most of the time goes into kubecrd itself, which the classes import."""


@frozen
class Result:
    """What became of definitions.

    Attributes:
        versions: What was written.
        changed: Names of definitions that came back otherwise.
        refused: What the server said to those that it did not take, by name.
    """

    versions: Sequence[GeneratedVersion]
    changed: Sequence[str] = ()
    refused: Mapping[str, str] = field(factory=dict)

    @property
    def nodes(self) -> int:
        """How many schemas there are."""
        return sum(each.nodes for each in self.versions)

    @property
    def expressed(self) -> float:
        """The share of schemas that classes express without overrides, from 0 to 1."""
        return 1 - sum(each.overrides for each in self.versions) / self.nodes


def check_generation(crds: Iterable[Mapping[str, Any]], package: Path) -> Result:
    """Write *crds* as the package *package*, import it, and look at what comes back.

    Args:
        crds: The definitions, as JSON.
        package: The folder to write to; its parent must be the current folder or in ``sys.path``.
    """
    wanted = {crd["metadata"]["name"]: crd for crd in crds}
    made = [generate_version(each, Style()) for each in versions_of(list(wanted.values()))]
    package.mkdir()
    for each in made:
        (package / f"{each.source.module}.py").write_text(each.text(), encoding="utf-8")
    (package / "__init__.py").write_text(exporting_module(each.export for each in made), encoding="utf-8")
    back = {str(crd.metadata.name): crd for crd in definitions_of(custom_resources(load_module(package.name)))}
    changed = [name for name, crd in wanted.items() if not _is_same(crd, back[name].to_dict())]
    return Result(made, changed, anyio.run(_refused, list(back.values())))


def _is_same(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    spec = {**wanted["spec"], "versions": sorted(wanted["spec"]["versions"], key=_name)}
    # What the server fills in is as good as said.
    names = spec["names"]
    spec["names"] = {"singular": names["kind"].lower(), "listKind": f"{names['kind']}List", **names}
    spec.setdefault("conversion", {"strategy": "None"})
    if spec.get("preserveUnknownFields") is False:  # v1 admits nothing else
        del spec["preserveUnknownFields"]
    back = {**given["spec"], "versions": sorted(given["spec"]["versions"], key=_name)}
    back.setdefault("conversion", {"strategy": "None"})
    return comes_back(spec, back)


def _name(version: Mapping[str, Any]) -> str:
    return str(version["name"])


async def _refused(crds: Sequence[CustomResourceDefinition]) -> dict[str, str]:
    refused = {}
    async with ApiServer() as server, Client(transport=InProcessTransport(server)) as client:
        for crd in crds:
            try:
                await Api(client, CustomResourceDefinition).create(crd)
            except StatusError as error:
                refused[str(crd.metadata.name)] = str(error)
    return refused


def type_errors(package: Path) -> str:
    """Give what ``mypy --strict`` says of the package; empty where it is content."""
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={_CACHE}", package.name]
    done = subprocess.run(command, cwd=package.parent, capture_output=True, text=True, check=False)  # noqa: S603
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _read(path: Path) -> list[Mapping[str, Any]]:
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line)["crd"] for line in text.splitlines()]
    return [each for each in yaml.safe_load_all(text) if each]


def main() -> int:
    """Check, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--no-types", action="store_true", help="leave mypy out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "generated_kinds"
        sys.path.insert(0, folder)
        result = check_generation((crd for file in options.files for crd in _read(file)), package)
        errors = "" if options.no_types else type_errors(package)
    for each in result.versions:
        print(f"{each.nodes:6} schemas, {each.overrides:3} in overrides  {each.source.module}")
    print(
        f"{len(result.versions)} versions, {result.nodes} schemas, {100 * result.expressed:.2f} % expressed in classes"
    )
    print(f"came back otherwise: {', '.join(result.changed) or 'none'}")
    print(f"refused by the server: {dict(result.refused) or 'none'}")
    print(f"type errors: {errors or ('not looked for' if options.no_types else 'none')}")
    return 1 if result.changed or result.refused or errors else 0


if __name__ == "__main__":
    sys.exit(main())
