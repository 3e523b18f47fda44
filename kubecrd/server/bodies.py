"""From the body of a request to a document: media types, size, syntax, and which kind it says it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, bad_request, unsupported_media_type
from kubecrd.schema.goyaml import YamlError, parse_yaml

from .gojson import JsonNumberError, JsonSyntaxError, go_type_name, parse_json
from .protobuf import ProtobufError, UnknownMessageError, parse_protobuf
from .request import BODY_LIMIT

if TYPE_CHECKING:
    from .request import Request

__all__ = [
    "TYPE_META",
    "Body",
    "body_type",
    "cannot_be_handled",
    "check_size",
    "parse_body",
    "report_strict",
    "type_meta_fault",
]

_PROTOBUF: Final = "application/vnd.kubernetes.protobuf"
_ACCEPTED: Final = ("application/json", "application/yaml", _PROTOBUF)
_SUMMARY: Final = 30
TYPE_META: Final = (
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
)
"""What Go calls the struct that only tells what a document is."""


@frozen
class Body:
    """A body that is an object of some kind.

    Attributes:
        document: The object.
        strict: What strict decoding has to say so far, such as ``duplicate field "spec.a"``.
        yaml_duplicates: Repeated keys of a YAML body, such as ``line 7: key "a" already set in map``; YAML
            has another form for them when they are refused than when they are warned of.
    """

    document: Any
    strict: tuple[str, ...] = ()
    yaml_duplicates: tuple[str, ...] = field(default=())

    def strict_errors(self, unknown: list[str]) -> list[str]:
        """Give everything strict decoding would refuse, with the paths of unknown fields that came later."""
        errors = list(self.strict)
        if self.yaml_duplicates:
            errors.append("\n  ".join(["yaml: unmarshal errors:", *self.yaml_duplicates]))
        return errors + [f'unknown field "{path}"' for path in unknown]


def body_type(request: Request) -> str:
    """Give the media type of the body of a create or update: one of the three that are accepted.

    Raises:
        StatusError: 415, it is another one.
    """
    media = request.content_type.split(";")[0].strip().lower() or "application/json"
    if media not in _ACCEPTED:
        raise StatusError.of(unsupported_media_type(_ACCEPTED))
    return media


def check_size(request: Request) -> None:
    """Refuse a body beyond 3 MiB.

    Raises:
        StatusError: 413.
    """
    if request.body_too_large:
        message = f"Request entity too large: limit is {BODY_LIMIT}"
        raise StatusError.of(Status(code=413, reason="RequestEntityTooLarge", message=message))


def parse_body(request: Request, kind: str, *, kind_required: bool = True) -> Body:
    """Read the object in a body, as far as its kind and version.

    Args:
        request: Whose body it is.
        kind: What the path leads one to expect, for messages.
        kind_required: Whether a body without kind is refused; built-in kinds do without.

    Raises:
        StatusError: 415 or 400.
    """
    media = body_type(request)
    text = request.body
    try:
        if media == "application/yaml":
            parsed = parse_yaml(text)
            body = Body(parsed.document, (), parsed.duplicates)
        elif media == _PROTOBUF:
            body = Body(parse_protobuf(text))
        else:
            json_parsed = parse_json(text)
            body = Body(json_parsed.document, tuple(f'duplicate field "{path}"' for path in json_parsed.duplicates))
    except JsonNumberError as error:
        _check_type_meta(error.document, kind, text, required=kind_required)
        raise StatusError.of(cannot_be_handled(error.document, kind, str(error))) from None
    except JsonSyntaxError as error:
        raise _unrecognized(kind, text, f"couldn't get version/kind; json parse error: {error}") from None
    except (YamlError, ProtobufError) as error:
        raise _unrecognized(kind, text, str(error)) from None
    except UnknownMessageError:
        # The real server knows all built-in messages; saying so lets a client fall back to JSON.
        raise StatusError.of(unsupported_media_type(_ACCEPTED[:2])) from None
    _check_type_meta(body.document, kind, text, required=kind_required)
    return body if body.document is not None else Body({})


def cannot_be_handled(document: dict[str, Any], kind: str, why: str) -> Status:
    """400: a body says what it is, but is not that; *kind* is what the path leads one to expect."""
    said = document.get("kind") or kind
    version = (document.get("apiVersion") or "").rpartition("/")[2]
    return bad_request(f'{said} in version "{version}" cannot be handled as a {kind}: {why}')


def report_strict(request: Request, body: Body, unknown: list[str], validation: str, kind: str) -> None:
    """Do what *validation* (``Strict``, ``Warn`` or ``Ignore``) asks for with unknown and repeated fields.

    Raises:
        StatusError: 400 under Strict.
    """
    if validation == "Strict":
        if errors := body.strict_errors(unknown):
            why = f"strict decoding error: {', '.join(errors)}"
            raise StatusError.of(cannot_be_handled(body.document, kind, why))
    elif validation == "Warn":
        for text in (*body.strict, *body.yaml_duplicates, *(f'unknown field "{path}"' for path in unknown)):
            request.warn(text)


def type_meta_fault(document: Any) -> str:
    """Say, in the words of Go's decoder of TypeMeta, why *document* cannot say what it is; empty where it could."""
    parse = "couldn't get version/kind; json parse error: json: cannot unmarshal"
    if document is not None and not isinstance(document, dict):
        return f"{parse} {go_type_name(document)} into Go value of type {TYPE_META}"
    for key, value in (document or {}).items():
        if key in {"apiVersion", "kind"} and value is not None and not isinstance(value, str):
            return f"{parse} {go_type_name(value)} into Go struct field .{key} of type string"
    api_version: str = (document or {}).get("apiVersion") or ""
    return f"unexpected GroupVersion string: {api_version}" if api_version.count("/") > 1 else ""


def _check_type_meta(document: Any, kind: str, text: bytes, *, required: bool) -> None:
    """Refuse what has no kind, or one that is no text."""
    if why := type_meta_fault(document):
        raise _unrecognized(kind, text, why)
    if not required:
        return
    members: dict[str, Any] = document or {}
    if not members.get("kind"):
        shown = text.decode(errors="replace")
        raise _unrecognized(kind, text, f"Object 'Kind' is missing in '{shown}'")
    if members.get("apiVersion", "") is None:
        why = ".apiVersion accessor error: <nil> is of the type <nil>, expected string"
        raise StatusError.of(cannot_be_handled(members, kind, why))


def _unrecognized(kind: str, text: bytes, why: str) -> StatusError:
    message = f"the object provided is unrecognized (must be of type {kind}): {why} ({_summary(text)})"
    return StatusError.of(bad_request(message))


def _summary(text: bytes) -> str:
    """Show the beginning of a body: as text where it looks like an object, else in hex."""
    if not text:
        return "<empty>"
    rest = " ..." if len(text) > _SUMMARY else ""
    start = text[:_SUMMARY]
    shown = start.decode(errors="replace") if text.lstrip(b" \t\r\n").startswith(b"{") else start.hex()
    return shown + rest
