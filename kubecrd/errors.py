"""Everything kubecrd raises on purpose, in one tree.

```
KubeError
├─ DefinitionError       a class cannot become a CRD; raised while it is decorated; also a TypeError
├─ RuleError             a CEL rule does not parse, type-check or fit its budget; also a ValueError
├─ InvalidObjectError    the verdict on an object is no; .causes as the API server gives them; also a ValueError
├─ DecodeError           bytes or YAML do not fit the class; .path; also a ValueError
├─ ConfigError           kubeconfig, in-cluster files, credentials; also a ValueError
├─ RequestError          refused here, nothing was sent; also a ValueError
├─ TransportError        no answer came; __cause__ is the HTTP library's error; also an OSError
│  └─ TimedOutError      it did not come in time; also a TimeoutError
├─ StatusError           the API server answered with a failure; .status
│  ├─ BadRequestError (400), UnauthorizedError (401), ForbiddenError (403), NotFoundError (404)
│  ├─ MethodNotSupportedError (405), AlreadyExistsError (409), ConflictError (409), ExpiredError (410)
│  ├─ InvalidError (422), TooManyRequestsError (429)
│  └─ InternalServerError (500), ServiceUnavailableError (503), ServerTimeoutError (504)
├─ LeaseLostError        this process is no longer the leader
└─ MissingExtraError     an optional part is not installed; also an ImportError
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .resource.fielderrors import FieldError
    from .resource.status import Status

__all__ = [
    "AlreadyExistsError",
    "BadRequestError",
    "ConfigError",
    "ConflictError",
    "DecodeError",
    "DefinitionError",
    "ExpiredError",
    "ForbiddenError",
    "InternalServerError",
    "InvalidError",
    "InvalidObjectError",
    "KubeError",
    "LeaseLostError",
    "MethodNotSupportedError",
    "MissingExtraError",
    "NotFoundError",
    "RequestError",
    "RuleError",
    "ServerTimeoutError",
    "ServiceUnavailableError",
    "StatusError",
    "TimedOutError",
    "TooManyRequestsError",
    "TransportError",
    "UnauthorizedError",
]


class KubeError(Exception):
    """The root of all errors that kubecrd raises on purpose."""


class DefinitionError(KubeError, TypeError):
    """A class cannot become a CustomResourceDefinition.

    Raised while the class is decorated, with every problem found, one a line.
    """


class RuleError(KubeError, ValueError):
    """A CEL rule does not parse, does not type-check, is not supported, does not fit its budget, or fails when it runs."""


class InvalidObjectError(KubeError, ValueError):
    """The API server would refuse an object.

    Attributes:
        causes: What is wrong, field by field, in the server's order and words.
    """

    def __init__(self, message: str, causes: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)


class DecodeError(KubeError, ValueError):
    """Bytes or YAML do not fit the class they are decoded into.

    Attributes:
        path: Where in the document, such as ``spec.size``; empty for the document itself.
    """

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class ConfigError(KubeError, ValueError):
    """No usable configuration: kubeconfig, in-cluster files, or credentials."""


class RequestError(KubeError, ValueError):
    """A request is refused before it is sent; nothing has changed on the server."""


class TransportError(KubeError, OSError):
    """No answer came. ``__cause__`` is the HTTP library's own error."""


class TimedOutError(TransportError, TimeoutError):
    """No answer came in time."""


class StatusError(KubeError):
    """The API server answered with a failure.

    Attributes:
        status: The answer, with its reason, message and causes.
    """

    def __init__(self, status: Status) -> None:
        super().__init__(status.message or status.reason or f"HTTP {status.code}")
        self.status = status

    @staticmethod
    def of(status: Status) -> StatusError:
        """Make the error of the subclass that fits *status*.

        The reason decides; the code only where the reason is not a known one, as in client-go.
        """
        kind = _BY_REASON.get(status.reason or "") or _BY_CODE.get(status.code or 0) or StatusError
        return kind(status)


class BadRequestError(StatusError):
    """400: the request itself is malformed."""


class UnauthorizedError(StatusError):
    """401: the server does not know who is asking."""


class ForbiddenError(StatusError):
    """403: the server knows who is asking, and refuses."""


class NotFoundError(StatusError):
    """404: there is no such object, or no such kind."""


class MethodNotSupportedError(StatusError):
    """405: this kind does not have this verb."""


class AlreadyExistsError(StatusError):
    """409: an object of this name is there already."""


class ConflictError(StatusError):
    """409: the object has changed since it was read, or another manager owns a field."""


class ExpiredError(StatusError):
    """410: the resource version or continue token is too old; list anew."""


class InvalidError(StatusError):
    """422: the object is well-formed but not valid; the causes name the fields."""


class TooManyRequestsError(StatusError):
    """429: the server asks to slow down; ``status.details.retry_after_seconds`` says how long."""


class InternalServerError(StatusError):
    """500: the server failed."""


class ServiceUnavailableError(StatusError):
    """503: the server cannot answer now."""


class ServerTimeoutError(StatusError):
    """504: the server did not finish in time; whether it acted is unknown."""


class LeaseLostError(KubeError):
    """This process is no longer the leader, and must stop writing."""


@final
class MissingExtraError(KubeError, ImportError):
    """An optional part of kubecrd is not installed; the message says which extra brings it."""


_BY_REASON: Final[dict[str, type[StatusError]]] = {
    "BadRequest": BadRequestError,
    "Unauthorized": UnauthorizedError,
    "Forbidden": ForbiddenError,
    "NotFound": NotFoundError,
    "MethodNotAllowed": MethodNotSupportedError,
    "AlreadyExists": AlreadyExistsError,
    "Conflict": ConflictError,
    "Expired": ExpiredError,
    "Gone": ExpiredError,
    "Invalid": InvalidError,
    "TooManyRequests": TooManyRequestsError,
    "InternalError": InternalServerError,
    "ServiceUnavailable": ServiceUnavailableError,
    "Timeout": ServerTimeoutError,
    "ServerTimeout": ServerTimeoutError,
}

_BY_CODE: Final[dict[int, type[StatusError]]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: MethodNotSupportedError,
    409: ConflictError,
    410: ExpiredError,
    422: InvalidError,
    429: TooManyRequestsError,
    500: InternalServerError,
    503: ServiceUnavailableError,
    504: ServerTimeoutError,
}
