"""Who watches rules sees each evaluation once, whoever runs it and in whichever thread, and no longer than asked."""

from threading import Thread

import pytest

from kubecrd import ObjectMeta, ObjectValidator, Resource, Rule, custom_resource, kube_schema, verdict
from kubecrd.schema.observation import watching


@kube_schema(rules=[Rule("self.layers > 1"), Rule("self.layers >= oldSelf.layers"), Rule("10 / self.layers > 0")])
class CakeSpec:
    layers: int


@custom_resource(group="shop.example.com", version="v1", rules=[Rule("self.metadata.name != 'b'")])
class Cake(Resource):
    spec: CakeSpec


def cake(layers):
    return Cake(metadata=ObjectMeta(name="a", namespace="default"), spec=CakeSpec(layers=layers))


@pytest.fixture
def seen():
    found = []
    with watching(lambda rules, rule, outcome: found.append((rules.name, rule.spec.rule, str(outcome)))):
        yield found


NAME = "Cake (shop.example.com/v1)"


def test_each_rule_is_seen_with_its_outcome(seen):
    verdict(cake(0))

    assert seen == [
        (NAME, "self.metadata.name != 'b'", "True"),
        (NAME, "self.layers > 1", "False"),
        (NAME, "10 / self.layers > 0", "division by zero"),
    ]


def test_a_rule_that_an_update_leaves_broken_is_seen_once(seen):
    found = ObjectValidator(Cake).warnings(cake(1), cake(1))

    assert found == ["spec: Invalid value: failed rule: self.layers > 1"]
    assert [rule for _, rule, _ in seen][1:] == [
        "self.layers > 1",
        "self.layers >= oldSelf.layers",
        "10 / self.layers > 0",
    ]


def test_rules_in_another_thread_are_seen(seen):
    thread = Thread(target=verdict, args=(cake(2),))
    thread.start()
    thread.join()

    assert len(seen) == 3


def test_nothing_is_seen_afterwards():
    found = []

    with watching(lambda *_: found.append(1)):
        pass
    verdict(cake(2))

    assert not found


def test_two_can_watch(seen):
    also = []

    with watching(lambda *_: also.append(1)):
        verdict(cake(2))

    assert len(also) == len(seen) == 3


def test_rules_have_places():
    [rules] = ObjectValidator(Cake).rules()

    assert [(path, rule.spec.rule) for path, rule in rules.placed()] == [
        ("", "self.metadata.name != 'b'"),
        ("spec", "self.layers > 1"),
        ("spec", "self.layers >= oldSelf.layers"),
        ("spec", "10 / self.layers > 0"),
    ]
