"""Rules and objects at random: nothing but the module's own errors comes out, and all ways to evaluate give the same.

A run tries ten thousand; `pytest --examples 100000` tries more. They are the same ones in every run.
"""

from __future__ import annotations

import random

import pytest

from kubecrd.cel.ceilings import ceiling_of
from kubecrd.cel.program import compile_expression
from kubecrd.cel.values import CelError, CostLimitError
from kubecrd.errors import RuleError
from kubecrd.resource.fielderrors import ABSENT
from kubecrd.schema.declarations import declare, escape
from kubecrd.schema.evaluation import Evaluation
from kubecrd.schema.rules import SchemaRules
from kubecrd.schema.structural import Structural

from .writing import COMMON, KUBERNETES, LEAVES, Writer

EXAMPLES = 10_000
LIMIT = 2_000
NAMES = [
    *("size", "name", "a-b", "x.y", "a/b", "__init__", "namespace", "in", "true", "None", "class", "lambda", "import"),
    *(
        "c",
        "limit",
        "refer",
        "t1",
        "n1",
        "k1",
        "v_self",
        "self",
        "it's",
        'say "no"',
        "back\\slash",
        "new\nline",
        "日本",
        "",
    ),
]
SCHEMAS = {
    "bool": [{"type": "boolean"}],
    "int": [{"type": "integer"}, {"type": "integer", "nullable": True}],
    "double": [{"type": "number"}],
    "string": [{"type": "string"}, {"type": "string", "maxLength": 80}, {"type": "string", "enum": ["", "a", "日本"]}],
    "bytes": [{"type": "string", "format": "byte"}],
    "ints": [
        {"type": "array", "items": {"type": "integer"}, **more}
        for more in ({}, {"maxItems": 4}, {"x-kubernetes-list-type": "set"})
    ],
    "strings": [{"type": "array", "maxItems": 3, "items": {"type": "string", "maxLength": 80}}],
    "map": [
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"type": "object", "maxProperties": 2, "additionalProperties": {"type": "integer"}},
    ],
    "timestamp": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}],
    "duration": [{"type": "string", "format": "duration"}],
}
VALUES = {
    "bool": [True, False],
    "int": [0, 1, -1, 70, 2**63 - 1, -(2**63)],
    "double": [0, 1, 1.5, -0.5, 1e300],
    "string": ["", "a", "日本"],
    "bytes": ["", "YQ==", "not base64"],
    "ints": [[], [1], [1, 2, 3]],
    "strings": [[], ["a"], ["b", "a", "x" * 70]],
    "map": [{}, {"a": 1}, {"a": 2, "b'\"": 3}],
    "timestamp": ["2020-01-02T03:04:05Z", "2020-01-02", "1999-12-31T23:59:59.5+01:00"],
    "duration": ["1s", "1h30m", "3 days"],
}


class World:
    """A schema at random, an object that it holds for and an older one, and who writes rules for them."""

    def __init__(self, chance, wrong):
        kinds = {name: chance.choice(sorted(SCHEMAS)) for name in chance.sample(NAMES, 8)}
        inner = {"type": "object", "properties": {name: chance.choice(SCHEMAS[kind]) for name, kind in kinds.items()}}
        items = {"type": "array", "maxItems": 3, "items": inner}
        self.schema = {"type": "object", "properties": {**inner["properties"], "inner": inner, "all": items}}
        self.kind = declare(Structural.of(self.schema))
        self.value, self.old = self._object(chance, kinds), self._object(chance, kinds)
        leaves = {kind: [] for kind in (*SCHEMAS, "optional")} | {
            "any": ["dyn(self)", "dyn(self.inner)", "dyn(self.all)"]
        }
        for name, kind in kinds.items():
            if escape(name) is not None:
                leaves[kind] += [f"{variable}.{escape(name)}" for variable in ("self", "oldSelf", "self.inner")]
                leaves["any"] += [
                    f"dyn(self.{escape(name)})",
                    f"dyn(self).{escape(name)}",
                    f"self.?inner.{escape(name)}",
                ]
                leaves["optional"] += (
                    [f"self.inner.?{escape(name)}", f"self.?inner.{escape(name)}"] if kind == "int" else []
                )
                leaves["bool"] += [f"has(self.{escape(name)})", "(self.inner == self.all[0])"]
        self.writer = Writer(
            chance, COMMON, KUBERNETES, self._loops(kinds), leaves=(LEAVES, leaves, leaves), wrong=wrong
        )

    def _object(self, chance, kinds):
        def part():
            return {name: chance.choice(VALUES[kind]) for name, kind in kinds.items() if chance.random() < 0.8}

        return {**part(), "inner": part(), "all": [part() for _ in range(chance.randrange(4))]}

    def _loops(self, kinds):
        return {
            "bool": [
                f"self.all.{macro}($x, has($x.{escape(name)}) && {{bool/bool}} == ($x.{escape(name)} == {{{kind}}}))".replace(
                    "{bool/bool}", "{bool}"
                )
                for name, kind in kinds.items()
                if escape(name) is not None
                for macro in ("all", "exists", "exists_one")
            ]
        }


def spoilt(chance, text):
    """Change a few characters, so that most are no expressions any more."""
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(text) + 1)
        text = (
            text[:place]
            + chance.choice(["", "(", "]", "'", "\\", "?", ".", "1", "x", "日", "\x00", "\n", " in "])
            + text[place + chance.randrange(2) :]
        )
    return text


def rules(examples):
    """Give rules with the worlds that they are of: right, of wrong types, and spoilt ones."""
    chance = random.Random(1)
    for number in range(examples // 25):
        world = World(chance, wrong=(0.0, 0.0, 0.03)[number % 3])
        for _ in range(25):
            text = world.writer.write(chance.choice(["bool", "bool", *sorted(LEAVES)]), chance.randrange(1, 5))
            yield world, spoilt(chance, text) if chance.random() < 0.1 else text


def answer(run, *values, **options):
    """Give what comes of an evaluation, in a form that tells types apart."""
    try:
        return repr(run(*values, **options))
    except CostLimitError as error:
        return f"costs more: {error}"


def evaluated(program, *values):
    try:
        return program.evaluate(*values)
    except CelError as error:
        return error


def test_all_ways_to_evaluate_a_rule_give_the_same(examples):
    evaluations = 0
    for world, text in rules(examples or EXAMPLES):
        try:
            program = compile_expression(text, {"self": world.kind, "oldSelf": world.kind})
        except RuleError:
            continue
        evaluations += 1
        wanted = answer(program.interpret, world.value, world.old, limit=LIMIT)

        assert answer(program.measure, world.value, world.old, limit=LIMIT) == wanted, text
        if wanted.startswith("costs more"):
            continue
        value, cost = program.interpret(world.value, world.old, limit=LIMIT)
        assert repr(evaluated(program, world.value, world.old)) == repr(value), text
        for bounded in (frozenset(), frozenset({"self"})):
            ceiling = ceiling_of(program.tree, bounded)
            assert ceiling is None or ceiling >= cost, text
    assert evaluations > (examples or EXAMPLES) // 2


def test_a_verdict_on_an_object_is_the_same_whether_costs_are_counted_or_not(examples):
    for world, text in rules((examples or EXAMPLES) // 10):
        schema = Structural.of(
            {**world.schema, "x-kubernetes-validations": [{"rule": text}, {"rule": "self.all.size() < 3"}]}
        )
        rules_of_schema = SchemaRules(schema, is_root=False)
        assert rules_of_schema.root is not None
        for old in (ABSENT, world.old):
            counted, quick = Evaluation(counts=True), Evaluation(counts=False)
            counted.run(rules_of_schema.root, world.value, old, "")
            quick.run(rules_of_schema.root, world.value, old, "")

            assert (quick.errors, quick.forgiven) == (counted.errors, counted.forgiven), text
            assert quick.cost >= counted.cost, text


@pytest.mark.parametrize("seed", range(3))
def test_what_is_no_expression_is_refused_in_words(seed):
    chance = random.Random(seed)
    for _ in range(300):
        text = "".join(chance.choices("()[]{}?:.,'\"\\+-*/%!<>=&|_ \n\tax10eu日\x00", k=chance.randrange(1, 20)))

        assert refusal(text) != ""


def refusal(text):
    try:
        compile_expression(text, {})
    except RuleError as error:
        return str(error)
    return None
