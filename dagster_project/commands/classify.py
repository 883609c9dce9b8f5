"""`reliability classify`: error messages in, codes out, one JSON object a line."""

import sys
from collections.abc import Iterator

import click
import msgspec

from dagster_project.commands.show import schema_option
from dagster_project.errors import UsageError
from dagster_project.failures.classify import Classification, Classifier
from dagster_project.failures.model.judgement import second_opinion
from dagster_project.failures.validation import load_taxonomy
from dagster_project.settings import Settings


class _Line(msgspec.Struct):
    """One message to classify; unknown keys are allowed, so that whole error records can be piped in."""

    message: str
    source: str | None = None
    phase: str | None = None


class _Refusal(msgspec.Struct):
    """What is written in place of a line that cannot be read."""

    error: str
    line_number: int


@click.command()
@schema_option(Classification | _Refusal, of="a line that is written")
def command() -> None:
    """Classify JSON lines {"message", "source", "phase"} from standard input.

    Each line gives one line: code, confidence (0 when unknown), matched_pattern, classifier_version, all_matches and
    fingerprint; a line that cannot be read gives {"error", "line_number"}, and the exit code is 2 at the end.
    """
    settings = Settings.from_environment()
    classifier = Classifier(load_taxonomy(settings), second=second_opinion(settings))
    refused = 0
    for line_number, line in _numbered_lines():
        try:
            request = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            refused += 1
            answer: msgspec.Struct = _Refusal(error=str(error), line_number=line_number)
        else:
            answer = classifier.classify(request.message, source=request.source, phase=request.phase)
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    if refused:
        lines = "1 line" if refused == 1 else f"{refused} lines"
        raise UsageError(
            f"{lines} of standard input could not be read.",
            remedy='Each line is one JSON object with a text "message" and, optionally, "source" and "phase".',
        )


def _numbered_lines() -> Iterator[tuple[int, bytes]]:
    """Lines of standard input with content, numbered from 1."""
    for line_number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            yield line_number, line
