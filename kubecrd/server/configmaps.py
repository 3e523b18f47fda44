"""ConfigMaps and Secrets: what may stand in them, and what an immutable one keeps."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from kubecrd.errors import DecodeError
from kubecrd.schema.wording import forbidden, immutable, invalid

from .strategies import BuiltinStrategy

if TYPE_CHECKING:
    from kubecrd.resource.fielderrors import FieldError

__all__ = ["ConfigMapStrategy", "SecretStrategy", "check_base64"]

_KEY: Final = re.compile(r"[-._a-zA-Z0-9]+")
_MOST_KEY: Final = 253
_KEPT: Final = "field is immutable when `immutable` is set"
_KEY_ADVICE: Final = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]")
_QUANTUM: Final = 4


@frozen
class ConfigMapStrategy(BuiltinStrategy):
    """A ConfigMap has keys that can be file names, each in one of its two maps (`ValidateConfigMap`)."""

    def validate_create(self, obj: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a new ConfigMap."""
        return BuiltinStrategy.validate_create(self, obj) + _check_keys(obj)

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a changed ConfigMap."""
        errors = BuiltinStrategy.validate_update(self, obj, old)
        return errors + _check_kept(obj, old, ("data", "binaryData")) + _check_keys(obj)


@frozen
class SecretStrategy(BuiltinStrategy):
    """A Secret keeps its type (`ValidateSecretUpdate`)."""

    def validate_create(self, obj: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a new Secret."""
        return BuiltinStrategy.validate_create(self, obj) + _check_keys(obj)

    def validate_update(self, obj: dict[str, Any], old: dict[str, Any], /) -> list[FieldError]:
        """Say what is wrong with a changed Secret."""
        errors = BuiltinStrategy.validate_update(self, obj, old)
        if obj.get("type") != old.get("type"):
            errors.append(immutable("type", obj.get("type", "")))
        return errors + _check_kept(obj, old, ("data",)) + _check_keys(obj)


def _check_kept(obj: dict[str, Any], old: dict[str, Any], fields: tuple[str, ...]) -> list[FieldError]:
    if not old.get("immutable"):
        return []
    errors = [] if obj.get("immutable") else [forbidden("immutable", _KEPT)]
    return errors + [forbidden(name, _KEPT) for name in fields if (obj.get(name) or {}) != (old.get(name) or {})]


def _check_keys(obj: dict[str, Any]) -> list[FieldError]:
    errors: list[FieldError] = []
    binary = obj.get("binaryData") or {}
    for name in ("data", "binaryData"):
        for key in obj.get(name) or {}:
            errors.extend(invalid(f"{name}[{key}]", key, text) for text in _key_errors(key))
            if name == "data" and key in binary:
                errors.append(invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
    return errors


def _key_errors(key: str) -> list[str]:
    errors = []
    if len(key.encode()) > _MOST_KEY:
        errors.append(f"must be no more than {_MOST_KEY} characters")
    if not _KEY.fullmatch(key):
        errors.append(_KEY_ADVICE)
    if key in {".", ".."}:
        errors.append(f"must not be '{key}'")
    elif key.startswith(".."):
        errors.append("must not start with '..'")
    return errors


def check_base64(values: Any) -> None:
    """Hold the values of a map of bytes to be base64, as Go's decoder does.

    Raises:
        DecodeError: with the position of the first wrong byte.
    """
    for text in values.values() if isinstance(values, dict) else ():
        if isinstance(text, str) and (wrong := _first_wrong_byte(text)) is not None:
            raise DecodeError(f"illegal base64 data at input byte {wrong}")


def _first_wrong_byte(text: str) -> int | None:
    try:
        base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        return _position(text)
    return None


def _position(text: str) -> int:
    """Find where Go stops: at a wrong letter, at what follows the padding, or at the start of a short quantum."""
    taken = 0
    for index, letter in enumerate(text):
        if letter in "\r\n":
            continue
        if letter == "=" and taken % _QUANTUM >= _QUANTUM // 2:
            missing = _QUANTUM - 1 - taken % _QUANTUM
            padding = text[index : index + 1 + missing]
            if len(padding) <= missing:
                return len(text)
            return index if padding.strip("=") else index + len(padding)
        if not _BASE64.fullmatch(letter):
            return index
        taken += 1
    return len(text) - taken % _QUANTUM
