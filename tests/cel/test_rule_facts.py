"""Thousands of generated schemas with rules, and objects, as the CEL packages of Kubernetes 1.36 answer them.

See facts/README.md. `pytest --facts FOLDER` reads another set.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.acceptance import check_crd
from kubecrd.schema.evaluation import Budget
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

from .test_facts import FOLDER, facts

LEAST = {
    "verdict": 0.999,
    "errors": 0.998,
    "cost": 0.999,
    "definition": 0.999,
    "definition cost": 0.999,
    "rule estimates": 0.999,
}


def whole(spec):
    return {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "n"}, "spec": spec}


def root_schema(fact):
    return fact["schema"] if fact["root"] else {"type": "object", "properties": {"spec": fact["schema"]}}


def evaluated(fact, rules):
    """Run the rules of a record on its object."""
    objects = [fact["object"], fact.get("old", ABSENT)]
    if not fact["root"]:
        objects = [each if each is ABSENT else whole(each) for each in objects]
    budget = Budget(call=fact.get("limit", 1_000_000), object=fact.get("budget", 10_000_000))
    return rules.evaluate(*objects, budget=budget)


def refused(fact):
    """What is wrong with the definition of a record; the names of object types are made up by the server."""
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": root_schema(fact)}}
    names = {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    errors = check_crd({"metadata": {"name": "things.example.com"}, "spec": spec})
    return sorted([error.reason, error.field, re.sub(r"selfType\d*", "selfType", error.detail)] for error in errors)


def about_cost(errors):
    return [error for error in errors if "estimated" in error[2]]


def rule_at(node, pointer, number):
    """Give the rule that a record speaks of; None where its node has no type for rules to see."""
    steps = iter(pointer.split("/")[1:])
    for step in steps:
        match step:
            case "properties":
                node = node.properties[next(steps).replace("~1", "/").replace("~0", "~")]
            case "items":
                node = node.items
            case _:
                node = node.values
    return node.rules[number] if node.rules else None


def described(rule):
    """Say of a rule what the record says of it."""
    if rule is None or rule.program is None:
        return {"bad": True}
    found = {"est": rule.estimate, "card": rule.count, "usesOldSelf": rule.uses_old}
    if not rule.cardinality.is_bounded:
        found["unbounded"] = True
    if rule.message_fault:
        return found | {"badMessage": True}
    if rule.suffix:
        found["fieldPath"] = rule.suffix
    if rule.message is not None:
        found["msgEst"] = rule.message_estimate
    return found


def count_estimates(counted, fact, rules):
    for wanted in fact["rules"]:
        pointer = wanted["path"] if fact["root"] else f"/properties/spec{wanted['path']}"
        found = described(rule_at(rules.root, pointer, wanted["i"]))
        counted["all rule estimates"] += 1
        counted["rule estimates"] += found == {key: wanted[key] for key in wanted if key not in {"path", "i"}}


def count_definition(counted, fact):
    found, wanted = refused(fact), sorted(fact["crd"])
    counted["all definition"] += 1
    counted["definition"] += found == wanted
    if about_cost(found) or about_cost(wanted):
        counted["all definition cost"] += 1
        counted["definition cost"] += about_cost(found) == about_cost(wanted)


@pytest.fixture(scope="module")
def counts(request):
    """How many records are answered alike."""
    folder = Path(request.config.getoption("--facts") or FOLDER)
    counted = Counter()
    for fact in facts(folder, "rules"):
        rules = SchemaRules(Structural.of(root_schema(fact)))
        count_estimates(counted, fact, rules)
        count_definition(counted, fact)
        if "errors" not in fact:
            continue
        evaluation = evaluated(fact, rules)
        found = sorted([error.reason, error.field, str(error)] for error in evaluation.errors)
        counted["all"] += 1
        counted["verdict"] += bool(found) == bool(fact["errors"])
        counted["errors"] += found == sorted(fact["errors"])
        counted["cost"] += evaluation.cost == fact["cost"]
    return counted


@pytest.mark.parametrize("what", LEAST)
def test_rules_are_run_as_kubernetes_runs_them(counts, what):
    """Verdict: broken or not; errors: all of them, word for word; cost: of all rules together.

    Definition: what is wrong with it, word for word; of that, what is about cost; and what is estimated of each rule.
    """
    rate = counts[what] / (counts[f"all {what}"] or counts["all"])
    print(f"rules, {what}: {rate:.4f}")  # noqa: T201 - the rate is what this test is for

    assert rate >= LEAST[what]
