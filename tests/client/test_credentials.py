"""Who a client is: headers, files that change, and the service account of a pod."""

import pytest

from kubecrd.client.credentials import Anonymous, BasicAuth, Token, TokenFile
from kubecrd.client.incluster import in_cluster
from kubecrd.errors import ConfigError


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "token").write_text("abc\n")
    (tmp_path / "ca.crt").write_text("certificate")
    (tmp_path / "namespace").write_text("kitchen\n")
    return tmp_path


@pytest.mark.parametrize(
    ("credentials", "headers"),
    [
        (Anonymous(), {}),
        (Token("abc\n"), {"Authorization": "Bearer abc"}),
        (BasicAuth("joe", "pässword"), {"Authorization": "Basic am9lOnDDpHNzd29yZA=="}),
    ],
    ids=repr,
)
def test_credentials_are_headers(credentials, headers):
    assert credentials.headers() == headers


@pytest.mark.parametrize("credentials", [Token("s3cret"), BasicAuth("joe", "s3cret")])
def test_secrets_are_not_shown(credentials):
    assert "s3cret" not in repr(credentials)


def test_a_token_file_is_read_again_after_a_while(folder, clock):
    credentials = TokenFile(folder / "token", clock)
    assert credentials.headers() == {"Authorization": "Bearer abc"}
    (folder / "token").write_text("new")

    clock.now = 49.9
    assert credentials.headers() == {"Authorization": "Bearer abc"}
    clock.now = 50
    assert credentials.headers() == {"Authorization": "Bearer new"}


@pytest.mark.parametrize("break_it", [lambda path: path.unlink(), lambda path: path.write_text("")])
def test_the_last_token_is_kept_while_the_file_is_of_no_use(folder, clock, caplog, break_it):
    credentials = TokenFile(folder / "token", clock)
    credentials.headers()
    break_it(folder / "token")
    clock.now = 60

    assert credentials.headers() == {"Authorization": "Bearer abc"}
    assert "the last token is kept" in caplog.text


def test_a_token_file_that_was_never_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r'^failed to read token file ".*/token": No such file or directory$'):
        TokenFile(tmp_path / "token").headers()


def test_an_empty_token_file_is_an_error(tmp_path):
    (tmp_path / "token").write_text(" \n")

    with pytest.raises(ConfigError, match=r'^read empty token from file ".*/token"$'):
        TokenFile(tmp_path / "token").headers()


@pytest.mark.parametrize(
    ("host", "port", "server"),
    [
        ("10.0.0.1", "443", "https://10.0.0.1"),
        ("10.0.0.1", "6443", "https://10.0.0.1:6443"),
        ("fd00::1", "6443", "https://[fd00::1]:6443"),
    ],
)
def test_a_pod_finds_its_server(folder, host, port, server):
    config = in_cluster({"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}, folder)

    assert config.server == server


def test_a_pod_has_a_service_account(folder):
    config = in_cluster({"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "443"}, folder)

    assert config.credentials.headers() == {"Authorization": "Bearer abc"}
    assert config.ca_file == str(folder / "ca.crt")
    assert config.namespace == "kitchen"


def test_a_pod_without_a_token_is_told_so(folder):
    (folder / "token").unlink()

    with pytest.raises(ConfigError, match=r"/token cannot be read; mount the service account's token$"):
        in_cluster({"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "443"}, folder)
