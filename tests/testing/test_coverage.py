"""``pytest --cel-coverage``: which rules a run has seen true and false."""

import re

import pytest

from kubecrd.testing.coverage import Coverage

TESTS = """
import pytest

from kubecrd.testing.coverage import Coverage
from kubecrd import validate
from kubecrd.errors import InvalidObjectError
from kubecrd.testing import assert_invalid, assert_valid
from shop_models import pizza


def test_big():
    validate(pizza(30))
    assert_valid(pizza(40), pizza(30))


def test_small():
    assert_invalid(pizza(10), match="too small")
"""


@pytest.fixture
def tested(shop):
    shop.makepyfile(test_pizza=TESTS)
    return shop


def report(result) -> list[str]:
    """The lines of the report, with single spaces."""
    text = "\n".join(result.outlines)
    section = re.search(r"=+ CEL coverage =+\n(.*?)\n=+ ", text, re.DOTALL)
    return [] if section is None else [" ".join(line.split()) for line in section[1].splitlines() if line]


WHOLE = [
    "Pizza (shop.example.com/v1) true false failed",
    "spec: self.size >= 20 2 1 0",
    "spec: self.size >= oldSelf.size 1 0 0 never false",
    "2 rules 75%",
]


def test_rules_are_reported_with_what_they_were_seen_as(tested):
    result = tested.runpytest_inprocess("--cel-coverage")

    result.assert_outcomes(passed=2)
    assert report(result) == WHOLE
    assert result.ret == 0


def test_what_workers_have_seen_is_added_up_and_judged_together(tested):
    without = ("-p", "no:hypothesispytest", "-p", "no:anyio")  # so that workers start sooner
    result = tested.runpytest_inprocess("--cel-coverage-fail-under", "80", "-n", "2", *without)

    result.assert_outcomes(passed=2)
    assert report(result) == [*WHOLE, "FAIL CEL coverage of 75% is under 80%"]
    assert result.ret == 1


def test_nothing_is_said_unless_it_is_asked_for(tested):
    assert report(tested.runpytest_inprocess()) == []


@pytest.mark.parametrize(("percent", "code"), [("75", 0), ("75.5", 1)])
def test_a_run_fails_when_too_little_was_seen(tested, percent, code):
    result = tested.runpytest_inprocess("--cel-coverage-fail-under", percent)

    assert result.ret == code
    assert report(result)[: len(WHOLE)] == WHOLE
    assert report(result)[len(WHOLE) :] == (["FAIL CEL coverage of 75% is under 75.5%"] if code else [])


def test_a_source_counts_also_where_none_of_its_objects_was_judged(tested):
    result = tested.runpytest_inprocess("--cel-coverage-source", "shop_models")

    assert report(result) == [
        "Oven (shop.example.com/v1) true false failed",
        "the object: self.metadata.name != 'cold' 0 0 0 never seen",
        *WHOLE[:-1],
        "3 rules 50%",
    ]


def test_a_source_that_is_not_there_is_told(tested):
    result = tested.runpytest_inprocess("--cel-coverage-source", "shop_model")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --cel-coverage-source shop_model: No module named 'shop_model'"])


def test_a_run_without_rules_says_so(shop):
    shop.makepyfile(test_nothing="def test_nothing(): pass")

    result = shop.runpytest_inprocess("--cel-coverage", "--cel-coverage-fail-under", "100")

    assert report(result) == ["no object of a kind with rules was judged"]
    assert result.ret == 0


def test_evaluations_that_fail_are_counted_apart(shop):
    shop.makepyfile(
        test_division="""
        from kubecrd import ObjectMeta, Resource, Rule, custom_resource
        from kubecrd.testing import assert_invalid

        @custom_resource(group="shop.example.com", version="v1", rules=[Rule("10 / self.slices > 1")])
        class Cake(Resource):
            slices: int

        def test_no_slices():
            assert_invalid(Cake(metadata=ObjectMeta(name="a"), slices=0), match="division by zero")
        """
    )

    assert report(shop.runpytest_inprocess("--cel-coverage"))[1] == "the object: 10 / self.slices > 1 0 0 1 never seen"


def test_what_the_server_of_a_test_runs_is_counted(shop):
    shop.makepyfile(
        test_server="""
        import pytest
        from kubecrd import Api
        from kubecrd.errors import InvalidError
        from shop_models import Pizza, pizza

        @pytest.fixture
        def kube_definitions():
            return [Pizza]

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_an_update(kube_client):
            pizzas = Api(kube_client, Pizza)
            made = await pizzas.create(pizza(30))
            made.spec.size = 40
            await pizzas.replace(made)
            with pytest.raises(InvalidError, match="too small"):
                await pizzas.create(pizza(10))
        """
    )

    result = shop.runpytest_inprocess("--cel-coverage")

    result.assert_outcomes(passed=1)
    assert report(result) == WHOLE


def test_a_long_rule_is_cut_to_the_width_of_the_terminal():
    coverage = Coverage()
    coverage.merge([("Cake (shop.example.com/v1)", "spec", "self.layers.all(layer,\n  layer.height > 3)", 1, 2, 0)])

    assert list(coverage.report(width=70)) == [
        "Cake (shop.example.com/v1)             true  false failed",
        "  spec: self.layers.all(layer, laye…      1      2      0",
        "1 rules                                100%",
    ]
