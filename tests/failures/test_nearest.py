"""An unknown message is told the known failure that it reads like, and how often such a likeness misleads."""

from pathlib import Path

import duckdb
import numpy as np
import pytest

from dagster_project.failures.functions import register
from dagster_project.failures.model import nearest
from dagster_project.failures.model.kept_arrays import arrays_places
from dagster_project.failures.model.nearest import known_failures, known_to
from dagster_project.failures.taxonomy import SHIPPED_FILE, parse_taxonomy
from dagster_project.settings import Settings

FOR_ALL = arrays_places(Settings(home=Path()), is_shipped=True)[:1]
SHIPPED = known_to(parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped"), None, places=FOR_ALL)


def test_the_share_of_mistakes_is_that_of_messages_as_much_alike():
    # The first four have a near copy of their own code; "copper pan" and "copper lid" are each other's nearest.
    known = known_failures(
        [
            ("A.X", "the red kettle boils dry"),
            ("A.X", "the red kettle boils dry today"),
            ("B.Y", "no sugar left in my bowl"),
            ("B.Y", "no sugar left in my bowl again"),
            ("A.X", "copper pan"),
            ("B.Y", "copper lid"),
        ]
    )
    assert known.nearest("the red kettle boils dry") == ("A.X", 0.0)
    code, mistakes = known.nearest("copper spoon") or ("", 0.0)
    assert (code, mistakes) == ("A.X", 1.0)
    assert known.nearest("xyzzy") is None


def test_mistakes_never_fall_as_messages_grow_less_alike():
    assert list(SHIPPED.mistakes) == sorted(SHIPPED.mistakes, reverse=True)
    assert SHIPPED.mistakes[0] > 0.5 > 0.1 > SHIPPED.mistakes[-1]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("dial tcp <*>: connect refused by the peer", "NET.CONN_REFUSED"),
        ("Port <*> is taken by another process", "ENV.PORT_IN_USE"),
        ("unable to allocate memory for an array", "ENV.OOM"),
    ],
)
def test_a_planted_message_is_near_its_code_and_a_strange_one_is_far_from_all(message: str, code: str):
    near = SHIPPED.nearest(message)
    strange = SHIPPED.nearest("zorblax quux is sideways")
    assert near is not None
    assert near[0] == code
    assert strange is None or strange[1] > 2 * near[1]


def test_sql_tells_the_same(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RELIABILITY_HOME", str(settings.home))
    message = "Port <*> is taken by another process"
    with duckdb.connect() as connection:
        register(connection)
        found = connection.execute("select nearest_failure(unnest(?))", [[message, "", None]]).fetchall()
    code, distance = SHIPPED.nearest(message) or ("", 0.0)
    assert found == [(f"{code} {distance}",), (None,), (None,)]


def test_what_is_known_is_made_once_for_a_data_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    taxonomy = parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped")
    monkeypatch.setattr(nearest, "known_failures", lambda _messages: SHIPPED)
    nearest.known_to(taxonomy, None, places=[tmp_path])
    monkeypatch.setattr(nearest, "known_failures", lambda _messages: pytest.fail("made again"))
    kept = nearest.known_to(taxonomy, None, places=[tmp_path])
    assert kept.codes == SHIPPED.codes
    assert (kept.rows != SHIPPED.rows).nnz == 0
    for name in ("rarity", "likeness", "mistakes"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(SHIPPED, name))
    assert kept.nearest("Port <*> is taken by another process") == SHIPPED.nearest(
        "Port <*> is taken by another process"
    )
