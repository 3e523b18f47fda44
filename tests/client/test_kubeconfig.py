import base64

import pytest
import yaml

from kubecrd.client.config import Config
from kubecrd.client.credentials import BasicAuth, Token, TokenFile
from kubecrd.client.incluster import in_cluster
from kubecrd.client.kubeconfig import load_kubeconfig
from kubecrd.errors import ConfigError

SECRET = "hunter2"


def document(user=None, cluster=None, context=None, name="a"):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **(context or {})}}],
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}:6443", **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
    }


@pytest.fixture
def write(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))

    def write(*documents, name="config"):
        path = tmp_path / name
        path.write_text(yaml.safe_dump_all(documents))
        return path

    return write


def test_the_current_context_says_server_and_namespace(write):
    config = load_kubeconfig(write(document(context={"namespace": "shop"})))

    assert (config.server, config.namespace) == ("https://a:6443", "shop")


def test_another_context_may_be_chosen(write):
    path = write(document(name="a"), document(name="b"))

    assert load_kubeconfig(path, context="b").server == "https://b:6443"


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        ({"token": SECRET}, Token(SECRET)),
        ({"username": "ann", "password": SECRET}, BasicAuth("ann", SECRET)),
    ],
)
def test_a_user_has_credentials(write, user, credentials):
    assert load_kubeconfig(write(document(user))).credentials == credentials


def test_a_token_file_is_found_beside_the_kubeconfig_and_read_again_each_minute(write, tmp_path):
    (tmp_path / "token").write_text("first\n")
    credentials = load_kubeconfig(write(document({"tokenFile": "token"}))).credentials
    now = 0.0
    timed = TokenFile(credentials.path, clock=lambda: now)
    assert timed.headers() == {"Authorization": "Bearer first"}

    (tmp_path / "token").write_text("second")
    assert timed.headers() == {"Authorization": "Bearer first"}
    now = 60.0
    assert timed.headers() == {"Authorization": "Bearer second"}


def test_the_last_token_is_kept_while_its_file_cannot_be_read(tmp_path):
    path, now = tmp_path / "token", 0.0
    path.write_text("first")
    credentials = TokenFile(path, clock=lambda: now)
    credentials.headers()

    path.unlink()
    now = 100.0

    assert credentials.headers() == {"Authorization": "Bearer first"}


def test_inline_data_wins_over_a_file(write):
    data = base64.b64encode(b"PEM").decode()
    config = load_kubeconfig(
        write(document(cluster={"certificate-authority-data": data, "certificate-authority": "ca.crt"}))
    )

    assert (config.ca_pem, config.ca_file) == ("PEM\n", None)


def test_paths_are_relative_to_the_file_that_names_them(write, tmp_path):
    config = load_kubeconfig(write(document(cluster={"certificate-authority": "ca.crt"})))

    assert config.ca_file == str(tmp_path / "ca.crt")


def test_of_several_files_the_first_that_says_something_is_right(write, monkeypatch):
    first, second = write(document(name="a"), name="1"), write(document(name="b"), document(name="a"), name="2")
    monkeypatch.setenv("KUBECONFIG", f"{first}:{second}:/does/not/exist")

    assert load_kubeconfig().server == "https://a:6443"
    assert load_kubeconfig(context="b").server == "https://b:6443"


def test_impersonation_becomes_headers(write):
    assert load_kubeconfig(write(document({"as": "ann"}))).headers == {"Impersonate-User": "ann"}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: load_kubeconfig("/does/not/exist"), "/does/not/exist: No such file or directory"),
        (
            lambda write: load_kubeconfig(write(document()), context="z"),
            "kubeconfig: there is no context 'z'; choose from 'a'",
        ),
        (
            lambda write: load_kubeconfig(write({**document(), "clusters": []})),
            "kubeconfig: there is no cluster 'a'; choose from (none)",
        ),
        (
            lambda write: load_kubeconfig(write(document(cluster={"server": ""}))),
            "kubeconfig: the cluster has no server",
        ),
        (
            lambda write: load_kubeconfig(write(document({"exec": {"command": "x"}}))),
            "kubeconfig: the user's 'exec' is not supported; use a token or a client certificate",
        ),
        (
            lambda write: load_kubeconfig(write(document(cluster={"certificate-authority-data": "%"}))),
            "kubeconfig: certificate-authority-data is not base64",
        ),
    ],
)
def test_what_cannot_be_used_says_what_and_where(write, make, message):
    with pytest.raises(ConfigError) as caught:
        make(write)

    assert str(caught.value) == message


def test_a_kubeconfig_that_is_not_yaml_does_not_show_its_text(tmp_path):
    path = tmp_path / "config"
    path.write_text(f"users:\n- token: {SECRET}\n  : [\n")

    with pytest.raises(ConfigError) as caught:
        load_kubeconfig(path)

    assert "line" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("user", [{"token": SECRET}, {"username": "ann", "password": SECRET}])
def test_secrets_are_not_shown(write, user):
    assert SECRET not in repr(load_kubeconfig(write(document(user))))


def test_a_pod_has_its_service_account(tmp_path):
    for name, text in (("token", SECRET), ("ca.crt", "PEM"), ("namespace", "shop\n")):
        (tmp_path / name).write_text(text)
    environment = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}

    config = in_cluster(environment, tmp_path)

    assert (config.server, config.namespace) == ("https://[fd00::1]", "shop")
    assert config.credentials.headers() == {"Authorization": f"Bearer {SECRET}"}


def test_without_any_configuration_both_reasons_are_told(write, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    with pytest.raises(ConfigError, match=r"^no configuration: no kubeconfig at .*; and not in a cluster: KUBERNETES_"):
        Config.infer()
