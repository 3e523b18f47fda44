"""The embedded server as a process, for commands that read a cluster."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def serving(project, kubeconfig: str = "kc"):
    """Run a server that writes *kubeconfig* into the project, and give its URL."""
    command = [sys.executable, "-m", "kubecrd", "server", "--kubeconfig", kubeconfig]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=project.folder) as process:
        try:
            yield process.stdout.readline().removeprefix("Listening on ").rstrip("\n")
        finally:
            process.kill()
