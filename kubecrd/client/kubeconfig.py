"""Kubeconfig files: found, merged and read as kubectl does.

Source: client-go `tools/clientcmd`; kube-rs C49 to C52.
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from kubecrd.errors import ConfigError

from .config import Config
from .credentials import Anonymous, BasicAuth, Credentials, Token, TokenFile

__all__ = ["load_kubeconfig"]

_FILES: Final = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
}
_INNER: Final = {"clusters": "cluster", "users": "user", "contexts": "context"}


def load_kubeconfig(path: Path | str | None = None, *, context: str | None = None) -> Config:
    """Read a kubeconfig.

    Args:
        path: The file; by default those of ``$KUBECONFIG``, or ``~/.kube/config``.
        context: Which of its contexts; the current one by default.

    Raises:
        ConfigError: the file, the context, or something they refer to cannot be used.
    """
    paths = [Path(path)] if path is not None else _default_paths()
    documents = [document for each in paths if path is not None or each.exists() for document in _documents(each)]
    if not documents:
        raise ConfigError(f"no kubeconfig at {', '.join(map(str, paths))}; set KUBECONFIG, or give a path")
    merged = _merge(documents)
    name = context or merged["current-context"]
    if not name:
        raise ConfigError(f"{paths[0]}: there is no current-context; choose from {_names(merged['contexts'])}")
    chosen = _named(merged, "contexts", name)
    cluster = _named(merged, "clusters", chosen.get("cluster", ""))
    user = _named(merged, "users", chosen["user"]) if chosen.get("user") else {}
    return _config(chosen, cluster, user)


def _default_paths() -> list[Path]:
    listed = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    return [Path(part) for part in listed] or [Path.home() / ".kube" / "config"]


def _documents(path: Path) -> list[dict[str, Any]]:
    try:
        loaded = list(yaml.safe_load_all(path.read_bytes()))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except yaml.YAMLError as error:
        # The text of a YAML error quotes the line, which may be a secret.
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{place}: this is not YAML") from None
    documents = [document for document in loaded if document is not None]
    for document in documents:
        if not isinstance(document, dict):
            raise ConfigError(f"{path}: a kubeconfig is a mapping, not a {type(document).__name__}")
        _make_absolute(document, path.parent)
    return documents


def _make_absolute(document: dict[str, Any], folder: Path) -> None:
    for section, keys in _FILES.items():
        for entry in document.get(section) or ():
            inner = entry.get(_INNER[section]) or {}
            for key in keys:
                if inner.get(key):
                    inner[key] = str(folder / inner[key])


def _merge(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Put several files into one: the first that says something is right."""
    merged: dict[str, Any] = {"current-context": "", "clusters": {}, "users": {}, "contexts": {}}
    for document in documents:
        merged["current-context"] = merged["current-context"] or document.get("current-context") or ""
        for section, key in _INNER.items():
            for entry in document.get(section) or ():
                merged[section].setdefault(entry.get("name"), entry.get(key) or {})
    return merged


def _named(merged: dict[str, Any], section: str, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = merged[section][name]
    except KeyError:
        raise ConfigError(
            f"kubeconfig: there is no {_INNER[section]} {name!r}; choose from {_names(merged[section])}"
        ) from None
    return found


def _names(section: dict[str, Any]) -> str:
    return ", ".join(map(repr, sorted(section))) or "(none)"


def _config(context: dict[str, Any], cluster: dict[str, Any], user: dict[str, Any]) -> Config:
    server = cluster.get("server")
    if not server:
        raise ConfigError("kubeconfig: the cluster has no server")
    authority = _decoded(cluster, "certificate-authority-data")
    return Config(
        server=server.rstrip("/"),
        namespace=context.get("namespace") or "default",
        credentials=_credentials(user),
        ca_pem=authority,
        ca_file=None if authority else cluster.get("certificate-authority"),
        client_cert_file=_file(user, "client-certificate"),
        client_key_file=_file(user, "client-key"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        proxy_url=cluster.get("proxy-url"),
        headers=_impersonation(user),
    )


def _credentials(user: dict[str, Any]) -> Credentials:
    if user.get("username"):
        return BasicAuth(user["username"], user.get("password") or "")
    if user.get("token"):
        return Token(user["token"])
    if user.get("tokenFile"):
        return TokenFile(Path(user["tokenFile"]))
    for unsupported in ("exec", "auth-provider"):
        if user.get(unsupported):
            raise ConfigError(
                f"kubeconfig: the user's {unsupported!r} is not supported; use a token or a client certificate"
            )
    return Anonymous()


def _impersonation(user: dict[str, Any]) -> dict[str, str]:
    headers = {"Impersonate-User": user.get("as"), "Impersonate-Uid": user.get("as-uid")}
    return {name: value for name, value in headers.items() if value}


def _decoded(section: dict[str, Any], key: str) -> str | None:
    value = section.get(key)
    if not value:
        return None
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ConfigError(f"kubeconfig: {key} is not base64") from error
    return text if text.endswith("\n") else f"{text}\n"


def _file(user: dict[str, Any], key: str) -> str | None:
    """Give the file of a certificate or key; Python's ssl takes only files, so inline data is put into one."""
    data = _decoded(user, f"{key}-data")
    if data is None:
        value: str | None = user.get(key)
        return value
    descriptor, name = tempfile.mkstemp(prefix="kubecrd-", suffix=".pem")  # readable by its owner only
    with os.fdopen(descriptor, "w") as file:
        file.write(data)
    return name
