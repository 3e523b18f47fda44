"""Lists of a schema: what they equal and what becomes of them when something is added, in all ways to evaluate."""

import pytest

from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

MOMENT = {"type": "string", "format": "date-time"}
SCHEMA = {
    "lists": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
    "maps": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "integer"}}},
    "moments": {"type": "array", "items": MOMENT},
    "moment_set": {"type": "array", "x-kubernetes-list-type": "set", "items": MOMENT},
    "numbers": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "number"}},
    "ints": {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "integer"}},
    "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {"type": "integer"}}},
    "open2": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}
SPEC = {
    "lists": [[1, 2], [3]],
    "maps": [{"a": 1}],
    "moments": ["2020-01-01T00:00:00Z"],
    "moment_set": ["2020-01-01T00:00:00Z"],
    "numbers": [1.5, 2],
    "ints": [1, 2],
}
NO_ARRAY = "invalid data, expected an array for the provided schema with type=array"
NO_MAP = "invalid data, expected a map for the provided schema with type=object"
NO_TEXT = "invalid data, expected string, got time.Time"


def verdict(rule, spec=SPEC, old=ABSENT, **more):
    """Give whether a rule holds, or the error; what counts costs and what does not must agree."""
    schema = {"type": "object", "properties": SCHEMA, "x-kubernetes-validations": [{"rule": rule, **more}]}
    rules = SchemaRules(Structural.of(schema), is_root=False)
    observed = []
    rules.evaluate(spec, old, observe=lambda _, outcome: observed.append(outcome))
    uncounted = [str(error) for error in rules.validate(spec, old)]
    (outcome,) = observed
    assert bool(uncounted) == (outcome is not True)
    if isinstance(outcome, bool):
        return outcome
    assert str(outcome) in uncounted[0]
    return str(outcome)


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ("self.lists + [[]] == [[1, 2], [3], []]", NO_ARRAY),
        ("[[1, 2], [3], []] == self.lists + [[]]", False),
        ("self.lists + self.lists == [[1, 2], [3], [1, 2], [3]]", True),
        ("size(self.lists + [[4]] + [[5]]) == 4", True),
        ("self.lists + [] == self.lists", True),
        ("[3] in (self.lists + [[4]])", True),
        ("[4] in (self.lists + [[4]])", NO_ARRAY),
        ("(self.lists + [[4]])[0] == [1, 2]", True),
        ("(self.lists + [[4]])[2] == [4]", NO_ARRAY),
        ("(self.lists + [[4]]).all(x, size(x) > 0)", NO_ARRAY),
        ("(self.lists + [[4]]).exists(x, size(x) > 1)", True),
        ("[[0]] + self.lists == [[0], [1, 2], [3]]", True),
        ("self.maps + [{'b': 2}] == [{'a': 1}, {'b': 2}]", NO_MAP),
        ("self.maps + self.maps == [{'a': 1}, {'a': 1}]", True),
        ("(self.moments + self.moments)[0] == self.moments[0]", True),
        ("(self.moments + self.moments)[1] == self.moments[0]", NO_TEXT),
        ("size(self.moment_set + self.moment_set) == 2", True),
    ],
)
def test_what_an_expression_made_cannot_be_read_in_a_list_of_a_schema(rule, outcome):
    assert verdict(rule) == outcome


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ("self.ints == [2, 1]", True),
        ("self.ints == [1, 1]", True),
        ("self.numbers == [2.0, 1.5]", False),
        ("self.numbers == [1.5, 1.5]", True),
        ("2.0 in self.numbers", True),
        ("size(self.numbers + [2.0]) == 3", True),
        ("size(self.numbers + [2.0] + [2.0]) == 3", True),
        ("size(self.numbers + [1.5]) == 2", True),
        ("size(self.ints + [2, 3, 3]) == 3", True),
    ],
)
def test_a_set_of_numbers_knows_them_as_they_are_in_json(rule, outcome):
    assert verdict(rule) == outcome


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [
        ("oldSelf.value().numbers == self.numbers", True),
        ("size(oldSelf.value().numbers + self.numbers) == 4", True),
        ("oldSelf.value().moment_set == oldSelf.value().moment_set", True),
    ],
)
def test_an_optional_old_value_has_plain_lists(rule, outcome):
    assert verdict(rule, old=SPEC, optionalOldSelf=True) == outcome


def test_objects_that_keep_unknown_fields_are_equal_where_both_have_them():
    assert verdict("self.open == self.open", {"open": {"a": 1, "x": 1}}) is True
    assert verdict("self.open2 != oldSelf.open2", {"open2": {"x": 1}}, {"open2": {"y": 2}}) is False
    assert verdict("self.open2 != oldSelf.open2", {"open2": {"x": 1}}, {"open2": {"x": 2}}) is True


def test_an_optional_old_value_has_no_unknown_fields_to_compare():
    told = verdict("self == oldSelf.value()", {"open": {"x": 1}}, {"open": {"x": 1}}, optionalOldSelf=True)

    assert told == "no such overload"


MISFITS = {
    "type": "object",
    "properties": {
        "i": {"type": "integer"},
        "b": {"type": "boolean"},
        "n": {"type": "number"},
        "s": {"type": "string"},
        "t": MOMENT,
        "x": {"x-kubernetes-int-or-string": True},
        "l": {"type": "array", "items": {"type": "string"}},
        "o": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "m": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


@pytest.mark.parametrize(
    ("rule", "spec", "told"),
    [
        ("self.i == 2", {"i": 2.0}, "expected int, got float64"),
        ("self.b", {"b": 1}, "expected bool, got int64"),
        ("self.n > 1.0", {"n": "1"}, "expected float, got string"),
        ("self.s == ''", {"s": {}}, "expected string, got map[string]interface {}"),
        ("self.t == self.t", {"t": []}, "expected string, got []interface {}"),
        ("has(self.x)", {"x": True}, "expected XIntOrString value to be either a string or integer"),
        ("has(self.l)", {"l": {}}, "expected an array for the provided schema with type=array"),
        ("self.l[0] == 'x'", {"l": [None]}, "got null for schema with nullable=false"),
        ("self.l.all(e, e == 'x')", {"l": ["x", 1]}, "expected string, got int64"),
        ("has(self.o)", {"o": []}, "expected a map for the provided schema with type=object"),
        ("self.m.a == 1", {"m": {"a": True}}, "expected int, got bool"),
    ],
)
def test_rules_that_read_what_their_schema_does_not_allow_say_what_they_expected(rule, spec, told):
    rules = SchemaRules(Structural.of(MISFITS | {"x-kubernetes-validations": [{"rule": rule}]}), is_root=False)

    (error,) = rules.evaluate(spec, trusts=False).errors

    assert f"invalid data, {told} evaluating rule: {rule}" in str(error)


def test_rules_that_read_only_what_is_right_hold_beside_what_is_not():
    rules = SchemaRules(
        Structural.of(MISFITS | {"x-kubernetes-validations": [{"rule": "self.s == 'a'"}]}), is_root=False
    )

    assert not rules.evaluate({"s": "a", "i": "x"}, trusts=False).errors
