"""Continue tokens: where the next page of a list begins, and which state it shows."""

from __future__ import annotations

import base64
import binascii
import json
import posixpath
import re
from typing import Final, NoReturn

from attrs import frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import bad_request

from .gojson import JsonSyntaxError, go_type_name, parse_json

__all__ = ["INCONSISTENT", "Continuation"]

_VERSION: Final = "meta.k8s.io/v1"
INCONSISTENT: Final = -1
"""The revision of a token that goes on in whatever state there is now."""


@frozen
class Continuation:
    """The meaning of a continue token.

    Attributes:
        revision: Which state the list shows; `INCONSISTENT` for the present one.
        start: The first key of the page, relative to the collection.
    """

    revision: int
    start: str

    def token(self) -> str:
        """Write it as clients carry it."""
        text = json.dumps({"v": _VERSION, "rv": self.revision, "start": self.start}, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, token: str) -> Continuation:
        """Read a token.

        Raises:
            StatusError: 400, it is none of ours.
        """
        try:
            document = parse_json(_decoded(token)).document
        except JsonSyntaxError as error:
            _refuse(f": {error}")
        if document is not None and not isinstance(document, dict):
            _refuse(f": json: cannot unmarshal {go_type_name(document)} into Go value of type storage.continueToken")
        members = document or {}
        for key, wanted, name in (("v", str, "string"), ("rv", int, "int64"), ("start", str, "string")):
            value = members.get(key)
            if value is not None and (not isinstance(value, wanted) or isinstance(value, bool)):
                found = go_type_name(value)
                _refuse(f": json: cannot unmarshal {found} into Go struct field continueToken.{key} of type {name}")
        version, revision, start = members.get("v") or "", members.get("rv") or 0, members.get("start") or ""
        if version != _VERSION:
            _refuse(f": server does not recognize this encoded version {version}")
        if not revision:
            _refuse(f": incorrect encoded start resourceVersion (version {_VERSION})")
        if not start:
            _refuse(f": encoded start key empty (version {_VERSION})")
        path = start if start.startswith("/") else f"/{start}"
        if path.startswith("//") or posixpath.normpath(path) != path:
            _refuse(f": {start}")
        return cls(revision, start)


def _decoded(token: str) -> bytes:
    """Decode base64 as Go's RawURLEncoding does, which tells where it gives up."""
    bad = re.search(r"[^A-Za-z0-9_-]", token)
    if bad is not None:
        _refuse(f": illegal base64 data at input byte {len(token[: bad.start()].encode())}")
    if len(token) % 4 == 1:
        _refuse(f": illegal base64 data at input byte {len(token) - 1}")
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except binascii.Error:
        _refuse(f": illegal base64 data at input byte {len(token)}")


def _refuse(why: str) -> NoReturn:
    raise StatusError.of(bad_request(f"invalid continue token: continue key is not valid{why}"))
