"""The benchmarks run and every contender answers right; how fast is for `make bench` to say."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from benchmarks import builtin_kinds, cel, decode, derive, runtime, server, transports, validate


@pytest.mark.parametrize("name", decode.CONTENDERS)
def test_every_contender_decodes_the_list(name):
    assert decode.run(name, objects=10) > 0


def test_every_contender_derives_two_hundred_fields():
    figures = derive.measure(objects=4)

    assert len(figures) == 6
    assert min(figures.values()) > 0


def test_every_part_of_the_server_is_measured():
    figures = server.measure(objects=20)

    assert len(figures) == 11
    assert min(figures.values()) > 0


def test_every_part_of_the_runtime_is_measured():
    figures = runtime.measure(objects=20)

    assert len(figures) == 5
    assert min(figures.values()) > 0


def test_every_contender_validates_both_objects():
    figures = validate.measure(objects=150)

    assert len(figures) == 20
    assert min(figures.values()) > 0


@pytest.mark.skipif(find_spec("aiohttp") is None, reason="aiohttp, of the extra `fast`, is not installed")
def test_every_transport_is_measured():
    figures = transports.measure(objects=20)

    assert len(figures) == 6
    assert min(figures.values()) > 0


def test_every_contender_evaluates_the_rules():
    for rule in cel.RULES:
        for name, evaluator in cel.EVALUATORS.items():
            if (name, rule.name) not in cel.FAILING:
                assert evaluator(rule)(), (name, rule.name)


def test_every_part_of_cel_is_measured():
    figures = cel.compilation(1) | cel.evaluation(cel.RULES[0], 1)

    assert len(figures) == 23
    assert min(figures.values()) > 0


def test_what_is_measured_of_our_own_kinds_runs():
    """The others are installed by the benchmark alone, into environments of theirs."""
    ours = builtin_kinds.CONTENDERS[0]

    for statement in (ours.one, ours.core):
        subprocess.run([sys.executable, "-c", statement], check=True)
