"""Messages that differ only in names are one problem, in whatever order and company they arrive; words tell apart."""

import csv
import random
import time
from collections import defaultdict
from collections.abc import Hashable, Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_project.failures.classify import Classifier
from dagster_project.failures.functions import register
from dagster_project.failures.messages.grouping import templates
from dagster_project.failures.messages.normalise import classifier_text, masked_message
from dagster_project.failures.taxonomy import SHIPPED_FILE, UNKNOWN_CODE, parse_taxonomy

MESSAGES = [
    "TimeoutError: waiting for orchid",
    "TimeoutError: waiting for zebra",
    "TimeoutError: waiting for search",  # a common word can be a name too
    "TimeoutError: signature is too old",
    "TimeoutError: signature is too new",
]


def test_a_name_that_no_mask_sees_is_found_by_comparing():
    found = templates(MESSAGES)
    assert [found[message] for message in MESSAGES] == [
        *["TimeoutError : waiting for <*>"] * 3,
        "TimeoutError : signature is too old",
        "TimeoutError : signature is too new",
    ]


def test_a_message_alone_keeps_its_words_but_no_name_its_spelling_gives_away():
    message = "KeyError: ACME_API_KEY of planner_inventory is not in max_tokens"
    assert templates([message]) == {message: "KeyError : <*> of <*> is not in max_tokens"}


def test_messages_of_different_exceptions_and_lengths_are_apart():
    found = templates(["KeyError: orchid", "ValueError: zebra", "ValueError: zebra orchid"])
    assert len(set(found.values())) == 3


def test_how_many_values_are_listed_does_not_matter():
    assert len(set(templates(["keys <*>, <*>, <*> are gone", "keys <*> are gone"]).values())) == 1


def test_brackets_quotes_and_full_stops_that_a_value_brings_do_not_matter():
    messages = ["got <*>", "got [<*>, <*>].", "got ['<*>']", 'got "orchid".', "got «<*>»", "got 東京", "got Ørsted."]
    assert set(templates(messages).values()) == {"got <*>"}


def test_the_drive_of_a_path_does_not_matter():
    messages = ["no file at <*> of the run", "no file at C:<*> of the run", "no file at d:<*> of the run"]
    assert len(set(templates(messages).values())) == 1


def test_how_many_fields_an_object_has_does_not_matter():
    messages = ["body {<*>: <*>, <*>: <*>} refused", "body {<*>: <*>, <*>: <*>, <*>: <*>} refused"]
    assert set(templates(messages).values()) == {"body <*> refused"}


def test_an_object_a_constant_or_a_name_of_two_words_is_a_value_as_any_other():
    messages = [f"cannot open the table {each} for writing" for each in ("orchid", "zebra", "{<*>: <*>}", "None")]
    assert set(templates([*messages, "cannot open the table juniper lantern for writing"]).values()) == {
        "cannot open the table <*> for writing"
    }


def test_a_name_of_two_words_alone_keeps_its_words():
    assert templates(["cannot open the table juniper lantern"]) == {
        "cannot open the table juniper lantern": "cannot open the table juniper lantern"
    }


def test_a_name_of_two_words_is_one_name():
    found = templates(
        ["no bucket <*> in the region", "no bucket zebra <*> in the region", "no bucket lynx <*> in the region"]
    )
    assert set(found.values()) == {"no bucket <*> in the region"}


def test_a_list_is_one_value_however_long_and_clauses_are_none():
    listed = ["expected one of: orchid, zebra, search.", "expected one of: lynx.", "expected one of: old, zebra."]
    assert set(templates(listed).values()) == {"expected one of : <*>"}
    clauses = "connection refused, retrying"
    assert templates([clauses]) == {clauses: "connection refused retrying"}


def test_types_and_what_a_word_introduces_are_names_however_common():
    found = templates([f"the answer was {kind} again" for kind in ("str", "int", "list")])
    assert set(found.values()) == {"the answer was <*> again"}
    found = templates([f"no such backend: lock of type {word}" for word in ("error", "file", "request")])
    assert len(set(found.values())) == 1
    found = templates([f"type {word}" for word in ("old", "new")])
    assert len(set(found.values())) == 2


def test_problems_without_a_word_in_common_are_no_group_of_names():
    family = [f"ValueError: {name} cannot exceed zebra" for name in ("orchid", "lynx", "walrus")]
    others = ["ValueError: preupload_info is improperly formatted", "ValueError: no option named <*>"]
    found = templates(family + others)
    assert {found[message] for message in family} == {"ValueError : <*> cannot exceed zebra"}
    assert len({found[message] for message in others}) == 2


def test_hosts_with_their_ports_and_values_with_their_units_are_one_value():
    hosts = ["no route to node harbor.internal:<*>", "no route to node <*>", "no route to node files.example.com."]
    assert set(templates(hosts).values()) == {"no route to node <*>"}
    sizes = ["needs <*> GiB of it", "needs <*> of it", "needs <*>MB of it"]
    assert set(templates(sizes).values()) == {"needs <*> of it"}
    assert templates(["redis.exceptions.ConnectionError: lost"]) == {
        "redis.exceptions.ConnectionError: lost": "redis.exceptions.ConnectionError : lost"
    }


@pytest.mark.parametrize(
    "shapes",
    [
        ["at src/a.rs:3:1", "at crates/b/src/c.rs:44:12", "at lib.rs:1:9", "at orchid/lynx.rs(7,3)"],
        ["at 2026-08-24T15:51:42.1Z", "at Mon, 24 Aug 2026 15:51:42 GMT", "at Aug 24 15:51:42", "at 24/08/2026 15:51"],
        ["at 1756050702", "at 1756050702123", "at August 24, 2026", "at 24/Aug/2026:15:51:42 +0000", "at 3:51 PM"],
        ["after 1.5s", "after 1500ms", "after 1 minute", "after 1m 30s", "after 0:01:30"],
        ["over $1,204.50", "over 1.204,50 €", "over USD 12", "over -3"],
        ["from 10.0.0.1:80", "from [2001:db8::2d]:80", "from localhost:80", "from fe80::1%eth0", "from db.orchid.lan"],
        ["needs x>=1.2,<2", "needs orchid>=1.2.0rc1,<2.0.0-beta.1+ab3", "needs lynx==3"],
        ["on [orchid]", "on ['orchid', lynx]", "on []", 'on {"a": {"b": [1, null]}}', "on {}"],
        ["on branch orchid", "on branch feature/orchid", "on branch users/lynx/3-orchid"],
        [
            "lacks created_at, status",
            "lacks created_at",
            "lacks score, created_at, status and orderTotal",
            "lacks orchid",
        ],
        ["reads 1 file", "reads 3 files", "reads 1 file(s)"],
        ["after 1 try", "after 3 tries"],
        ["to memory:5432", "to ::1", "to 10.0.0.1:80"],
        ["needs orchid[lynx]~=1.2,<2", "needs lynx@^3.1.0", "needs orchid-7"],
        ["at tests/test_a.py::TestB::test_c", "at tests/a/test_b.py::test_c[lynx-72]"],
        ["for --orchid", "for #orchid-lynx", "for '['orchid', '-x']'", "for {orchid.example/lynx: }"],
        ["for registry.lan/orchid/lynx:1.2", "for orchid/lynx:v2"],
        ["on items[2].price", "on $.items.price", "on orchid"],
        ["on ('orchid',)", "on ()", "on (1, None)"],
        ["of (0,0)-(5,7)", "of 3x4"],
    ],
    ids=lambda shapes: shapes[0],
)
def test_a_value_is_one_whatever_its_shape(shapes: Sequence[str]):
    messages = [masked_message(f"the worker stops {shape}: no more of it") for shape in shapes]
    assert len(set(templates(messages).values())) == 1


@pytest.mark.parametrize(
    "problems",
    [
        ["missing columns in <*>: <*>", "unexpected columns in <*>: <*>"],
        ["quote <*> expired on <*>", "quote <*> withdrawn on <*>"],
        ["key <*> of it is missing", "key <*> of it is outdated"],
        ["feed of <*> mirrored at <*>", "feed of <*> degraded at <*>"],
        [
            "unable to read the <*>: it is old",
            "unable to open the <*>: it is old",
            "unable to close the <*>: it is old",
        ],
        ["Soft time limit of <*> exceeded", "Hard time limit of <*> exceeded"],
        ["job <*> must be closed", "job <*> must not be closed"],
        ["{<*>:<*>,<:stream ended:>,<*>:<*>}", "{<*>:<*>,<:provider overloaded:>,<*>:<*>}"],
    ],
    ids=lambda problems: problems[0],
)
def test_words_that_say_what_happened_are_no_names(problems: Sequence[str]):
    assert len(set(templates(problems).values())) == len(problems)


def test_values_of_several_words_that_messages_are_made_of_are_values():
    named = [f"no bucket {name} in the region" for name in ("<*>", "open orders", "sales by region", "email, status")]
    assert set(templates(named).values()) == {"no bucket <*> in the region"}
    last = [f"unsupported replication type: {name}" for name in ("<*>", "storage backend")]
    assert len(set(templates(last).values())) == 1
    fields = [f"the worker lacks fields {fields}" for fields in ("email", "email, status, title, description")]
    assert len(set(templates([*fields, "the worker lacks fields <*>"]).values())) == 1
    shared = [f"the hub has no subscription registered for listener {name}" for name in ("<*>", "shared cache")]
    assert len(set(templates(shared).values())) == 1
    clauses = ["unsupported replication type: <*>", "unsupported replication type: it must be given"]
    assert len(set(templates(clauses).values())) == 2


def test_three_values_make_a_slot_where_no_mask_tells_of_one():
    found = templates([f"found {name} physical cores" for name in ("network", "daily report", "user accounts")])
    assert set(found.values()) == {"found <*> physical cores"}
    assert len(set(templates(["found network physical cores", "found daily report physical cores"]).values())) == 2


def test_a_state_told_by_three_common_words_is_a_value_and_two_are_two_problems():
    states = [f"the pod did not start within <*> (last: {state})" for state in ("ready", "closed", "open")]
    assert len(set(templates(states).values())) == 1
    assert len(set(templates(states[:2]).values())) == 2


def test_names_begin_a_sentence_whatever_their_letters():
    found = templates([f"{name} contains a reference to itself" for name in ("Orchid", "Lynx", "WalrusNode")])
    assert set(found.values()) == {"<*> contains a reference to itself"}


def test_a_clause_behind_a_list_is_none_of_its_items():
    listed = ["node sets <*>, email, but it has none", "node sets <*>, but it has none"]
    assert set(templates(listed).values()) == {"node sets <*> but it has none"}


def test_what_an_object_says_does_not_depend_on_its_other_fields():
    messages = ["{<*>:<*>, <:stream ended:>}", "{<:stream ended:>,<*>: null,<*>:<*>}"]
    assert len(set(templates(messages).values())) == 1


def test_a_message_may_begin_with_a_name():
    found = templates([f"{name} exited with code <*>" for name in ("orchid", "lynx", "search")])
    assert set(found.values()) == {"<*> exited with code <*>"}
    assert len(set(templates(["orchid: no such file", "lynx: no such file"]).values())) == 2


def test_names_of_two_and_of_three_words_are_one_name():
    budgets = [
        "budget for orchid is spent",
        "budget for lynx walrus is spent",
        "budget for lynx walrus orchid is spent",
    ]
    assert len(set(templates(budgets).values())) == 1


def test_who_logs_is_no_problem_of_its_own():
    found = templates([f"[{name}] the scan stopped" for name in ("orchid", "search")])
    assert set(found.values()) == {"<*> the scan stopped"}


def test_messages_without_a_word_in_common_are_no_group_of_names():
    assert len(set(templates(["scan of <*> found <*>", "event <*> arrived <*> late"]).values())) == 2


def test_programs_that_log_the_same_are_one_from_three_on():
    assert len(set(templates([f"{name}: invalid choice" for name in ("orchid", "lynx", "walrus-x")]).values())) == 1


def test_neither_order_nor_repetition_changes_a_template():
    shuffled = MESSAGES * 2
    random.Random(3).shuffle(shuffled)
    assert templates(shuffled) == templates(MESSAGES)


def test_an_empty_message_and_a_long_one_have_a_template():
    assert templates(["", "word " * 100_000])[""] == ""


def test_sql_gives_each_list_its_templates_in_its_own_order():
    with duckdb.connect() as connection:
        register(connection)
        register(connection)
        rows = connection.execute(
            "select group_templates(given) from (values (['a zebra', 'a orchid']), (['b']), ([]), (null)) as t(given)"
        ).fetchall()
    assert rows == [(["a <*>", "a <*>"],), (["b"],), ([],), (None,)]


def grouping_scores(truth: Sequence[Hashable], found: Sequence[Hashable]) -> tuple[float, float]:
    """Share of messages whose group is exactly the true one, and F1 of groups (Jiang et al., LogPub)."""
    groups: list[dict[Hashable, set[int]]] = [defaultdict(set), defaultdict(set)]
    for place, keys in enumerate(zip(truth, found, strict=True)):
        for group, key in zip(groups, keys, strict=True):
            group[key].add(place)
    true_sets, found_sets = ({frozenset(members) for members in group.values()} for group in groups)
    right = true_sets & found_sets
    return sum(map(len, right)) / len(truth), 2 * len(right) / (len(true_sets) + len(found_sets))


def test_the_scores_of_a_known_case_are_those_worked_by_hand():
    # True groups {0,1} {2} {3}; found {0,1} {2,3}: two of four messages; one right group of three and two.
    assert grouping_scores("aabc", "xxyy") == (0.5, 2 / 5)


@pytest.mark.slow
def test_labelled_families_are_told_apart(shared: Path):
    with (shared / "fixtures/failures/grouping_dev.csv").open(encoding="utf-8", newline="") as handle:
        rows = [(row["template_id"], row["message"]) for row in csv.DictReader(handle)]
    classifier = Classifier(parse_taxonomy(SHIPPED_FILE.read_bytes(), name="shipped"))
    keys = []
    by_code: dict[str, set[str]] = defaultdict(set)
    for _, message in rows:
        pattern = classifier.first_match(message)
        keys.append((pattern.code if pattern else UNKNOWN_CODE, masked_message(classifier_text(message))))
        by_code[keys[-1][0]].add(keys[-1][1])
    template_of = {code: templates(messages) for code, messages in by_code.items()}
    found = [(code, template_of[code][masked]) for code, masked in keys]
    accuracy, f1 = grouping_scores([family for family, _ in rows], found)
    assert accuracy >= 0.97
    assert f1 >= 0.97


def test_a_list_as_long_as_a_message_takes_time_by_its_length():
    """It took minutes: each item was tried as the first of a list or a path, and read to its end."""
    began = time.process_time()
    assert templates(["lost " + "a, " * 40_000 + "b=<*>", "a." * 20_000 + "("])
    assert time.process_time() - began < 10
