"""The command and its subcommands, and what its exit codes mean.

0: it is done. 1: it was refused, failed, or differs from what it was compared with. 2: the command line is wrong, or
an optional part is not installed. 130: it was interrupted.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from kubecrd.errors import KubeError, MissingExtraError

from .about import own_version
from .add import add
from .adopt import adopt
from .cel import cel
from .check import check
from .compare import compare
from .console import complain
from .export import export
from .generate import generate
from .run import run as run_command
from .server import server
from .validate import validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["cli", "run"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(own_version(), prog_name="kubecrd")
def cli() -> None:
    """Kubernetes custom resources from Python classes.

    \b
    Examples:
      kubecrd export shop.models --out crds/            write the definitions as YAML
      kubecrd export shop.models --out crds/ --check    fail in CI when they are not current
      kubecrd generate crds/ --out models               write classes from definitions
      kubecrd add cert-manager.yaml                     keep other people's kinds in a project, with a lock file
      kubecrd adopt shop.models:PizzaSpec               rewrite classes of pydantic, msgspec or dataclasses
      kubecrd check crds/*.yaml                         what the API server says to definitions
      kubecrd validate pizza.yaml --crd shop.models     what it says to objects
      kubecrd compare old.yaml shop.models              what an upgrade breaks
      kubecrd cel 'self.spec.size > 10' --object p.yaml evaluate an expression, or type in many
      kubecrd server --kubeconfig kc                    an API server, without a cluster
      kubecrd run shop.operator:controller --embedded   an operator, on a server that it brings along
    """  # noqa: D301 - \b is click's mark for lines that stay as they are


cli.add_command(export)
cli.add_command(generate)
cli.add_command(add)
cli.add_command(adopt)
cli.add_command(check)
cli.add_command(validate)
cli.add_command(compare)
cli.add_command(cel)
cli.add_command(server)
cli.add_command(run_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; errors of kubecrd are told without a traceback.

    Args:
        arguments: What follows the command's name; those of the process by default.
    """
    try:
        code = cli.main(arguments, prog_name="kubecrd", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return 130
    except BrokenPipeError:
        # Who read us has seen enough; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KubeError as error:
        complain(str(error))
        return 2 if isinstance(error, MissingExtraError) else 1
    except BaseExceptionGroup as group:
        errors = list(_leaves(group))
        if not all(isinstance(error, KubeError) for error in errors):
            raise
        for each in errors:
            complain(str(each))
        return 1
    return code or 0


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error
