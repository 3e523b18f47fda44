"""Keys of map literals: those that Python takes for each other, and those that it takes for no keys at all."""

import pytest

from kubecrd.cel.program import compile_expression
from kubecrd.cel.values import CelError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{dyn(1): 'a', dyn(true): 'b'}.size()", 2),
        ("{dyn(1): 'a', dyn(true): 'b'}[dyn(1)]", "a"),
        ("{dyn(1): 'a', dyn(true): 'b'}[dyn(true)]", "b"),
        ("{dyn(1): 'a', dyn(true): 'b'}[dyn(1.0)]", "a"),
        ("{dyn(1): 'a', dyn(1.0): 'b', dyn(1u): 'c'}.size()", 3),
        ("{dyn(1): 'a', dyn('x'): 'b'}[dyn(1)]", "a"),
        ("{dyn(1): 'a', dyn(1): 'b', dyn('x'): 'c'}.size()", 2),
        ("{dyn([0][0]): 'a', dyn([false][0]): 'b'}.size()", 2),
        ("{dyn([0][0]): 'a', ?dyn([false][0]): optional.of('b')}.size()", 2),
        ("dyn(1) in {dyn(1): 'a', dyn('x'): 'b'}", True),
        ("{dyn(1): 'a', dyn('x'): 'b'}.map(k, k)", [1, "x"]),
        ("{[1]: 1}.map(k, k)", [[1]]),
        ("{{}: []}.size()", 1),
        ("{[1]: 1, [1]: 2}.size()", 2),
        ("{b'a': 1}.size()", 1),
    ],
)
def test_keys_are_told_apart_by_their_types(text, value):
    program = compile_expression(text, {})

    assert program.interpret()[0] == value
    assert program.measure() == program.interpret()
    assert program.evaluate() == value


def test_a_key_comes_once_into_a_map_that_a_loop_makes():
    found, _ = compile_expression("[4, 5].transformMapEntry(i, v, {{}: v})", {}).interpret()

    assert isinstance(found, CelError)
    assert str(found) == "insert failed: key {} already exists"


def test_parameters_of_a_url_that_cannot_be_read_are_left_out():
    assert compile_expression("url('http://a/?x=%zz&y=1').getQuery()", {}).evaluate() == {"y": ["1"]}
