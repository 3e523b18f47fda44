"""The benchmarks run and every contender answers right; how fast is for `make bench` to say."""

import pytest

from benchmarks import decode, runtime, server, transports, validate


@pytest.mark.parametrize("name", decode.CONTENDERS)
def test_every_contender_decodes_the_list(name):
    assert decode.run(name, objects=10) > 0


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


def test_every_transport_is_measured():
    figures = transports.measure(objects=20)

    assert len(figures) == 6
    assert min(figures.values()) > 0
