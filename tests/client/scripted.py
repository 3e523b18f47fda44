"""A server that answers as it is told: what a real one says when it, or something before it, is in trouble."""

from __future__ import annotations

import json

from attrs import define, field

from kubecrd.client._httpx import httpx


def status(code, reason, message="no", **more):
    """Make a failure as an API server says it."""
    document = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason}
    return httpx.Response(code, json={**document, "message": message, **more})


def listed(*items, version="1", token=None):
    """Make a page of a list."""
    metadata = {"resourceVersion": version, **({"continue": token} if token else {})}
    return httpx.Response(200, json={"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": list(items)})


def lines(*events):
    """Make a watch that says *events* and ends."""
    return httpx.Response(200, content=b"".join(json.dumps(event).encode() + b"\n" for event in events))


@define
class Script:
    """Gives its answers in turn, and keeps what it was asked; an exception is raised instead of answering."""

    answers: list
    asked: list = field(factory=list)

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def transport(self):
        return httpx.MockTransport(self)
