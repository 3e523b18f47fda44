"""Thousands of generated schemas with rules, and objects, as the CEL packages of Kubernetes 1.36 answer them.

See facts/README.md. `pytest --facts FOLDER` reads another set.
"""

from collections import Counter
from pathlib import Path

import pytest

from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.evaluation import Budget
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

from .test_facts import FOLDER, facts

LEAST = {"verdict": 0.995, "errors": 0.985, "cost": 0.985}


def whole(spec):
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "n"}, "spec": spec}


def evaluated(fact):
    """Run the rules of a record on its object."""
    objects = [fact["object"], fact.get("old", ABSENT)]
    schema = fact["schema"]
    if not fact["root"]:
        schema = {"type": "object", "properties": {"spec": schema}}
        objects = [each if each is ABSENT else whole(each) for each in objects]
    budget = Budget(call=fact.get("limit", 1_000_000), object=fact.get("budget", 10_000_000))
    return SchemaRules(Structural.of(schema)).evaluate(*objects, budget=budget)


@pytest.fixture(scope="module")
def counts(request):
    """How many records are answered alike."""
    folder = Path(request.config.getoption("--facts") or FOLDER)
    counted = Counter()
    for fact in facts(folder, "rules"):
        if "errors" not in fact:
            continue
        evaluation = evaluated(fact)
        found = sorted([error.reason, error.field, str(error)] for error in evaluation.errors)
        counted["all"] += 1
        counted["verdict"] += bool(found) == bool(fact["errors"])
        counted["errors"] += found == sorted(fact["errors"])
        counted["cost"] += evaluation.cost == fact["cost"]
    return counted


@pytest.mark.parametrize("what", LEAST)
def test_rules_are_run_as_kubernetes_runs_them(counts, what):
    """Verdict: broken or not; errors: all of them, word for word; cost: of all rules together."""
    rate = counts[what] / counts["all"]
    print(f"rules, {what}: {rate:.4f}")  # noqa: T201 - the rate is what this test is for

    assert rate >= LEAST[what]
