"""The model speaks only where patterns are silent, and only while more unseen errors are right with it."""

from pathlib import Path

import duckdb
import msgspec
import pytest
from click.testing import CliRunner

from dagster_project.commands.taxonomy import command
from dagster_project.errors import UsageError
from dagster_project.failures.classify import Classifier, classifier_version
from dagster_project.failures.functions import register
from dagster_project.failures.model.doubt import margin_of_doubt
from dagster_project.failures.model.judgement import (
    SHIPPED_VERDICT,
    Verdict,
    judge,
    keep_verdict,
    second_opinion,
    verdict_on,
)
from dagster_project.failures.model.labels import HEALTHY, LabelledError, labels_version, read_labels
from dagster_project.failures.model.linear import fit
from dagster_project.failures.model.second_opinion import SecondOpinion
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy
from dagster_project.settings import Settings
from tests.failures.test_taxonomy import mode, taxonomy

SHIPPED = parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped")
FOODS = ("soup", "bread", "rice", "salad", "cake", "stew", "pasta", "curry", "pie", "roast", "fish", "tart")
SHOES = ("boots", "clogs", "heels", "sandals", "pumps", "loafers", "slippers", "mules", "brogues", "wedges")


def labels(code: str, text: str, names: tuple[str, ...]) -> list[LabelledError]:
    return [LabelledError(text.format(name), None, None, code) for name in names]


def small_taxonomy():
    known = {"regex": "oven exploded", "matches": ["the oven exploded"]}
    return parse_taxonomy(taxonomy(mode("A.COOK", known), mode("B.WEAR", known | {"regex": "lace tore"})), name="mine")


KITCHEN = labels("A.COOK", "cannot cook the {} any longer", FOODS)
DOUBTED = ["Config loaded from the environment, nothing was changed", "Error: connection refused"]
KNOWN_WHEN_SHORT = {
    "connect ECONNREFUSED 127.0.0.1:5432": "NET.CONN_REFUSED",
    "connection refused by 10.0.0.7 after 30 s": "NET.CONN_REFUSED",
    "Connection refused": "NET.CONN_REFUSED",
    "ETIMEDOUT 10.0.0.7:443": "TIMEOUT.REQUEST",
    "Request timed out.": "TIMEOUT.REQUEST",
    "read ECONNRESET": "NET.CONN_RESET",
    "socket hang up": "NET.CONN_RESET",
    "getaddrinfo EAI_AGAIN db.internal": "NET.DNS",
    "502 Bad Gateway": "NET.UPSTREAM_5XX",
    "429 Too Many Requests": "RATE.LIMITED",
    "rate limited": "RATE.LIMITED",
    'API Error (529 {"type":"summary","error":{"message":"delta"}})': "RATE.OVERLOADED",
    'Error 400 from https://a.example/b {"error":{"message":"zebra"}}': "SCHEMA.REQUEST_INVALID",
    "401 Unauthorized": "AUTH.KEY_INVALID",
    "forbidden": "AUTH.FORBIDDEN",
    "session expired": "AUTH.TOKEN_EXPIRED",
    "disk full": "ENV.DISK_FULL",
    "write ENOSPC": "ENV.DISK_FULL",
    "oomkilled": "ENV.OOM",
    "ENOENT: no such file or directory, open 'a.json'": "ENV.FILE_NOT_FOUND",
    "EACCES: permission denied, open '/etc/app.conf'": "ENV.PERMISSION_DENIED",
    "bash: jq: command not found": "ENV.BINARY_MISSING",
    "No module named 'pandas'": "ENV.DEP_MISSING",
    "deadlock detected": "DATA.DB_DEADLOCK",
    "database is locked": "DATA.LOCKED",
    'relation "orders" does not exist': "DATA.TABLE_MISSING",
    "malformed json": "SCHEMA.OUTPUT_PARSE",
    "ErrImagePull": "INFRA.IMAGE_PULL",
}
SHOP = labels("B.WEAR", "shoe shop error: {} do not fit", SHOES)


def test_a_model_that_tells_unseen_errors_apart_is_in_force():
    verdict = judge(small_taxonomy(), [*KITCHEN, *SHOP, *labels(HEALTHY, "delivered {} on time", FOODS)])
    assert (verdict.error_count, verdict.healthy_count) == (22, 12)
    assert (verdict.pattern_accuracy, verdict.pattern_unknown_share) == (0.0, 1.0)
    assert verdict.model_accuracy == 1.0
    assert verdict.is_in_force
    # 22 right of 22, drawn toward 0.5 by 8 more: 26 / 30.
    assert verdict.confidence == pytest.approx(0.8667)


def test_a_model_that_gives_healthy_lines_a_code_is_not_in_force():
    # Healthy lines that read like the errors, each with its own words: nothing tells them apart.
    healthy = labels(HEALTHY, "cannot cook the {} any longer", SHOES)[:2]
    verdict = judge(small_taxonomy(), [*KITCHEN, *SHOP, *healthy])
    assert verdict.model_accuracy > verdict.pattern_accuracy
    assert verdict.false_hit_share == 1.0
    assert not verdict.is_in_force


def test_a_model_that_wins_nothing_is_not_in_force():
    # Patterns that several messages hit are judged by the others, and know all of these already.
    known = labels("A.COOK", "the oven exploded under the {}", FOODS) + labels("B.WEAR", "the lace tore on {}", SHOES)
    verdict = judge(small_taxonomy(), [*known, *labels(HEALTHY, "delivered {} on time", FOODS)])
    assert verdict.pattern_accuracy == verdict.model_accuracy == 1.0
    assert verdict.answer_precision is None
    assert not verdict.is_in_force


def test_a_pattern_that_only_one_fold_hits_is_not_counted_as_knowledge():
    alone = LabelledError("the oven exploded", None, None, "A.COOK")
    assert judge(small_taxonomy(), [alone, *SHOP, *labels(HEALTHY, "delivered {}", FOODS)]).pattern_accuracy == 0.0


def test_a_label_with_an_unknown_code_is_refused():
    with pytest.raises(UsageError, match=r"Z\.NONE"):
        judge(small_taxonomy(), labels("Z.NONE", "a {}", FOODS))


def test_the_phase_breaks_a_tie():
    model = fit(labels("TOOL.EXEC_FAILED", "cannot use {}", FOODS) + labels("NET.DNS", "cannot use {}", FOODS))
    assert model.code_of("cannot use soup", phase="tool_call") == "TOOL.EXEC_FAILED"
    assert model.code_of("cannot use soup", phase="llm_call") == "NET.DNS"


def test_words_never_seen_meet_seen_ones_in_what_they_mean():
    refused = labels("AUTH.KEY_INVALID", "key of {} refused", FOODS)
    model = fit(refused + labels("ENV.DISK_FULL", "disk of {} filled", FOODS))
    assert model.code_of("they turned the password away") == "AUTH.KEY_INVALID"
    assert model.code_of("no space on the volume") == "ENV.DISK_FULL"


def test_only_the_verdict_of_a_judge_has_a_code_that_runs_are_judged_by():
    judged = labels("PLAN.DERAILED", "judge: drifted from cooking {} to dancing", FOODS)
    model = fit(judged + labels("NET.DNS", "name {} unknown", FOODS))
    assert model.code_of("judge: drifted from baking to dancing") == "PLAN.DERAILED"
    assert model.code_of("drifted from baking to dancing") == "NET.DNS"


def test_a_failure_of_no_known_kind_stays_unknown():
    odd = labels("UNKNOWN.UNCLASSIFIED", "OddError: the {} sang at dawn", SHOES)
    model = fit(odd + labels("NET.DNS", "name {} unknown", FOODS))
    assert model.code_of("OddError: the kettle sang at noon") is None


class Parrot(SecondOpinion):
    """Gives every text it is asked for one code."""

    def code_of(self, text: str, *, phase: str | None = None) -> str | None:
        return "NET.DNS"

    def takes_for_healthy(self, text: str, *, phase: str | None = None, margin: float) -> bool:
        return "teapot" in text


def test_the_model_is_asked_only_where_patterns_are_silent():
    classifier = Classifier(SHIPPED, second=Parrot("m1-x", 0.5, None))
    silent = classifier.classify("the teapot is not well")
    assert (silent.code, silent.confidence, silent.matched_pattern) == ("NET.DNS", 0.5, "model/m1-x")
    assert silent.classifier_version == f"{SHIPPED.version}-m1-x"
    assert classifier.classify("429 Too Many Requests").code == "RATE.LIMITED"
    assert classifier.classify("Upload of batch 12 succeeded").code == "UNKNOWN.UNCLASSIFIED"
    assert classifier_version(SHIPPED, None) == SHIPPED.version


def test_what_the_model_takes_for_healthy_gets_no_code_unless_its_name_tells():
    classifier = Classifier(SHIPPED, second=Parrot("m1-x", 0.5, None))
    doubted = classifier.classify("teapot: connection refused")
    assert (doubted.code, doubted.confidence, doubted.matched_pattern) == ("UNKNOWN.UNCLASSIFIED", 0.0, None)
    assert doubted.all_matches
    assert Classifier(SHIPPED).classify("teapot: connection refused").code == "NET.CONN_REFUSED"
    assert classifier.classify("teapot: Broken DAG: [/dags/daily.py]").code == "ENV.CONFIG_INVALID"


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("abcd", 0.8),
        ("abcd and twelve times", 4 / 21),
        ("1 abcd ..", -0.2 + 4 / 7),
        ("abcd at 10.0.0.7:443", 4 / 7),
        ("error 503: abcd ..", -0.2 + 4 / 15 + 0.8),
        ("EPIPE abcd", -0.2 + 4 / 10 + 0.8),
        ("nothing of it", -0.2),
        ("", -0.2),
    ],
)
def test_a_pattern_is_the_less_doubted_the_more_it_matches(text: str, margin: float):
    assert margin_of_doubt("(?i)ABCD", text) == pytest.approx(margin)


def test_short_messages_that_patterns_know_are_not_taken_for_healthy(settings: Settings):
    classifier = Classifier(SHIPPED, second=second_opinion(settings))
    assert {message: classifier.classify(message).code for message in KNOWN_WHEN_SHORT} == KNOWN_WHEN_SHORT


def test_quoted_words_tell_the_model_and_names_do_not():
    known = [*labels("RATE.OVERLOADED", 'error: {{"message": "no room for {}"}}', FOODS)]
    known += labels("NET.DNS", 'error: {{"message": "not known: {}"}}', FOODS)
    model = fit(known)
    assert model.code_of('error: {"message": "no room for /srv/data/oil4.txt"}') == "RATE.OVERLOADED"
    assert model.code_of('error: {"message": "not known: /srv/data/oil9.txt"}') == "NET.DNS"


def test_the_shipped_model_was_judged_and_is_in_force(settings: Settings):
    version = labels_version(read_labels(None))
    verdict = verdict_on(version, settings)
    assert verdict is not None
    assert verdict.model_version == version
    assert verdict.model_accuracy > verdict.pattern_accuracy
    assert verdict.false_hit_share <= 0.01
    assert second_opinion(settings) == SecondOpinion(version, verdict.confidence, None)


def test_a_model_with_other_labels_is_silent_until_it_is_judged(settings: Settings):
    settings.declarations.mkdir(parents=True)
    own = settings.declarations / "error_labels.csv"
    own.write_text("message,code\nthe kettle is not hot,ENV.OOM\n", encoding="utf-8")
    assert second_opinion(settings) is None
    shipped = msgspec.json.decode(SHIPPED_VERDICT.read_bytes(), type=Verdict)
    kept = msgspec.structs.replace(shipped, model_version=labels_version(read_labels(own)))
    keep_verdict(settings, kept)
    assert second_opinion(settings) == SecondOpinion(kept.model_version, kept.confidence, own)
    keep_verdict(settings, msgspec.structs.replace(kept, is_in_force=False))
    assert second_opinion(settings) is None


def test_a_label_without_a_code_is_named(settings: Settings):
    settings.declarations.mkdir(parents=True)
    own = settings.declarations / "error_labels.csv"
    own.write_text("message,code\nfine,ENV.OOM\nthe kettle is not hot,\n", encoding="utf-8")
    with pytest.raises(UsageError, match="line 3"):
        read_labels(own)


def test_sql_asks_the_same_model(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RELIABILITY_HOME", str(settings.home))
    second = second_opinion(settings)
    assert second is not None
    texts = ["Incorrect syntax near a keyword", "the teapot whistled", "could not find the shared library libfoo"]
    with duckdb.connect() as connection:
        register(connection)
        rows = connection.execute("select failure_model_answer('', unnest(?), null)", [texts]).fetchall()
        sql = "select failure_model_answer('', unnest(?), 'connection|changed')"
        doubted = connection.execute(sql, [DOUBTED]).fetchall()
    margins = [margin_of_doubt("connection|changed", text) for text in DOUBTED]
    assert doubted == [
        (HEALTHY if second.takes_for_healthy(text, margin=margin) else None,)
        for text, margin in zip(DOUBTED, margins, strict=True)
    ]
    assert len(set(doubted)) == 2
    answers = [second.code_of(text) for text in texts]
    assert any(answers)
    assert None in answers
    assert [row[0] for row in rows] == [
        f"{answer} {second.confidence} {second.name}" if answer else None for answer in answers
    ]


@pytest.mark.slow
def test_judging_the_shipped_model_anew_gives_the_shipped_verdict(settings: Settings, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("RELIABILITY_HOME", str(settings.home))
    written = tmp_path / "verdict.json"
    printed = CliRunner().invoke(command, ["train", "--out", str(written)])
    assert printed.exit_code == 0, printed.output
    assert "in force" in printed.output
    assert written.read_bytes() == SHIPPED_VERDICT.read_bytes()
