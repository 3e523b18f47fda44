"""Kubeconfig files: found, merged and read as kubectl does.

Source: client-go `tools/clientcmd`, with its words where it refuses; kube-rs C49 to C52. Unlike client-go, every scalar
is a string, so that a token ``123`` is no number, and a context that names an unknown cluster or user is an error.
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Any, Final, final
from urllib.parse import quote, urlsplit

import yaml

from kubecrd.errors import ConfigError

from .config import Config
from .credentials import Anonymous, BasicAuth, Credentials, Token, TokenFile

__all__ = ["MissingKubeconfigError", "load_kubeconfig"]

Section = dict[str, Any]

_FILES: Final = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
}
_INNER: Final = {"clusters": "cluster", "users": "user", "contexts": "context"}
_TRUE: Final = frozenset({"true", "yes", "on", "y"})
_FALSE: Final = frozenset({"false", "no", "off", "n", ""})
_PROXIES: Final = frozenset({"http", "https", "socks5"})
_HEADER_TOKEN: Final = "!#$&'*+-.^_`|~"


@final
class MissingKubeconfigError(ConfigError):
    """There is no kubeconfig at all, which is no fault inside a cluster."""


class _Loader(yaml.SafeLoader):
    """YAML in which every scalar is a string or null."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to say it
        first: [pair for pair in pairs if pair[0] in {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def load_kubeconfig(path: Path | str | None = None, *, context: str | None = None) -> Config:
    """Read a kubeconfig.

    Args:
        path: The file; by default those of ``$KUBECONFIG``, or ``~/.kube/config``.
        context: Which of its contexts; the current one by default.

    Raises:
        MissingKubeconfigError: there is no file, or all of them are empty.
        ConfigError: the file, the context, or something they refer to cannot be used.
    """
    paths = [Path(path)] if path is not None else _default_paths()
    documents = [document for each in paths if path is not None or each.exists() for document in _documents(each)]
    if not documents:
        raise MissingKubeconfigError(f"no kubeconfig at {', '.join(map(str, paths))}; set KUBECONFIG, or give a path")
    merged = _merge(documents)
    name = context or merged["current-context"]
    if not name:
        raise ConfigError(f"{paths[0]}: there is no current-context; choose from {_names(merged['contexts'])}")
    chosen = _named(merged, "contexts", name)
    cluster = _named(merged, "clusters", chosen.get("cluster") or "", context=name)
    user = _named(merged, "users", chosen["user"], context=name) if chosen.get("user") else {}
    faults = [
        *_cluster_faults(chosen.get("cluster") or "", cluster),
        *_user_faults(chosen.get("user") or "", user),
    ]
    if faults:
        listed = ", ".join(faults)
        raise ConfigError(f"invalid configuration: {listed if len(faults) == 1 else f'[{listed}]'}")
    return _config(chosen, cluster, user)


def _default_paths() -> list[Path]:
    listed = dict.fromkeys(part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part)
    return [Path(part) for part in listed] or [Path.home() / ".kube" / "config"]


def _documents(path: Path) -> list[Section]:
    try:
        loaded = list(yaml.load_all(path.read_bytes(), _Loader))
    except OSError as error:
        raise ConfigError(f'error loading config file "{path}": {error.strerror or error}') from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # The text of a YAML error quotes the line, which may be a secret.
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f'error loading config file "{path}"{place}: this is not YAML') from None
    documents = [document for document in loaded if document]
    for document in documents:
        if not isinstance(document, dict):
            raise ConfigError(
                f'error loading config file "{path}": it is a {type(document).__name__}, expected a mapping'
            )
        if (document.get("kind") or "Config") != "Config":
            raise ConfigError(f'error loading config file "{path}": kind is "{document["kind"]}", expected "Config"')
        _make_absolute(document, path.parent)
        _refuse_duplicates(document, path)
    return documents


def _make_absolute(document: Section, folder: Path) -> None:
    for section, keys in _FILES.items():
        for entry in document.get(section) or ():
            inner = entry.get(_INNER[section]) or {}
            for key in keys:
                if inner.get(key):
                    inner[key] = str(folder / inner[key])


def _refuse_duplicates(document: Section, path: Path) -> None:
    for section, what in _INNER.items():
        seen: set[str | None] = set()
        for entry in document.get(section) or ():
            if entry.get("name") in seen:
                raise ConfigError(f'error loading config file "{path}": duplicate {what} "{entry.get("name")}"')
            seen.add(entry.get("name"))


def _merge(documents: list[Section]) -> Section:
    """Put several files into one: the first that says something is right."""
    merged: Section = {"current-context": "", "clusters": {}, "users": {}, "contexts": {}}
    for document in documents:
        merged["current-context"] = merged["current-context"] or document.get("current-context") or ""
        for section, key in _INNER.items():
            for entry in document.get(section) or ():
                merged[section].setdefault(entry.get("name"), entry.get(key) or {})
    return merged


def _named(merged: Section, section: str, name: str, *, context: str | None = None) -> Section:
    try:
        found: Section = merged[section][name]
    except KeyError:
        if context is None:
            problem = f'context "{name}" does not exist'
        else:
            problem = f'{_INNER[section]} "{name}" was not found for context "{context}"'
        raise ConfigError(f"{problem}; choose from {_names(merged[section])}") from None
    return found


def _names(section: Section) -> str:
    return ", ".join(map(repr, sorted(section))) or "(none)"


def _cluster_faults(name: str, cluster: Section) -> list[str]:
    faults = []
    if not cluster.get("server"):
        faults.append(f'no server found for cluster "{name}"')
    if cluster.get("certificate-authority") and cluster.get("certificate-authority-data"):
        faults.append(
            f"certificate-authority-data and certificate-authority are both specified for {name}. "
            f"certificate-authority-data will override."
        )
    proxy = cluster.get("proxy-url")
    if proxy and urlsplit(proxy).scheme not in _PROXIES:
        faults.append(
            f'invalid \'proxy-url\' for cluster "{name}": unsupported scheme "{urlsplit(proxy).scheme}", '
            f"must be http, https, or socks5"
        )
    return faults


def _user_faults(name: str, user: Section) -> list[str]:
    methods = [
        method
        for method, given in (
            ("token", user.get("token") or user.get("tokenFile")),
            ("basicAuth", user.get("username") or user.get("password")),
        )
        if given
    ]
    faults = []
    if len(methods) > 1:
        faults.append(
            f"more than one authentication method found for {name}; found [{' '.join(methods)}], only one is allowed"
        )
    if user.get("client-certificate") and user.get("client-certificate-data"):
        faults.append(
            f"client-cert-data and client-cert are both specified for {name}. client-cert-data will override."
        )
    if user.get("client-key") and user.get("client-key-data"):
        faults.append(f"client-key-data and client-key are both specified for {name}; client-key-data will override")
    has_certificate = user.get("client-certificate") or user.get("client-certificate-data")
    if has_certificate and not (user.get("client-key") or user.get("client-key-data")):
        faults.append(
            f"client-key-data or client-key must be specified for {name} to use the clientCert authentication method."
        )
    if not user.get("as") and any(user.get(key) for key in ("as-uid", "as-groups", "as-user-extra")):
        faults.append(f"requesting uid, groups or user-extra for {name} without impersonating a user")
    return faults


def _config(context: Section, cluster: Section, user: Section) -> Config:
    server = cluster["server"].rstrip("/")
    return Config(
        server=server,
        namespace=context.get("namespace") or "default",
        # As client-go: what is secret does not go over a line that anybody can read.
        credentials=_credentials(user) if server.startswith("https:") else Anonymous(),
        ca_pem=_decoded(cluster, "certificate-authority-data"),
        ca_file=cluster.get("certificate-authority"),
        client_cert_pem=_decoded(user, "client-certificate-data"),
        client_key_pem=_decoded(user, "client-key-data"),
        client_cert_file=user.get("client-certificate"),
        client_key_file=user.get("client-key"),
        tls_server_name=cluster.get("tls-server-name"),
        insecure=_flag(cluster, "insecure-skip-tls-verify"),
        proxy_url=cluster.get("proxy-url"),
        headers=_impersonation(user),
    )


def _credentials(user: Section) -> Credentials:
    if user.get("tokenFile"):  # it wins over an inline token, as in client-go
        return TokenFile(Path(user["tokenFile"]))
    if user.get("token"):
        return Token(user["token"])
    if user.get("username"):
        return BasicAuth(user["username"], user.get("password") or "")
    if user.get("client-certificate") or user.get("client-certificate-data"):
        return Anonymous()  # the certificate says who it is, and exec is not even run
    for unsupported in ("exec", "auth-provider"):
        if user.get(unsupported):
            raise ConfigError(
                f"kubeconfig: the user's {unsupported!r} is not supported; use a token or a client certificate"
            )
    return Anonymous()


def _impersonation(user: Section) -> list[tuple[str, str]]:
    headers = [("Impersonate-User", user.get("as")), ("Impersonate-Uid", user.get("as-uid"))]
    headers += [("Impersonate-Group", group) for group in user.get("as-groups") or ()]
    for key, values in (user.get("as-user-extra") or {}).items():
        headers += [(f"Impersonate-Extra-{quote(key, safe=_HEADER_TOKEN)}", value) for value in values or ()]
    return [(name, value) for name, value in headers if value]


def _flag(section: Section, key: str) -> bool:
    text = str(section.get(key) or "").lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    raise ConfigError(f"kubeconfig: {key}: {text!r} is neither 'true' nor 'false'")


def _decoded(section: Section, key: str) -> str | None:
    value = section.get(key)
    if not value:
        return None
    try:
        text = base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise ConfigError(f"kubeconfig: {key} is not base64 of PEM") from error
    return text if text.endswith("\n") else f"{text}\n"
