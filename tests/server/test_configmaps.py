"""What may stand in ConfigMaps and Secrets."""

from __future__ import annotations

from typing import Any

import pytest

from kubecrd.errors import DecodeError
from kubecrd.server.configmaps import ConfigMapStrategy, SecretStrategy, check_base64


def config_map(**content: Any) -> dict[str, Any]:
    """Make a stored object."""
    return {"metadata": {"name": "a", "namespace": "default", "uid": "u", "resourceVersion": "1"}, **content}


@pytest.mark.parametrize(
    ("old", "new", "errors"),
    [
        ({"data": {"x": "1"}}, {"data": {"x": "2"}}, []),
        (
            {"data": {"x": "1"}, "immutable": True},
            {"data": {"x": "2"}, "immutable": True},
            ["data: Forbidden: field is immutable when `immutable` is set"],
        ),
        ({"immutable": True}, {}, ["immutable: Forbidden: field is immutable when `immutable` is set"]),
        (
            {"data": {"x": "1"}, "immutable": True},
            {"data": {"x": "1"}, "binaryData": {"x": "aGk="}, "immutable": True},
            [
                "binaryData: Forbidden: field is immutable when `immutable` is set",
                'data[x]: Invalid value: "x": duplicate of key present in binaryData',
            ],
        ),
    ],
)
def test_an_immutable_config_map_keeps_what_it_holds(old: Any, new: Any, errors: list[str]) -> None:
    found = ConfigMapStrategy().validate_update(config_map(**new), config_map(**old))
    assert [str(error) for error in found] == errors


@pytest.mark.parametrize(
    ("key", "detail"),
    [
        ("..", "must not be '..'"),
        ("..x", "must not start with '..'"),
        ("k" * 254, "must be no more than 253 characters"),
        (
            "a b",
            (
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            ),
        ),
    ],
)
def test_a_key_is_one_that_a_file_could_have(key: str, detail: str) -> None:
    found = ConfigMapStrategy().validate_create(config_map(data={key: ""}))
    assert [str(error) for error in found] == [f'data[{key}]: Invalid value: "{key}": {detail}']


def test_a_secret_keeps_its_type() -> None:
    found = SecretStrategy().validate_update(config_map(type="other"), config_map(type="Opaque"))
    assert [str(error) for error in found] == ['type: Invalid value: "other": field is immutable']


@pytest.mark.parametrize(
    ("text", "position"),
    [("not base64!", 3), ("aGk", 0), ("aGk=aGk=", 4), ("aGkxa", 4), ("a=", 1), ("ab=c", 2), ("ab=", 3)],
)
def test_bytes_that_are_not_base64_are_told_with_their_position(text: str, position: int) -> None:
    with pytest.raises(DecodeError) as caught:
        check_base64({"k": text})
    assert str(caught.value) == f"illegal base64 data at input byte {position}"


@pytest.mark.parametrize("values", [None, {}, {"k": "aGk="}, {"k": "aG\nk="}, {"k": 5}])
def test_bytes_in_base64_pass(values: Any) -> None:
    check_base64(values)
