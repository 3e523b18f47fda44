"""Deriving the definition of a tree of classes with 200 fields, side by side with pydantic's JSON Schema of the same tree.

    python -m benchmarks.derive [--objects N] [--json]

The figures are milliseconds for the whole tree: the median of rounds in which the contenders take turns. "classes" is what
importing a module costs: for us that means attrs classes, each part checked as the API server would, then the whole
definition with its rules; for pydantic, its models. "schema" is deriving it once more of classes that are there: both then
remember what they know of the parts.
Ratios are to pydantic's figure for the same.
"""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from benchmarks.figures import print_figures
from kubecrd.schema.derivation import derive

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
PARTS = 18
FIELDS = """
    name: Annotated[str, MaxLen(63)]
    image: str
    port: Annotated[int, Interval(ge=1, le=65535)] = 80
    size: Literal["small", "medium", "large"] = "small"
    ready: bool = False
    share: float = 0.5
    labels: dict[str, str] = {labels}
    tags: Annotated[list[str], MaxLen(20)] = {tags}
    note: str | None = None
    since: datetime | None = None
"""
KUBECRD = """
@kube_schema(rules=[Rule("self.port != 22 || self.name == 'ssh'")])
class Part{index}:
    \"\"\"A part.\"\"\"
"""
PYDANTIC = """
class Part{index}(BaseModel):
    \"\"\"A part.\"\"\"
"""


def sources() -> dict[str, str]:
    """Write the module of each contender: 18 classes of ten fields each, and one of twenty that has them all."""
    ours = FIELDS.format(labels="field(factory=dict)", tags="field(factory=list)")
    theirs = FIELDS.format(labels="Field(default_factory=dict)", tags="Field(default_factory=list)")
    parts = (
        "".join(f"    part{index}: Part{index}\n" for index in range(PARTS))
        + "    replicas: int = 1\n    color: str = ''\n"
    )
    kubecrd = "".join(KUBECRD.format(index=index) + ours for index in range(PARTS))
    kubecrd += f"@kube_schema\nclass Spec:\n{parts}\n"
    kubecrd += '@custom_resource(group="shop.example.com", version="v1")\nclass Shop(Resource):\n    spec: Spec\n'
    pydantic = "".join(PYDANTIC.format(index=index) + theirs for index in range(PARTS))
    pydantic += f"class Spec(BaseModel):\n{parts}\nclass Shop(BaseModel):\n    spec: Spec\n"
    imports = "from typing import *\nfrom datetime import datetime\nfrom annotated_types import *\n"
    return {
        "kubecrd": f"{imports}from attrs import field\nfrom kubecrd import *\n{kubecrd}",
        "pydantic": f"{imports}from pydantic import BaseModel, Field\n{pydantic}",
    }


def contenders() -> dict[str, Callable[[], Any]]:
    """Give what is timed, by name; each gives the number of fields that it has seen."""
    modules = {name: compile(source, name, "exec", dont_inherit=True) for name, source in sources().items()}

    def made(name: str) -> Any:
        names: dict[str, Any] = {"__name__": name}
        exec(modules[name], names)  # noqa: S102 - the module that was written above
        return names["Shop"]

    shop, model = made("kubecrd"), made("pydantic")
    return {
        "pydantic, classes": lambda: fields_of(made("pydantic").model_json_schema()),
        "kubecrd, classes": lambda: fields_of(made("kubecrd").crd().to_dict()),
        "pydantic, schema": lambda: fields_of(model.model_json_schema()),
        "kubecrd, schema": lambda: fields_of(derive(shop)[0]),
    }


def fields_of(schema: Any) -> int:
    """Count the properties anywhere in *schema*, but for the root's one."""
    if isinstance(schema, list):
        return sum(map(fields_of, schema))
    if not isinstance(schema, dict):
        return 0
    here = schema.get("properties", {})
    own = len(here) if isinstance(here, dict) and "spec" not in here else 0
    return own + sum(map(fields_of, schema.values()))


def measure(objects: int) -> dict[str, float]:
    """Take the figures.

    Args:
        objects: How many trees, shared among the contenders.
    """
    rivals = contenders()
    times = max(objects // (ROUNDS * len(rivals)), 1)
    for name, run in rivals.items():
        assert run() == 200, name  # a wrong answer is not worth timing
    rounds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(ROUNDS):
        for name, run in rivals.items():
            started = time.perf_counter()
            for _ in range(times):
                run()
            rounds[name].append((time.perf_counter() - started) / times * 1e3)
    medians = {name: statistics.median(found) for name, found in rounds.items()}
    figures = {f"{name}, ms": found for name, found in medians.items()}
    for what in ("classes", "schema"):
        figures[f"kubecrd, {what}, times pydantic"] = medians[f"kubecrd, {what}"] / medians[f"pydantic, {what}"]
    return figures


def main() -> None:
    """Print the figures."""
    print_figures(measure, about=__doc__, objects="trees of classes, shared among the contenders' rounds", default=180)


if __name__ == "__main__":
    main()
