"""Expressions written at random: well-typed as far as one asks for it, and of every part of the language.

A production is a template. ``{kind}`` stands for an expression of that kind, ``$x`` for a new variable, and in
``{kind/kind}`` that variable, of the second kind, may be used.
"""

from __future__ import annotations

import re

__all__ = ["COMMON", "KUBERNETES", "LEAVES", "Writer"]

LEAVES = {
    "bool": ["true", "false"],
    "int": ["0", "1", "2", "-1", "7", "70", "0x10", "9223372036854775807", "-9223372036854775808"],
    "uint": ["0u", "1u", "3u", "18446744073709551615u"],
    "double": ["0.0", "1.5", "-2.0", "3.0", "1e300", "0.1"],
    "string": ["''", "'a'", "'ab'", "'abc'", "'é'", '"日本"', r"'\n'", "'b'", "'1'", f"'{'long' * 20}'"],
    "bytes": ["b''", "b'a'", r"b'\xff'"],
    "ints": ["[]", "[1]", "[1, 2, 3]", "[3, 1, 2, 1]"],
    "strings": ["['a']", "['a', 'b', 'ab']", "['']"],
    "map": ["{'a': 1}", "{'a': 1, 'b': 2}", "{'é': 0}"],
    "duration": ["duration('1s')", "duration('90m')", "duration('-1.5s')"],
    "timestamp": ["timestamp('2020-02-29T12:30:45Z')", "timestamp('1970-01-01T00:00:00Z')"],
    "optional": ["optional.none()", "optional.of(1)"],
    "any": [
        "null",
        "dyn(1)",
        "dyn('a')",
        "dyn(true)",
        "dyn([1])",
        "dyn({'a': null})",
        "dyn(1.0)",
        "dyn(optional.of({'a': 1}))",
    ],
    "quantity": ["quantity('1Gi')", "quantity('1500m')", "quantity('-3')"],
}

COMMON = {
    "bool": [
        "!{bool}",
        "({bool} && {bool})",
        "({bool} || {bool})",
        "({bool} ? {bool} : {bool})",
        *(
            f"({{{kind}}} == {{{kind}}})"
            for kind in ("int", "uint", "double", "string", "bool", "ints", "strings", "map")
        ),
        *(f"({{{kind}}} != {{{kind}}})" for kind in ("int", "string", "strings")),
        *(f"({{{kind}}} {sign} {{{kind}}})" for kind in ("int", "uint", "double", "string") for sign in ("<", ">=")),
        "{string}.startsWith({string})",
        "{string}.endsWith({string})",
        "{string}.contains({string})",
        "{string}.matches('^[a-z]+$')",
        "{string}.matches('a|b?')",
        "({int} in {ints})",
        "({string} in {strings})",
        "({string} in {map})",
        "{ints}.all($x, {bool/int})",
        "{ints}.exists($x, {bool/int})",
        "{strings}.exists_one($x, {bool/string})",
        "{map}.all($x, {bool/string})",
        "has({map}.a)",
    ],
    "int": [
        "({int} + {int})",
        "({int} - {int})",
        "({int} * {int})",
        "({int} / {int})",
        "({int} % {int})",
        "-{int}",
        "({bool} ? {int} : {int})",
        *(f"size({{{kind}}})" for kind in ("string", "bytes", "ints", "strings", "map")),
        "{string}.size()",
        "{ints}[{int}]",
        "{map}['a']",
        "{map}.b",
        "int({uint})",
        "int({double})",
        "int({string})",
    ],
    "uint": ["({uint} + {uint})", "({uint} - {uint})", "({uint} * {uint})", "({uint} / {uint})", "uint({int})"],
    "double": [
        "({double} + {double})",
        "({double} - {double})",
        "({double} * {double})",
        "({double} / {double})",
        "double({int})",
    ],
    "string": [
        "({string} + {string})",
        "({bool} ? {string} : {string})",
        "{strings}[{int}]",
        "string({int})",
        "string({uint})",
    ],
    "bytes": ["({bytes} + {bytes})", "bytes({string})"],
    "ints": [
        "({ints} + {ints})",
        "{ints}.filter($x, {bool/int})",
        "{ints}.map($x, {int/int})",
        "{strings}.map($x, {int/string})",
        "[{int}, {int}]",
    ],
    "strings": [
        "({strings} + {strings})",
        "{strings}.filter($x, {bool/string})",
        "{ints}.map($x, {string/int})",
        "[{string}, {string}]",
    ],
    "map": ["{{'a': {int}, 'b': {int}}}", "{{{string}: {int}}}", "({bool} ? {map} : {map})"],
    "duration": ["({duration} + {duration})", "({timestamp} - {timestamp})"],
    "timestamp": ["({timestamp} + {duration})", "({timestamp} - {duration})"],
}
"""What every implementation of CEL has."""

KUBERNETES = {
    "bool": [
        "({duration} < {duration})",
        "({timestamp} >= {timestamp})",
        "({timestamp} == {timestamp})",
        "(dyn({int}) == dyn({double}))",
        "(dyn({ints}) == dyn({strings}))",
        "{optional}.hasValue()",
        "({optional} == {optional})",
        "{strings}.isSorted()",
        "sets.contains({ints}, {ints})",
        "({quantity} == {quantity})",
        "{quantity}.isGreaterThan({quantity})",
        "isIP({string})",
        "format.dns1123Label().validate({string}).hasValue()",
        "{ints}.all($x, $y, {bool/int})",
        "(type({int}) == int)",
        "(dyn({any}) == {any})",
        "(dyn({any}) in dyn({ints}))",
        "has(dyn({map}).a)",
        "has(dyn({any}).a)",
        "dyn({ints}).all($x, $x == {int})",
        "dyn({any}).exists($x, $x == {any})",
        "{{'a': {any}, 'b': null}}.?b.hasValue()",
        "(dyn({any}) < dyn({any}))",
    ],
    "int": [
        "{ints}.sum()",
        "{ints}.max()",
        "{strings}.indexOf({string})",
        "{string}.indexOf({string})",
        "{optional}.orValue({int})",
        "{timestamp}.getFullYear()",
        "{duration}.getSeconds()",
        "{quantity}.compareTo({quantity})",
        "int({timestamp})",
        "int(dyn({map}).a)",
        "int(dyn({any}).a)",
        "int(dyn({any})[{int}])",
        "int(dyn({int}) + dyn({any}))",
        "dyn({optional}).orValue({int})",
    ],
    "string": [
        "{string}.lowerAscii()",
        "{string}.upperAscii()",
        "{string}.trim()",
        "{string}.substring({int}, {int})",
        "{string}.charAt({int})",
        "{string}.replace({string}, {string})",
        "{strings}.join({string})",
        "{string}.find('[a-z]+')",
        "'%d-%s'.format([{int}, {string}])",
        "string({double})",
        "string({duration})",
        "string({timestamp})",
        "strings.quote({string})",
    ],
    "ints": [
        "{ints}.sort()",
        "{ints}.distinct()",
        "{ints}.reverse()",
        "{ints}.slice({int}, {int})",
        "{ints}.sortBy($x, {int/int})",
        "lists.range(3)",
        "{map}.transformList($x, $y, {int/int})",
        "[{int}, ?{optional}]",
    ],
    "strings": ["{string}.split({string})", "{strings}.sort()", "{string}.findAll('[a-z]')"],
    "map": ["{map}.transformMap($x, $y, {int/int})", "{{?'a': {optional}, 'b': {int}}}"],
    "duration": ["duration({string})"],
    "timestamp": ["timestamp({string})"],
    "optional": [
        "{map}[?{string}]",
        "{map}.?a",
        "{optional}.optMap($x, {int/int})",
        "{optional}.or({optional})",
        "{ints}[?{int}]",
        "optional.ofNonZeroValue({int})",
        "{ints}.first()",
    ],
    "quantity": ["{quantity}.add({quantity})", "quantity({string})"],
    "any": [
        *(
            f"dyn({{{kind}}})"
            for kind in ("bool", "int", "uint", "double", "string", "ints", "map", "optional", "timestamp")
        ),
        "{any}.a",
        "{any}.?a",
        "{any}[{any}]",
        "{any}[?{string}]",
        "({any} + {any})",
        "({bool} ? {any} : {any})",
        "dyn([{any}, {any}])",
        "dyn({{'a': {any}}})",
        "{ints}.map($x, {any})",
    ],
}
"""What the CEL of Kubernetes has besides."""

_HOLE = re.compile(r"\{(\w+)(?:/(\w+))?\}|\{\{|\}\}|\$[xy]")


class Writer:
    """Writes expressions.

    Args:
        random: Chooses: a `random.Random`, or what hypothesis has for one.
        productions: Tables of productions.
        leaves: Tables of what has no parts; by kind.
        wrong: How often an expression of another kind stands where one is asked for.
    """

    def __init__(self, random, *productions, leaves=(LEAVES,), wrong=0.0):
        self._random = random
        self._productions = _joined(productions)
        self._leaves = _joined(leaves)
        self._wrong = wrong
        self._variables = []

    def write(self, kind, depth):
        """Write an expression of *kind*, nested no deeper than *depth*."""
        if self._wrong and self._random.random() < self._wrong:
            kind = self._random.choice(sorted(self._leaves))
        mine = [name for name, of in self._variables if of == kind]
        if mine and self._random.random() < 0.5:
            return self._random.choice(mine)
        templates = self._productions.get(kind, ())
        if depth <= 0 or not templates or self._random.random() < 0.1:
            return self._random.choice(self._leaves[kind])
        return self._filled(self._random.choice(templates), depth - 1)

    def _filled(self, template, depth):
        names = {"$x": f"x{len(self._variables)}", "$y": f"y{len(self._variables)}"}

        def fill(match):
            if match[0] in names:
                return names[match[0]]
            if match[0] in {"{{", "}}"}:
                return match[0][0]
            if match[2] is None:
                return self.write(match[1], depth)
            self._variables.append((names["$y" if "$y" in template else "$x"], match[2]))
            written = self.write(match[1], depth)
            self._variables.pop()
            return written

        return _HOLE.sub(fill, template)


def _joined(tables):
    kinds = {kind for table in tables for kind in table}
    return {kind: [each for table in tables for each in table.get(kind, ())] for kind in sorted(kinds)}
