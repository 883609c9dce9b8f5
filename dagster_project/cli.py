"""The `reliability` command: a table of contents; each command's module is imported only when it is called."""

import importlib
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from dagster_project.errors import ReliabilityError
from dagster_project.without_pandas import pandas_left_out

COMMANDS: dict[str, str] = {
    "run": "Land, build, audit, publish and export: the main job.",
    "receive": "Take OpenTelemetry spans over HTTP into the inbox.",
    "land": "Land log files into immutable Parquet, with a ledger that adds up.",
    "build": "Derive the warehouse from what has landed, in a private file.",
    "publish": "Audit the build and switch the published snapshot to it.",
    "export": "Write training datasets from the published snapshot.",
    "compact": "Merge small landed files, day by day.",
    "retain": "Remove what may live no longer, with a tombstone for all of it.",
    "query": "Run read-only SQL over the published snapshot.",
    "top": "List agents by reliability score, with intervals, ties and gates.",
    "agent": "Show everything known of one agent.",
    "trends": "Show an agent day by day, and whether it rises or falls.",
    "suggest": "Advise an agent by the declared rules, with evidence and expected effect.",
    "compare": "Compare the variants of a benchmark suite.",
    "benchmark": "Try a command-line agent on a suite of tasks, and record its runs.",
    "failures": "List what went wrong, by code: how often, for whom, what to do.",
    "triage": "List unknown errors; promote one into the taxonomy.",
    "classify": "Classify error messages from standard input.",
    "taxonomy": "Check the taxonomy of failure codes; write the index of its runbooks.",
    "trace": "Follow an example, run or error back to its original bytes.",
    "verify-export": "Judge a dataset folder; exit 1 on any fault.",
    "status": "Show whether passes succeed, how fresh the marts are, and what the data root weighs.",
    "check": "Run every data-quality check on the current state.",
    "compare-engines": "Build on DuckDB and on Spark, and compare the marts table by table.",
    "simulate": "Write a seeded fleet's raw logs, with the planted truth beside them.",
    "demo": "Simulate a fleet, run everything, and compare what was found with the planted truth.",
    "up": "Start Dagster's webserver and daemon with the schedules on.",
}
"""Every command and its one-line help, in flow order; `commands/<name>.py` holds `command`."""

_DUCKDB_DISK_ERRORS = frozenset(
    {"_duckdb.IOException", "_duckdb.TransactionException", "_duckdb.FatalException"}
)  # met when opening or reading, when committing, and when writing a checkpoint


class LazyGroup(click.Group):
    """Lists commands without importing them: `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dagster_project.commands.{cmd_name.replace('-', '_')}")
        return module.command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def reliability() -> None:
    """Agent run logs in; audited reliability tables and traceable training files out.

    Data lives below RELIABILITY_HOME (default ./data).
    Exit codes: 0 done, 1 a check failed, 2 wrong usage or unreadable input.
    """


def main() -> None:
    """Entry point: turns errors that are no bug into one clear message and an exit code that means something."""
    try:
        with pandas_left_out():
            sys.exit(reliability(standalone_mode=False))
    except click.Abort:
        click.echo("Aborted.", err=True)
        sys.exit(1)
    except click.ClickException as error:
        _tell_usage(error)
        sys.exit(error.exit_code)
    except ReliabilityError as error:
        _tell(error, f"{error}")
        sys.exit(error.exit_code)
    except Exception as error:
        if not _is_of_a_disk(error):
            raise
        _tell(
            error,
            f"A file could not be read or written: {error}. What was whole before stays; repair the cause "
            "and give the same command again.",
        )
        sys.exit(ReliabilityError.exit_code)


def _tell(error: Exception, message: str) -> None:
    """Say it on stderr: as a Problem Details document, on one line, where the command was asked for JSON."""
    if not _asked_for_json(sys.argv):
        click.echo(f"error: {message}", err=True)
        return
    import msgspec

    from dagster_project.problems import problem_of

    command = next((word for word in sys.argv[1:] if word in COMMANDS), "")
    click.echo(msgspec.json.encode(problem_of(error, where=f"reliability {command}".strip())), err=True)


def _tell_usage(error: click.ClickException) -> None:
    """Wrong words on the command line: as click tells them, or as the document that every error is with `--json`."""
    if not _asked_for_json(sys.argv):
        error.show()
        return
    usage = error.ctx.get_usage() if isinstance(error, click.UsageError) and error.ctx else ""
    _tell(ReliabilityError(error.format_message(), remedy=usage), "")


def _asked_for_json(words: Sequence[str]) -> bool:
    """`--json`, or as `query` has it `--format json`: whoever reads the answer reads the error the same way."""
    return "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)


def _is_of_a_disk(error: Exception) -> bool:
    """Whether a disk or a file system said no, to us or to DuckDB, which is named here so as not to be imported."""
    kind = f"{type(error).__module__}.{type(error).__name__}"
    return isinstance(error, OSError) or kind in _DUCKDB_DISK_ERRORS
