"""The classes of the built-in kinds: what they weigh, and what importing them costs, beside those of other clients.

    python -m benchmarks.builtin_kinds [--rounds N] [--venvs FOLDER] [--markdown]

Each contender is installed into an environment of its own, which is kept for the next time, with bytecode compiled, as pip
does. Per contender, all in one run and by turns:

- *kinds*: the size of the source of its classes, and *installed*: of all that its environment holds for it;
- *one kind*: a process that imports the Deployment, as a program of that library does, from start to end;
- *all of core*: the same for all of the group with pods in it;
- *memory*: the largest resident set of the latter.

Times are the least of all rounds. A contender that cannot be installed is left out, and named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

__all__ = ["CONTENDERS", "Contender", "Figures", "measure"]

_ROOT: Final = Path(__file__).parent.parent


@frozen
class Contender:
    """A library with classes of the built-in kinds.

    Attributes:
        name: As PyPI has it.
        requirements: What is installed.
        kinds: The folders of its classes, in site-packages.
        one: Imports the Deployment.
        core: Imports everything of core/v1.
    """

    name: str
    requirements: tuple[str, ...]
    kinds: tuple[str, ...]
    one: str
    core: str


CONTENDERS: Final = (
    Contender(
        "kubecrd-toolkit",
        (str(_ROOT),),
        ("kubecrd/k8s",),
        "from kubecrd.k8s.apps.v1 import Deployment",
        "import kubecrd.k8s.core.v1",
    ),
    Contender(
        "kubernetes",
        ("kubernetes",),
        ("kubernetes/client/models",),
        "from kubernetes.client import V1Deployment",
        "from kubernetes.client import V1Pod",
    ),
    Contender(
        "kubernetes_asyncio",
        ("kubernetes-asyncio",),
        ("kubernetes_asyncio/client/models",),
        "from kubernetes_asyncio.client import V1Deployment",
        "from kubernetes_asyncio.client import V1Pod",
    ),
    Contender(
        "lightkube-models",
        ("lightkube", "lightkube-models"),
        ("lightkube/models", "lightkube/resources"),
        "from lightkube.resources.apps_v1 import Deployment",
        "import lightkube.resources.core_v1",
    ),
    Contender(
        "kubex-k8s-1-36",
        ("kubex-k8s-1-36",),
        ("kubex/k8s/v1_36",),
        "from kubex.k8s.v1_36.apps.v1.deployment import Deployment",
        # Each class has a module of its own there.
        "import importlib, pkgutil, kubex.k8s.v1_36.core.v1 as core; "
        "[importlib.import_module(f'{core.__name__}.{each.name}') for each in pkgutil.iter_modules(core.__path__)]",
    ),
    Contender(
        "cloudcoil-models-kubernetes",
        ("cloudcoil-models-kubernetes",),
        ("cloudcoil/models/kubernetes",),
        "from cloudcoil.models.kubernetes.apps.v1 import Deployment",
        "import cloudcoil.models.kubernetes.core.v1",
    ),
)

_ABOUT: Final = """
import json, sys, sysconfig
from importlib.metadata import distributions
from pathlib import Path
root = Path(sysconfig.get_path("purelib"))
def size(paths):
    return sum(path.stat().st_size for path in paths if path.is_file() and path.suffix not in {".pyc", ".pyo"})
names = {each.name: each for each in distributions() if each.name.lower() not in {"pip", "setuptools"}}
files = {Path(dist.locate_file(file)).resolve() for dist in names.values() for file in dist.files or ()}
kinds = {path for folder in sys.argv[2:] for path in (root / folder).rglob("*.py")}
wanted = sys.argv[1].replace("-", "_").replace(".", "_").lower()
version = next(each.version for name, each in names.items() if name.replace("-", "_").replace(".", "_").lower() == wanted)
print(json.dumps([version, size(kinds), size(files)]))
"""
_MEMORY: Final = "; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


@define(kw_only=True)
class Figures:
    """What was measured of one contender.

    Attributes:
        version: Which was installed.
        kinds: MiB of the source of its classes.
        installed: MiB of all that is installed for it.
        one: Milliseconds of a process that imports one kind.
        core: Milliseconds of a process that imports all of core/v1.
        memory: MiB of the largest resident set of that process.
    """

    version: str
    kinds: float
    installed: float
    one: float = field(default=float("inf"))
    core: float = field(default=float("inf"))
    memory: float = 0.0


def measure(venvs: Path, rounds: int) -> tuple[dict[str, Figures], dict[str, str]]:
    """Install and measure all contenders, and an interpreter that imports nothing.

    Args:
        venvs: Where their environments are, or will be.
        rounds: How often each is imported.

    Returns:
        The figures by name, and why the others were left out.
    """
    pythons, left_out = {}, {}
    for each in CONTENDERS:
        try:
            pythons[each] = _installed(each, venvs / each.name)
        except subprocess.CalledProcessError as error:
            left_out[each.name] = (error.stderr or str(error)).strip().splitlines()[-1]
    found = {each.name: _weight(each, python) for each, python in pythons.items()}
    found["(python alone)"] = Figures(version="", kinds=0, installed=0)
    for _ in range(rounds):
        for each, python in pythons.items():
            _import(found[each.name], python, each.one, each.core)
        _import(found["(python alone)"], next(iter(pythons.values())), "pass", "pass")
    return found, left_out


def _installed(contender: Contender, venv: Path) -> Path:
    python = venv / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(venv)])
    # What is there already stays as it is; only this project may have changed.
    again = ["--force-reinstall", "--no-deps"] if contender.requirements == (str(_ROOT),) else []
    for more in ([], again) if again else ([],):
        _run([str(python), "-m", "pip", "install", "--quiet", *more, *contender.requirements])
    return python


def _weight(contender: Contender, python: Path) -> Figures:
    version, kinds, installed = json.loads(_run([str(python), "-c", _ABOUT, contender.name, *contender.kinds]))
    return Figures(version=version, kinds=kinds / 2**20, installed=installed / 2**20)


def _import(figures: Figures, python: Path, one: str, core: str) -> None:
    figures.one = min(figures.one, _milliseconds(python, one))
    figures.core = min(figures.core, _milliseconds(python, core))
    figures.memory = int(_run([str(python), "-c", f"{core}{_MEMORY}"])) / 2**10


def _milliseconds(python: Path, statement: str) -> float:
    started = time.perf_counter()
    _run([str(python), "-c", statement])
    return (time.perf_counter() - started) * 1e3


def _run(command: list[str]) -> str:
    # Bytecode is written, as it is where programs run in earnest; and nothing of this project is in reach.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd="/")  # noqa: S603
    return done.stdout


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10, help="how often each is imported (default: 10)")
    parser.add_argument("--venvs", type=Path, default=_ROOT / "build" / "peers", help="(default: build/peers)")
    parser.add_argument("--markdown", action="store_true", help="print the table of the documentation")
    options = parser.parse_args()
    found, left_out = measure(options.venvs, options.rounds)
    titles = ("", "version", "kinds, MiB", "installed, MiB", "one kind, ms", "all of core, ms", "memory, MiB")
    rows = [
        (name, each.version, *(f"{figure:.1f}" if figure else "" for figure in (each.kinds, each.installed)),
         f"{each.one:.0f}", f"{each.core:.0f}", f"{each.memory:.0f}")
        for name, each in found.items()
    ]  # fmt: skip
    if options.markdown:
        rows = [("---", "---", *["--:"] * 5), *rows]
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    for row in (titles, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print(f"| {' | '.join(cells)} |" if options.markdown else "  ".join(cells).rstrip())
    for name, why in left_out.items():
        print(f"left out: {name}: {why}")


if __name__ == "__main__":
    main()
