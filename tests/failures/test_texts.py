"""The two texts of a message, and the fingerprint: what they keep, what they hide, and that they never collide."""

import hashlib

import pytest

from dagster_project.failures.messages.fingerprint import fingerprint, group_id, length_prefixed
from dagster_project.failures.messages.normalise import classifier_text, masked_message, status_in_text


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("2026-03-01T09:00:00.123Z ERROR disk is gone", "disk is gone"),
        ("[2026-03-01 09:00:00] [worker-7] disk is gone", "disk is gone"),
        ("Mar  1 09:00:00 [812]: disk is gone", "disk is gone"),
        ("app.tools - WARNING - disk is gone", "disk is gone"),
        ("\x1b[31mdisk\x1b[0m is\n\t gone ", "disk is gone"),
        ("Error: 529 disk is gone", "Error: 529 disk is gone"),
        ("status 429 at worker-7", "status 429 at worker-7"),
        ("ERROR", ""),
        ("17/06/09 20:11:09 INFO app.Executor: task 7", "17/06/09 20:11:09 INFO app.Executor: task 7"),
        ("2026-03-01T09:00:00Z INFO [worker-7] disk is there", "INFO disk is there"),
        ("app.tools - DEBUG - disk is there", "INFO disk is there"),
        ("level=info disk is there", "INFO disk is there"),
        ("[notice] [812]: disk is there", "INFO disk is there"),
        ("Informed: disk is there", "Informed: disk is there"),
    ],
)
def test_the_classifiers_text_drops_the_envelope_only(message: str, text: str):
    assert classifier_text(message) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("status 502 on https://api.example.com/v1?a=b.", "status <*> on <*>."),
        ("no file '/app/data/run.json' here", "no file <*> here"),
        ("write /app/tmp4/out.parquet: no space", "write <*>: no space"),
        (r"C:\work\agg.cpp(7): fatal", "<*>(<*>): fatal"),
        ("this model's limit is 4097 tokens", "this model's limit is <*> tokens"),
        ("user=root tries=3, ok", "user=<*> tries=<*>, ok"),
        ("mail ann.lee@example.org now", "mail <*> now"),
        ("key sk-abcdefghij refused", "key <*> refused"),
        ("run 3f2504e0-4f89-11d3-9a0c-0305e82c3301 died", "run <*> died"),
        ('{"type":"error","code":"x"}', "{<*>:<*>,<*>:<*>}"),
        ("read/write error", "read/write error"),
        ("src/beacon.rs:8:7 and tests/unit are red", "<*>:<*> and tests/unit are red"),
        (r"C:\Program Files\My App\run.log is locked", "<*> is locked"),
        (
            "due Mon, 24 Aug 2026 15:51:42 +0000, seen Aug  4 15:51:42",
            "due <*> +<*>, seen <*>",
        ),
        ("May be 24/08/2026 15:51, 2026-08-24T15:51:42+02:00 or 1.7e+09", "May be <*> <*>, <*> or <*>"),
        ("camera c6:aa:48:7d:27:8a and fe80::1 on 2001:db8::2d", "camera <*> and <*> on <*>"),
        ('{"level":"error","msg":"tool \\"x\\" gave \'y\' up","n":3}', "{<*>:<*>,<:tool <*> gave <*> up:>,<*>:<*>}"),
        ('level=error msg="it\'s over" path=/a', "level=<*> <:it's over:> path=<*>"),
        ("{'error': {'message': \"can't do\", 'detail': 'x'}}", "{<*>: {<:can't do:>, <*>: <*>}}"),
        ("token QWxhZGRpbjpvcGVu+c2VzYW1l/ZXZlbmxvbmdlcg== refused", "token <*> refused"),
        ("key " + "abcdefgh" * 5 + " refused", "key <*> refused"),
        ("got x={'a': 1} y=[b]", "got x={<*>: <*>} y=<*>]"),
        ("INFO disk is there", "disk is there"),
        ("INFO", ""),
    ],
)
def test_the_masked_message_hides_what_varies(text: str, masked: str):
    assert masked_message(text) == masked


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Error code: 400 - bad", "400"),
        ("HTTP 503 from upstream", "503"),
        ("API Error (529 {})", "529"),
        ("waited 500 ms", None),
        ("status 200", None),
    ],
)
def test_the_status_a_message_names_is_found(text: str, status: str | None):
    assert status_in_text(text) == status


def test_occurrences_of_one_problem_share_a_fingerprint():
    first, second = (
        fingerprint(masked_message(text), source="git", phase="build")
        for text in ("pull of /srv/a failed after 3 s", "pull of /data/b failed after 41 s")
    )
    assert first == second


def test_the_fingerprint_is_the_hash_of_the_length_prefixed_fields():
    fields = "1:3" + "3:git" + "5:build" + "~" + "3:502" + "6:münze" + "~"
    expected = hashlib.sha256(fields.encode()).hexdigest()
    assert fingerprint("münze", source="git", phase="build", http_status="502") == expected


def test_moving_a_boundary_between_fields_changes_the_fingerprint():
    assert fingerprint("m", source="ci", phase="build") != fingerprint("m", source="c", phase="ibuild")


def test_an_absent_field_differs_from_an_empty_and_from_a_tilde():
    assert len({length_prefixed(None), length_prefixed(""), length_prefixed("~")}) == 3


def test_groups_never_reach_across_codes():
    assert group_id("m", code="NET.DNS") != group_id("m", code="NET.TLS")
