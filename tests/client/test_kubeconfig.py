"""Kubeconfig files: which are read, how they are put together, and what is refused in which words."""

import base64
import textwrap

import pytest
from attrs import evolve

from kubecrd import Config
from kubecrd.client.credentials import Anonymous, BasicAuth, Token, TokenFile
from kubecrd.client.kubeconfig import load_kubeconfig
from kubecrd.errors import ConfigError

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def kubeconfig(user="{}", cluster="{server: https://c.example}", context="{cluster: c, user: u}"):
    return textwrap.dedent(f"""\
        apiVersion: v1
        kind: Config
        current-context: x
        clusters: [{{name: c, cluster: {cluster}}}]
        users: [{{name: u, user: {user}}}]
        contexts: [{{name: x, context: {context}}}]
        """)


@pytest.fixture
def load(tmp_path):
    def load(text, **options):
        path = tmp_path / "config"
        path.write_text(text)
        return load_kubeconfig(path, **options)

    return load


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine without any configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_current_context_says_which_cluster_and_namespace(load):
    config = load(kubeconfig(context="{cluster: c, user: u, namespace: kitchen}"))

    assert (config.server, config.namespace) == ("https://c.example", "kitchen")


def test_a_context_without_a_namespace_means_default(load):
    assert load(kubeconfig()).namespace == "default"


def test_another_context_may_be_chosen(load):
    text = kubeconfig() + "- {name: y, context: {cluster: c}}\n"
    text = text.replace("contexts: [{name: x, context: {cluster: c, user: u}}]", "contexts:\n- {name: x, context: {}}")

    assert load(text, context="y").server == "https://c.example"


@pytest.mark.parametrize(
    ("user", "credentials"),
    [
        ("{}", Anonymous()),
        ("{token: secret}", Token("secret")),
        ("{token: 123}", Token("123")),
        ("{username: joe, password: yes}", BasicAuth("joe", "yes")),
        ("{token: secret, tokenFile: /token}", TokenFile("/token")),
    ],
)
def test_a_user_has_credentials(load, user, credentials):
    found = load(kubeconfig(user=user)).credentials

    assert type(found) is type(credentials)
    assert repr(found).replace("PosixPath(", "").replace(")", "") == repr(credentials).replace(")", "")
    if not isinstance(found, TokenFile):
        assert found.headers() == credentials.headers()


def test_credentials_do_not_go_over_a_line_that_anybody_can_read(load):
    config = load(kubeconfig(user="{token: secret}", cluster="{server: http://c.example}"))

    assert config.credentials == Anonymous()


def test_certificates_in_the_file_are_decoded(load):
    data = base64.b64encode(PEM.encode()).decode()
    config = load(
        kubeconfig(
            cluster=f"{{server: https://c, certificate-authority-data: {data}}}",
            user=f"{{client-certificate-data: {data}, client-key-data: {data}}}",
        )
    )

    assert (config.ca_pem, config.client_cert_pem, config.client_key_pem) == (PEM, PEM, PEM)


def test_files_are_found_beside_the_kubeconfig(load, tmp_path):
    config = load(
        kubeconfig(
            cluster="{server: https://c, certificate-authority: ca.crt}",
            user="{client-certificate: me.crt, client-key: /abs/me.key}",
        )
    )

    assert config.ca_file == str(tmp_path / "ca.crt")
    assert (config.client_cert_file, config.client_key_file) == (str(tmp_path / "me.crt"), "/abs/me.key")


def test_a_cluster_says_how_it_is_reached(load):
    config = load(
        kubeconfig(
            cluster="{server: https://c/k8s/, insecure-skip-tls-verify: true, tls-server-name: n, proxy-url: http://p}"
        )
    )

    assert config.server == "https://c/k8s"
    assert (config.insecure, config.tls_server_name, config.proxy_url) == (True, "n", "http://p")


def test_impersonation_goes_with_every_request(load):
    config = load(kubeconfig(user='{as: joe, as-uid: "7", as-groups: [a, b], as-user-extra: {x/y: [1, 2]}}'))

    assert config.headers == (
        ("Impersonate-User", "joe"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-x%2Fy", "1"),
        ("Impersonate-Extra-x%2Fy", "2"),
    )


def test_of_several_files_the_first_that_says_something_is_right(monkeypatch, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("users: [{name: u, user: {token: first}}]")
    second.write_text(kubeconfig(user="{token: second, as: joe}"))
    monkeypatch.setenv("KUBECONFIG", f"{first}:{tmp_path / 'missing'}:{second}")

    config = load_kubeconfig()

    assert config.credentials == Token("first")
    assert config.headers == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Foo", 'kind is "Foo", expected "Config"'),
        ("[1]", "it is a list, expected a mapping"),
        ("a: b: c", ", line 1: this is not YAML"),
        ("users: [{name: u}, {name: u}]", 'duplicate user "u"'),
        (kubeconfig().replace("current-context: x", ""), "there is no current-context; choose from 'x'"),
        (kubeconfig().replace("context: x", "context: z"), "context \"z\" does not exist; choose from 'x'"),
        (
            kubeconfig(context="{cluster: v}"),
            'cluster "v" was not found for context "x"; choose from \'c\'',
        ),
        (
            kubeconfig(context="{cluster: c, user: v}"),
            'user "v" was not found for context "x"; choose from \'u\'',
        ),
        (
            kubeconfig(cluster="{server: https://c, certificate-authority: f, certificate-authority-data: QQ==}"),
            (
                "invalid configuration: certificate-authority-data and certificate-authority are both specified for c. "
                "certificate-authority-data will override."
            ),
        ),
        (kubeconfig(cluster="{}"), 'invalid configuration: no server found for cluster "c"'),
        (
            kubeconfig(user="{token: t, username: n, client-certificate: f}"),
            (
                "invalid configuration: [more than one authentication method found for u; found [token basicAuth], "
                "only one is allowed, client-key-data or client-key must be specified for u to use the clientCert "
                "authentication method.]"
            ),
        ),
        (
            kubeconfig(cluster="{server: https://c, proxy-url: ftp://p}"),
            (
                'invalid configuration: invalid \'proxy-url\' for cluster "c": unsupported scheme "ftp", '
                "must be http, https, or socks5"
            ),
        ),
        (
            kubeconfig(user="{as-uid: 7}"),
            "invalid configuration: requesting uid, groups or user-extra for u without impersonating a user",
        ),
        (
            kubeconfig(user="{exec: {command: aws}}"),
            "kubeconfig: the user's 'exec' is not supported; use a token or a client certificate",
        ),
        (
            kubeconfig(cluster="{server: https://c, certificate-authority-data: '***'}"),
            "kubeconfig: certificate-authority-data is not base64 of PEM",
        ),
        (
            kubeconfig(cluster="{server: https://c, insecure-skip-tls-verify: perhaps}"),
            "kubeconfig: insecure-skip-tls-verify: 'perhaps' is neither 'true' nor 'false'",
        ),
        (
            kubeconfig(cluster="{server: https://c, insecure-skip-tls-verify: true, certificate-authority: f}"),
            "specifying a root certificates file with the insecure flag is not allowed",
        ),
        (
            kubeconfig(cluster="{server: 'c.example:6443'}"),
            "server: 'c.example:6443' is no URL; did you mean 'https://c.example:6443'?",
        ),
    ],
    ids=lambda value: value.splitlines()[0][-40:],
)
def test_what_cannot_be_used_is_refused(load, text, message):
    with pytest.raises(ConfigError) as refused:
        load(text)

    assert str(refused.value).endswith(message)


def test_a_file_that_is_not_yaml_is_not_quoted(load):
    with pytest.raises(ConfigError) as refused:
        load("users: [{name: u, user: {token: s3cret}")

    assert "s3cret" not in str(refused.value)


def test_secrets_are_not_shown(load):
    data = base64.b64encode(b"s3cret").decode()
    config = load(
        kubeconfig(
            user=f"{{token: s3cret, client-certificate: f, client-key-data: {data}}}",
            cluster="{server: https://c, proxy-url: 'http://joe:s3cret@p'}",
        )
    )

    assert "s3cret" not in repr(config)
    assert "s3cret" not in repr(evolve(config, headers={"Authorization": "s3cret"}))


def test_without_any_configuration_both_reasons_are_told(nowhere):
    with pytest.raises(ConfigError) as refused:
        Config.infer()

    assert str(refused.value) == (
        f"no configuration: no kubeconfig at {nowhere}/.kube/config; set KUBECONFIG, or give a path; and not in a "
        f"cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"
    )


def test_a_kubeconfig_that_is_broken_is_not_passed_over(nowhere, monkeypatch):
    (nowhere / "broken").write_text("current-context: z")
    monkeypatch.setenv("KUBECONFIG", str(nowhere / "broken"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")

    with pytest.raises(ConfigError, match=r'^context "z" does not exist; choose from \(none\)$'):
        Config.infer()
