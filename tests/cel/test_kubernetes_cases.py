"""The rows of upstream's own test tables: every rule fails, passes, or does not compile as it does there, at the same cost.

They are read where they lie, and skipped where they are absent. The tables call the evaluator itself, also on objects that
their schema does not hold for; rules inside of allOf are out of a definition's reach.
"""

import json

import pytest

from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.evaluation import Budget
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural
from tests.shared import SHARED

FILE = SHARED / "kubernetes-cel" / "cases.json"
ROWS = json.loads(FILE.read_text()) if FILE.exists() else []
INEXPRESSIBLE = {
    "allOf rule": "a definition with rules inside of allOf is refused",
    "allOf.items": "a definition with rules inside of allOf is refused",
    "allOf.additionalProperties": "a definition with rules inside of allOf is refused",
    "allOf.properties": "a definition with rules inside of allOf is refused",
    "allOf.items.allOf": "a definition with rules inside of allOf is refused",
    "properties.allOf.additionalProperties.allOf.properties": "a definition with rules inside of allOf is refused",
}
UNCOMPILED = "compile error: "
"""What the evaluator puts before the fault of a rule that does not compile; a definition with it is refused."""


def schema_of(row):
    schema = dict(row["schema"])
    if row["rule"] is not None:
        schema["x-kubernetes-validations"] = [*schema.get("x-kubernetes-validations", []), {"rule": row["rule"]}]
    return with_optional_old(schema) if row["source"].startswith("TestOptionalOldSelf") else schema


def with_optional_old(schema):
    """Let every rule see an old value that may not be there: those tables set that for all of their rows."""
    if isinstance(schema, list):
        return [with_optional_old(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: with_optional_old(each) for name, each in schema.items()}
    if "x-kubernetes-validations" in changed:
        rules = changed["x-kubernetes-validations"]
        changed["x-kubernetes-validations"] = [rule | {"optionalOldSelf": True} for rule in rules]
    return changed


def outcome(row):
    """Give all errors of a row, those of a definition that would be refused too, and what the evaluation cost."""
    rules = SchemaRules(Structural.of(schema_of(row)), is_root=row["root"])
    refused = [str(error) for error in rules.definition_errors("root") if error.reason != "FieldValueForbidden"]
    old = ABSENT if row["oldObject"] is None else row["oldObject"]
    evaluation = rules.evaluate(row["object"], old, path="root", budget=Budget(), trusts=row["name"] != "invalid data")
    return refused + [str(error) for error in evaluation.errors], evaluation.cost


@pytest.mark.skipif(not ROWS, reason=f"{FILE} is absent: it is not part of this project")
@pytest.mark.parametrize("source", sorted({row["source"] for row in ROWS}) or ["absent"])
def test_the_rows_of_a_table_hold(source):
    wrong = []
    for row in ROWS:
        if row["source"] != source or row["name"] in INEXPRESSIBLE:
            continue
        errors, cost = outcome(row)
        wanted = [text.removeprefix(UNCOMPILED) for text in row["expect"]]
        told = all(any(text in error for error in errors) for text in wanted)
        if not told or bool(errors) != bool(wanted) or row["cost"] not in {None, cost}:
            wrong.append((row["name"], row["rule"], wanted, errors, row["cost"], cost))

    assert not wrong
