"""``kubecrd server`` in a process of its own, as kubectl and scripts meet it."""

from __future__ import annotations

import re
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest

from kubecrd.client._httpx import httpx
from kubecrd.client.config import Config

COMMAND = [sys.executable, "-m", "kubecrd"]
NAMESPACES = "/api/v1/namespaces"


@contextmanager
def started(*arguments: str):
    """The command, and the first line that it prints."""
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


def url_of(line: str) -> str:
    return line.removeprefix("Listening on ").rstrip("\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_line_says_where_and_a_signal_ends_it_well(project, number):
    with started("server") as (process, line):
        assert re.fullmatch(r"Listening on http://127\.0\.0\.1:[0-9]+\n", line)
        assert httpx.get(f"{url_of(line)}{NAMESPACES}/default").status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert (process.returncode, out, err) == (0, "", "")


def test_the_kubeconfig_is_there_when_the_first_line_is(project):
    with started("server", "--kubeconfig", "my kc") as (process, line):
        config = Config.from_kubeconfig("my kc")
        second = process.stdout.readline()

    assert config.server == url_of(line)
    assert second == "Try: kubectl --kubeconfig 'my kc' get namespaces\n"
    assert stat.S_IMODE((project.folder / "my kc").stat().st_mode) == 0o600


def test_a_data_dir_keeps_what_was_written(project):
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}}
    with started("server", "--data-dir", "data") as (_, line):
        made = httpx.post(url_of(line) + NAMESPACES, json=body)
        assert made.status_code == 201

    with started("server", "--data-dir", "data") as (_, line):
        found = httpx.get(f"{url_of(line)}{NAMESPACES}/kept").json()

    assert found["metadata"]["uid"] == made.json()["metadata"]["uid"]


def test_a_data_dir_that_is_in_use_is_refused_at_once(project):
    with started("server", "--data-dir", "data"):
        second = subprocess.run(
            [*COMMAND, "server", "--data-dir", "data"], capture_output=True, text=True, timeout=20, check=False
        )

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == (
        "Error: data directory 'data': another server uses it; stop that one, or choose another folder\n"
    )


def test_a_port_that_is_taken_is_refused_without_a_traceback(project):
    with started("server") as (_, line):
        port = url_of(line).rpartition(":")[2]
        second = subprocess.run(
            [*COMMAND, "server", "--port", port], capture_output=True, text=True, timeout=20, check=False
        )

    assert second.returncode == 1
    assert second.stderr == (
        f"Error: 127.0.0.1:{port}: Address already in use; choose another port, or 0 for any free one\n"
    )


def test_a_kubeconfig_that_cannot_be_written_ends_it(project):
    done = subprocess.run(
        [*COMMAND, "server", "--kubeconfig", "missing/kc"], capture_output=True, text=True, timeout=20, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: kubeconfig 'missing/kc': No such file or directory\n"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")
def test_kubectl_takes_the_kubeconfig(project):
    with started("server", "--kubeconfig", "kc"):
        done = subprocess.run(
            ["kubectl", "--kubeconfig", "kc", "get", "--raw", f"{NAMESPACES}/default"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert '"name":"default"' in done.stdout
