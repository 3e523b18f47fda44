"""Whom to trust, and as whom to be trusted: the TLS context of a configuration."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Never

from kubecrd.errors import ConfigError

if TYPE_CHECKING:
    from .config import Config

__all__ = ["ssl_context"]


def ssl_context(config: Config) -> ssl.SSLContext | None:
    """Make the TLS context for *config*; None when its server does not speak TLS.

    Raises:
        ConfigError: a certificate or key cannot be read, or the key needs a password.
    """
    if not config.server.startswith("https:"):
        return None
    try:
        context = ssl.create_default_context(cadata=config.ca_pem, cafile=config.ca_file)
        # Python 3.13 refuses certificates without key usage and the like, which the authorities of many clusters are.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if config.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        _load_client_certificate(context, config)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{config.server}: the certificates cannot be read: {error}") from error
    return context


def _load_client_certificate(context: ssl.SSLContext, config: Config) -> None:
    if not (config.client_cert_pem or config.client_cert_file):
        return
    # Python's ssl reads a client certificate from files only; the key is on the disk no longer than that takes.
    with tempfile.TemporaryDirectory(prefix="kubecrd-") as folder:
        certificate, key = config.client_cert_file, config.client_key_file
        if config.client_cert_pem:
            certificate = _written(Path(folder, "certificate.pem"), config.client_cert_pem)
        if config.client_key_pem:
            key = _written(Path(folder, "key.pem"), config.client_key_pem)
        assert certificate is not None
        context.load_cert_chain(certificate, key, password=_no_password)


def _written(path: Path, text: str) -> str:
    path.touch(mode=0o600)
    path.write_text(text)
    return str(path)


def _no_password() -> Never:
    # Without this, OpenSSL asks on the terminal.
    raise ConfigError("the client's key is encrypted; give one without a password")
