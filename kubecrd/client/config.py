"""What a client needs to know: where the server is, whom to trust, as whom to speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

from kubecrd.errors import ConfigError

from .credentials import Anonymous, Credentials

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Config"]


def _pairs(
    headers: Mapping[str, str] | list[tuple[str, str]] | tuple[tuple[str, str], ...],
) -> tuple[tuple[str, str], ...]:
    if isinstance(headers, Mapping):
        return tuple(headers.items())
    return tuple(headers)


@frozen(kw_only=True)
class Config:
    """How to reach a server.

    Attributes:
        server: URL, with a path prefix where the server has one.
        namespace: Where namespaced requests go that name no other.
        credentials: As whom to speak.
        ca_pem: Certificates to trust, as text; None for those of the system.
        ca_file: Likewise, as a file.
        client_cert_pem: The client's own certificate, as text.
        client_key_pem: Its key, as text.
        client_cert_file: The client's own certificate, as a file.
        client_key_file: Its key; None when it stands in the same file.
        tls_server_name: The name that the server's certificate must be for; None for the host of *server*.
        insecure: Whether the server's certificate is not checked.
        proxy_url: Through which proxy; None for none.
        headers: Sent with every request, such as those of impersonation; a mapping, or pairs when a name comes twice.

    Raises:
        ConfigError: *server* is no URL, or a certificate authority is given with *insecure*.
    """

    server: str
    namespace: str = "default"
    credentials: Credentials = field(factory=Anonymous)
    ca_pem: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    client_cert_pem: str | None = field(default=None, repr=False)
    client_key_pem: str | None = field(default=None, repr=False)
    client_cert_file: str | None = None
    client_key_file: str | None = None
    tls_server_name: str | None = None
    insecure: bool = False
    proxy_url: str | None = field(default=None, repr=False)  # may hold a password
    headers: tuple[tuple[str, str], ...] = field(default=(), converter=_pairs, repr=False)  # may hold a token

    def __attrs_post_init__(self) -> None:
        if not self.server.startswith(("http://", "https://")):
            raise ConfigError(f"server: {self.server!r} is no URL; did you mean {'https://' + self.server!r}?")
        if self.insecure and (self.ca_pem or self.ca_file):
            raise ConfigError("specifying a root certificates file with the insecure flag is not allowed")

    @classmethod
    def infer(cls) -> Config:
        """Take the kubeconfig, as kubectl does; inside a cluster, the service account.

        A kubeconfig that is there but cannot be used is an error: nobody wants to speak to another cluster instead.

        Raises:
            ConfigError: there is neither, and the message says why for both; or the kubeconfig cannot be used.
        """
        from .incluster import in_cluster
        from .kubeconfig import MissingKubeconfigError, load_kubeconfig

        try:
            return load_kubeconfig()
        except MissingKubeconfigError as no_kubeconfig:
            try:
                return in_cluster()
            except ConfigError as no_cluster:
                raise ConfigError(
                    f"no configuration: {no_kubeconfig}; and not in a cluster: {no_cluster}"
                ) from no_cluster

    @classmethod
    def from_kubeconfig(cls, path: Path | str | None = None, *, context: str | None = None) -> Config:
        """Take a kubeconfig.

        Args:
            path: The file; by default those of ``$KUBECONFIG``, or ``~/.kube/config``.
            context: Which of its contexts; the current one by default.

        Raises:
            ConfigError: the file, the context, or something they refer to cannot be used.
        """
        from .kubeconfig import load_kubeconfig

        return load_kubeconfig(path, context=context)

    @classmethod
    def in_cluster(cls) -> Config:
        """Take the service account that a pod has been given.

        Raises:
            ConfigError: this is no pod, or its files cannot be read.
        """
        from .incluster import in_cluster

        return in_cluster()
