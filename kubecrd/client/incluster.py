"""The configuration that every pod has: its service account."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kubecrd.errors import ConfigError

from .config import Config
from .credentials import TokenFile

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["in_cluster"]

_FOLDER: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")


def in_cluster(environment: Mapping[str, str] | None = None, folder: Path = _FOLDER) -> Config:
    """Read the service account of this pod.

    Args:
        environment: ``os.environ`` by default.
        folder: Where the files are.

    Raises:
        ConfigError: this is no pod, or its files cannot be read.
    """
    environment = os.environ if environment is None else environment
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
    if not host or not port:
        raise ConfigError("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set")
    token, authority = folder / "token", folder / "ca.crt"
    for file in (token, authority):
        if not os.access(file, os.R_OK):
            raise ConfigError(f"{file} cannot be read; mount the service account's token")
    namespace = folder / "namespace"
    name = f"[{host}]" if ":" in host else host
    return Config(
        server=f"https://{name}" if port == "443" else f"https://{name}:{port}",
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        credentials=TokenFile(token),
        ca_file=str(authority),
    )
