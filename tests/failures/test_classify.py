"""What the shipped patterns say of messages: known ones get their code, healthy log lines get none."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dagster_project.failures.classify import Classifier
from dagster_project.failures.measure import command, macro_f1, measure, read_labelled, with_measured
from dagster_project.failures.model.labels import HEALTHY, SHIPPED_LABELS, read_labels
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy

CLASSIFIER = Classifier(parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped"))
LABELS = read_labels(None)

SETTINGS = (
    (None, None),
    ("agent_runner", "execute"),
    ("agent_runner", "config"),
    ("llm_api", "llm_call"),
    ("tool", "tool_call"),
    ("browser", "tool_call"),
    ("git", "build"),
    ("messaging", "deliver"),
    ("agent_runner", "retrieve"),
)


def code_of(message: str) -> str | None:
    pattern = CLASSIFIER.first_match(message)
    return pattern and pattern.code


def test_what_tools_print_gets_its_code_from_patterns_or_is_left_to_the_model():
    errors = read_labelled(SHIPPED_LABELS[0])
    assert len(errors) > 6900
    told = [(label, code) for label in errors if (code := code_of(label.message))]
    wrong = [label for label, code in told if code != label.code]
    assert len(told) >= len(errors) * 4 // 5
    assert len(wrong) <= len(told) // 10, wrong


def test_patterns_alone_mistake_few_healthy_lines():
    """A third of the lines are worded to mislead. Most of the rest the model takes for healthy: its verdict holds what
    is left, of lines not seen, to 1 %.
    """
    lines = [label.message for label in LABELS if label.code == HEALTHY]
    hits = [
        line
        for line in lines
        if any(CLASSIFIER.first_match(line, source=source, phase=phase) for source, phase in SETTINGS)
    ]
    assert len(lines) > 4300
    assert len(hits) <= len(lines) * 6 // 100, hits


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("tests finished: 0 errors, 12 passed", None),
        ("tests finished: 0 errors, connection refused by db:5432", "NET.CONN_REFUSED"),
        ('{"status": 200, "error": null}', None),
        ('{"status": 503, "error": null}', "NET.UPSTREAM_5XX"),
        ("switched to branch fix/oom-kill", None),
        ("cannot switch to branch fix/oom-kill: No space left on device", "ENV.DISK_FULL"),
    ],
)
def test_words_that_deny_a_failure_hide_no_other(line: str, code: str | None):
    assert code_of(line) == code


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("2026-03-01 09:00:00 INFO [worker-7] Worker w-2 was stopped by its timer", None),
        ("17/06/09 20:11:09 INFO executor.Backend: worker lost its turn", "SCHED.WORKER_LOST"),
        ("app.pool - DEBUG - connect ECONNREFUSED 10.0.0.1:80 (refused)", "NET.CONN_REFUSED"),
        ("2026-03-01 09:00:00 INFO Agent stopped after reaching max iterations (100)", "LOOP.STEP_LIMIT"),
        ("2026-03-01 09:00:00 INFO cleaned up 3 expired sessions", None),
    ],
)
def test_a_line_below_a_warning_gets_a_code_only_where_it_names_a_failure(line: str, code: str | None):
    assert code_of(line) == code


def test_the_log_envelope_does_not_change_the_code():
    line = "2026-03-01 09:00:00,123 ERROR [worker-7] app.net - connect ECONNREFUSED 10.0.0.1:80"
    assert CLASSIFIER.classify(line).code == "NET.CONN_REFUSED"


def test_an_unknown_message_has_no_confidence_and_no_pattern():
    found = CLASSIFIER.classify("the teapot whistled")
    assert (found.code, found.confidence, found.matched_pattern) == ("UNKNOWN.UNCLASSIFIED", 0.0, None)


def test_every_match_is_kept_as_evidence_and_the_first_decides():
    found = CLASSIFIER.classify("HTTP 429: too many requests; the socket timed out")
    assert found.code == "RATE.LIMITED"
    assert found.matched_pattern == found.all_matches[0]
    assert any(match.startswith("TIMEOUT.REQUEST/") for match in found.all_matches)


def test_a_pattern_bound_to_a_source_is_tried_there_only():
    assert CLASSIFIER.classify("timed out", source="browser").code == "TOOL.BROWSER_TIMEOUT"
    assert CLASSIFIER.classify("timed out", source="http_client").code == "TIMEOUT.REQUEST"


def test_macro_f1_is_the_mean_over_true_codes():
    # a: TP 1, FP 1, FN 0 → 2/3; b: TP 1, FP 0, FN 1 → 2/3; c: never found → 0. Mean 4/9.
    assert macro_f1([("a", "a"), ("b", "a"), ("b", "b"), ("c", "d")]) == pytest.approx(4 / 9)


def test_labelled_errors_are_told_apart_and_the_stored_counts_are_those_measured(shared: Path):
    content = SHIPPED_FILE.read_text(encoding="utf-8")
    found = measure(CLASSIFIER.taxonomy, read_labelled(shared / "fixtures/failures/errors_dev.csv"))
    assert found.accuracy >= 0.9
    assert found.macro_f1 >= 0.9
    assert found.unknown_share <= 0.1
    assert with_measured(content, found) == content


def test_the_measuring_command_prints_shares_of_a_labelled_file(tmp_path: Path):
    labelled = tmp_path / "labelled.csv"
    labelled.write_text(
        "message,source,phase,code\n"
        "socket hang up,http_client,llm_call,NET.CONN_RESET\n"
        "the teapot whistled,,,NET.DNS\n",
        encoding="utf-8",
    )
    printed = CliRunner().invoke(command, [str(labelled)]).output
    # CONN_RESET: F1 1; DNS: never found, F1 0.
    assert printed == "2 errors: accuracy 0.5000, macro-F1 0.5000, unknown 0.5000\n"
