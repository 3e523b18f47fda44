"""What a client accepts: JSON or YAML, as it is, as a table, or only metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import yaml
from attrs import frozen

from kubecrd.errors import StatusError
from kubecrd.resource.status import Status, StatusDetails, internal_error

from .answers import Answer, Document, encode_json
from .protobuf import write_status
from .tables import as_table, partial, partial_list

if TYPE_CHECKING:
    from .kinds import ServedKind
    from .request import Request

__all__ = ["Form", "accepted_form", "check_watch_form", "failure_answer", "render", "render_event"]

_JSON: Final = "application/json"
_YAML: Final = "application/yaml"
_PROTOBUF: Final = "application/vnd.kubernetes.protobuf"
_SHAPES: Final = frozenset({"Table", "PartialObjectMetadata", "PartialObjectMetadataList"})
_VERSIONS: Final = frozenset({"v1", "v1beta1"})


class _Dumper(yaml.SafeDumper):
    """Writes every part out, also where two places share one."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Say that nothing is an alias."""
        return True


@frozen
class Form:
    """How an answer is written.

    Attributes:
        media: ``application/json`` or ``application/yaml``; ``application/vnd.kubernetes.protobuf`` for a Status only.
        shape: ``Table``, ``PartialObjectMetadata``, ``PartialObjectMetadataList``; empty for the object itself.
        version: Of meta.k8s.io, for the shape.
    """

    media: str = _JSON
    shape: Literal["", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"] = ""
    version: str = "v1"


@frozen(order=True)
class _Clause:
    """One clause of an Accept header; sorted by quality, then by place."""

    quality: float
    place: int
    media: str
    parameters: tuple[tuple[str, str], ...]


def accepted_form(request: Request, kind: ServedKind | None) -> Form:
    """Choose how to answer: the first clause that can be served, by quality and then in order.

    Raises:
        StatusError: 406, none can be served.
    """
    clauses = _clauses(request.accept)
    if not clauses:
        return Form()
    for clause in clauses:
        form = _form(clause, kind)
        if form is not None:
            return form
    raise StatusError.of(_not_acceptable(kind, [clause.media for clause in clauses]))


def check_watch_form(request: Request, kind: ServedKind | None) -> Form:
    """Choose how to write the events of a watch: there is no YAML for them.

    Raises:
        StatusError: 406.
    """
    form = accepted_form(request, kind)
    if form.media == _YAML:
        message = f"only the following media types are accepted: {_JSON};stream=watch, {_PROTOBUF};stream=watch"
        raise StatusError.of(Status(code=406, reason="NotAcceptable", message=message))
    return form


def _clauses(accept: str) -> list[_Clause]:
    found = []
    for place, text in enumerate(part for part in accept.split(",") if part.strip()):
        media, *rest = (piece.strip() for piece in text.split(";"))
        pairs = tuple((key.strip(), value.strip()) for key, _, value in (piece.partition("=") for piece in rest))
        try:
            quality = float(dict(pairs).get("q", "1") or 0)
        except ValueError:
            quality = 1.0
        # A quality of nothing still counts, after all others.
        found.append(_Clause(-quality, place, media, pairs))
    return sorted(found)


def _form(clause: _Clause, kind: ServedKind | None) -> Form | None:
    wildcard = clause.media == "*/*" or (clause.media == "application/*" and (kind is None or kind.is_custom))
    media = _JSON if wildcard else clause.media
    if media not in {_JSON, _YAML}:
        return None
    parameters = dict(clause.parameters)
    shape = parameters.get("as", "")
    if not shape:
        return Form(media)
    version = parameters.get("v", "")
    if shape not in _SHAPES or parameters.get("g") != "meta.k8s.io" or version not in _VERSIONS or kind is None:
        return None
    return Form(media, shape, version)  # type: ignore[arg-type]


def _not_acceptable(kind: ServedKind | None, media: list[str]) -> Status:
    served = f"{_JSON}, {_YAML}, {_PROTOBUF}"
    builtin = kind is not None and not kind.is_custom
    if builtin and not {_JSON, _YAML, _PROTOBUF, "*/*"} & set(media):
        available = f"{served}, {_JSON};stream=watch, {_PROTOBUF};stream=watch"
        message = f"406: Not Acceptable\n\nAvailable representations: {available}"
        return Status(code=406, reason="NotAcceptable", message=message, details=StatusDetails())
    message = f"only the following media types are accepted: {served}"
    return Status(code=406, reason="NotAcceptable", message=message)


def render(document: Document, request: Request) -> Answer:
    """Write a document in the form that the client accepts.

    Raises:
        StatusError: 406, there is none; or the document cannot be given in the form.
    """
    if document.content.get("kind") == "Status":
        # A Status has no other shape, so whoever asks for a table gets it as it is.
        return _written(document.status, document.content, _plain_form(request))
    form = accepted_form(request, document.kind)
    content = document.content if document.kind is None else _shaped(document, form, request)
    return _written(document.status, content, form)


def _plain_form(request: Request) -> Form:
    """Choose how to write a Status, of which there is protobuf too."""
    for clause in _clauses(request.accept):
        if clause.media in {_JSON, _YAML, _PROTOBUF} and "as" not in dict(clause.parameters):
            return Form(clause.media)
    return Form()


def _shaped(document: Document, form: Form, request: Request) -> dict[str, Any]:
    assert document.kind is not None
    match form.shape:
        case "Table":
            include = request.param("includeObject") or ""
            return as_table(
                document.content, document.kind, is_list=document.is_list, include=include, version=form.version
            )
        case "PartialObjectMetadata":
            if document.is_list:
                message = "you requested PartialObjectMetadata, but the requested object is a list (*unstructured.UnstructuredList)"
                raise StatusError.of(Status(code=406, reason="NotAcceptable", message=message))
            return partial(document.content, form.version)
        case "PartialObjectMetadataList":
            if not document.is_list:
                raise StatusError.of(Status(code=500, message="content is not a list"))
            return partial_list(document.content, form.version)
        case _:
            return document.content


def _written(status: int, content: dict[str, Any], form: Form) -> Answer:
    if form.media == _YAML:
        text = yaml.dump(content, Dumper=_Dumper, sort_keys=True, default_flow_style=False, allow_unicode=True)
        return Answer(status, text.encode(), _YAML)
    if form.media == _PROTOBUF:
        return Answer(status, write_status(content), _PROTOBUF)
    return Answer(status, encode_json(content))


def render_event(event: dict[str, Any], kind: ServedKind, form: Form, *, include: str, first: bool) -> dict[str, Any]:
    """Give an event of a watch with its object in *form*; only the first table names its columns."""
    obj = event["object"]
    if not form.shape or obj.get("kind") == "Status":
        return event
    if form.shape == "Table":
        table = as_table(obj, kind, is_list=False, include=include, version=form.version)
        return {**event, "object": table if first else {**table, "columnDefinitions": None}}
    return {**event, "object": partial(obj, form.version)}


def failure_answer(error: StatusError, request: Request) -> Answer:
    """Write a failure; in YAML to those who accept nothing else."""
    status = error.status if error.status.code else internal_error(str(error))
    return _written(status.code or 500, status.to_dict(), _plain_form(request))
