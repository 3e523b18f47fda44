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


@frozen(kw_only=True)
class Config:
    """How to reach a server.

    Attributes:
        server: URL, with a path prefix where the server has one.
        namespace: Where namespaced requests go that name no other.
        credentials: As whom to speak.
        ca_pem: Certificates to trust, as text; None for those of the system.
        ca_file: Likewise, as a file.
        client_cert_file: The client's own certificate.
        client_key_file: Its key; None when it stands in the same file.
        insecure: Whether the server's certificate is not checked.
        proxy_url: Through which proxy; None for none.
        headers: Sent with every request, such as those of impersonation.
    """

    server: str
    namespace: str = "default"
    credentials: Credentials = field(factory=Anonymous)
    ca_pem: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    client_cert_file: str | None = None
    client_key_file: str | None = None
    insecure: bool = False
    proxy_url: str | None = field(default=None, repr=False)  # may hold a password
    headers: Mapping[str, str] = field(factory=dict)

    @classmethod
    def infer(cls) -> Config:
        """Take the kubeconfig, as kubectl does; inside a cluster, the service account.

        Raises:
            ConfigError: there is neither; the message says why, for both.
        """
        from .incluster import in_cluster
        from .kubeconfig import load_kubeconfig

        try:
            return load_kubeconfig()
        except ConfigError as no_kubeconfig:
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
