"""What may stand in metadata.managedFields."""

from __future__ import annotations

from typing import Any

import pytest

from kubecrd.schema.managers import check_managed_fields


@pytest.mark.parametrize(
    ("entry", "errors"),
    [
        ({}, []),
        ({"manager": "é" * 64}, []),
        ({"manager": "é" * 65}, ["m[0].manager: Too long: may not be more than 128 bytes"]),
        ({"manager": "é\nb"}, ['m[0].manager: Invalid value: "é\\nb": invalid character U+000A (at position 2)']),
        ({"subresource": "s" * 257}, ["m[0].subresource: Too long: may not be more than 256 bytes"]),
        ({"operation": "Delete"}, ['m[0].operation: Invalid value: "Delete": must be `Apply` or `Update`']),
        ({"fieldsType": "FieldsV2"}, ['m[0].fieldsType: Invalid value: "FieldsV2": must be `FieldsV1`']),
    ],
)
def test_an_entry_is_judged(entry: dict[str, Any], errors: list[str]) -> None:
    assert [str(error) for error in check_managed_fields([{"operation": "Update", **entry}], "m")] == errors
