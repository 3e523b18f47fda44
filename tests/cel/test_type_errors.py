"""What does not type-check is told in the API server's words: what unification finds out, and in which order."""

import pytest

from kubecrd.cel.program import compile_expression
from kubecrd.cel.typesystem import DYN, INT, NULL, STRING, Type, list_of, map_of, optional_of, type_of
from kubecrd.cel.unification import Unifier, fits, is_less_specific
from kubecrd.errors import RuleError


def told(text):
    with pytest.raises(RuleError) as caught:
        compile_expression(text, {})
    lines = [line for line in str(caught.value).splitlines() if line.startswith("ERROR: <input>:1:")]
    return [line.removeprefix("ERROR: <input>:1:") for line in lines]


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        ("1 + 'a'", ["3: found no matching overload for '_+_' applied to '(int, string)'"]),
        ("[].min() + 'a'", ["10: found no matching overload for '_+_' applied to '(int, string)'"]),
        ("[].sort() == ['a']", ["11: found no matching overload for '_==_' applied to '(list(int), list(string))'"]),
        ("1 && 'a'", ["1: expected type 'bool' but found 'int'", "6: expected type 'bool' but found 'string'"]),
        ("a && 1", ["1: undeclared reference to 'a' (in container '')", "6: expected type 'bool' but found 'int'"]),
        ("[1].all(x, x)", ["12: expected type 'bool' but found 'int'"]),
        ("[1].filter(x, x)", ["11: found no matching overload for '_?_:_' applied to '(int, list(int), list(int))'"]),
        ("[1].exists_one(x, x)", ["15: found no matching overload for '_?_:_' applied to '(int, int, int)'"]),
        (
            "[1].transformMapEntry(i, v, null)",
            ["22: found no matching overload for 'cel.@mapInsert' applied to '(map(dyn, dyn), null)'"],
        ),
        (
            "[1].sortBy(x, [x])",
            ["11: found no matching overload for '@sortByAssociatedKeys' applied to 'list(int).(list(list(int)))'"],
        ),
        (
            "1.all(x, true)",
            ["1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)"],
        ),
        ("(-[1]).optMap(x, x)", 2 * ["2: found no matching overload for '-_' applied to '(list(int))'"]),
        ("[1, 'a', b'']", ["5: expected type 'int' but found 'string'"]),
        ("[1, dyn(1)]", ["8: expected type 'int' but found 'dyn'"]),
        (
            "[[1], [dyn(1), 2]]",
            ["7: expected type 'list(int)' but found 'list(dyn)'", "16: expected type 'dyn' but found 'int'"],
        ),
        (
            "{1: 1, 'a': 'b'}",
            ["8: expected type 'int' but found 'string'", "13: expected type 'int' but found 'string'"],
        ),
        ("[?1]", ["3: expected type 'optional_type(int)' but found 'int'"]),
        ("[].a", ["3: type 'list(_var0)' does not support field selection"]),
        ("quantity('1').a", ["14: unexpected failed resolution of 'kubernetes.Quantity'"]),
        ("'a'.?b", ["4: type 'string' does not support field selection"]),
        ("dyn", ["1: undeclared reference to 'dyn' (in container '')"]),
        (
            "math.abs(1)",
            [
                "1: undeclared reference to 'math' (in container '')",
                "9: undeclared reference to 'abs' (in container '')",
            ],
        ),
        ("google.protobuf.Foo{}", ["20: undeclared reference to 'google.protobuf.Foo' (in container '')"]),
        (
            "google.protobuf.Duration{seconds: 'a', hours: 1}",
            [
                "33: expected type of field 'seconds' is 'int' but provided type is 'string'",
                "45: undefined field 'hours'",
            ],
        ),
        ("duration('1x')", ["10: invalid duration argument"]),
        ("timestamp('2020-01-01 00:00:00Z')", ["11: invalid timestamp argument"]),
        ("timestamp(253402300800)", ["11: invalid timestamp argument"]),
        ("'a'.matches('[')", ["13: invalid matches argument"]),
        (
            "'%d'.format(['a'])",
            ["14: error during formatting: decimal clause can only be used on integers, was given string"],
        ),
        ("'%s %'.format([])", ["14: index 0 out of range"]),
    ],
)
def test_types_that_do_not_fit_are_told(text, issues):
    assert told(text) == issues


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[]", "list(dyn)"),
        ("[].map(x, 1)", "list(int)"),
        ("{}.transformMap(k, v, 'a')", "map(dyn, string)"),
        ("[] + ['a']", "list(string)"),
        ("true ? [] : [1]", "list(int)"),
        ("optional.none().orValue(1)", "int"),
        ("{'a': [1]}.?a[0]", "optional_type(int)"),
        ("'%s%s'.format([1, 'a'])", "string"),
        ("type(1) == string", "bool"),
        ("dyn(1) + 1", "int"),
        ("dyn(1) + dyn(1)", "dyn"),
        ("google.protobuf.Value{number_value: 1.0}", "dyn"),
    ],
)
def test_types_are_found_by_what_fits_later(text, kind):
    assert str(compile_expression(text, {}).type) == kind


def test_what_did_not_fit_leaves_nothing_behind():
    unifier = Unifier()
    variable = unifier.fresh()

    assert not unifier.assignable([list_of(variable), INT], [list_of(STRING), STRING])
    assert unifier.assignable([variable], [INT])
    assert unifier.substitute(list_of(variable)) == list_of(INT)


def test_a_variable_never_stands_for_what_it_is_in():
    unifier = Unifier()
    variable = unifier.fresh()

    assert not unifier.assignable([variable], [list_of(variable)])
    assert unifier.substitute(variable, final=True) == DYN


@pytest.mark.parametrize(
    ("wanted", "found", "whether"),
    [
        (INT, DYN, True),
        (DYN, INT, True),
        (NULL, Type("google.protobuf.Duration"), True),
        (NULL, INT, False),
        (type_of(INT), type_of(STRING), True),
        (INT, Type("wrapper", (INT,)), True),
        (list_of(Type("<T>")), list_of(INT), True),
        (map_of(Type("<K>"), Type("<K>")), map_of(STRING, INT), False),
        (optional_of(INT), INT, False),
    ],
    ids=str,
)
def test_what_fits_where(wanted, found, whether):
    assert fits(wanted, found) is whether


def test_what_says_less_is_less_specific():
    assert is_less_specific(list_of(DYN), list_of(INT))
    assert not is_less_specific(list_of(INT), list_of(DYN))
