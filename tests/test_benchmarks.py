"""The benchmarks run and every contender answers right; how fast is for `make bench` to say."""

import pytest

from benchmarks import decode


@pytest.mark.parametrize("name", decode.CONTENDERS)
def test_every_contender_decodes_the_list(name):
    assert decode.run(name, objects=10) > 0
