"""Guards: which runs become examples, which two become a pair, and that every other run has one reason."""

import pytest

from dagster_project.publishing.read import run_query
from dagster_project.settings import Settings
from tests.training.scenario import LEDGER_RUNS

pytestmark = pytest.mark.xdist_group("training")


def rows(settings: Settings, sql: str) -> list[tuple]:
    return [tuple(row.values()) for row in run_query(settings, sql).to_pylist()]


def test_the_best_verified_success_of_each_task_is_selected_and_a_recovery(world: Settings) -> None:
    found = rows(world, "select run_id, example_kind, message_count from sft_examples order by 1")
    assert found == [
        ("bad-arguments", "conversation", 4),
        ("booked", "conversation", 8),
        ("cheap", "conversation", 2),
        # Up to the second order; the dear run is not the best of its task.
        ("dear", "recovery", 4),
        ("good", "conversation", 5),
        ("patch-good", "output", 2),
        ("patch-merged", "output", 2),
        ("reuse", "conversation", 7),
        ("twin-a", "conversation", 2),
        ("twin-b", "conversation", 2),
    ]


def test_every_other_run_is_refused_for_one_reason(world: Settings) -> None:
    assert rows(world, "select run_id, reason from export_refusals where dataset = 'sft' order by 1") == [
        ("bad", "not_successful"),
        ("booked-in-vain", "not_successful"),
        ("cancelled", "not_successful"),
        ("closed-shop", "training_not_allowed"),
        ("good-again", "not_best_of_task"),
        ("lost", "not_successful"),
        ("monologue", "no_prompt"),
        ("mute", "no_assistant_turn"),
        ("no-text", "payload_missing"),
        ("own-word", "outcome_not_verified"),
        ("patch-bad", "not_successful"),
        ("patch-refused", "not_successful"),
        ("silent", "no_messages"),
        ("unanswered", "tool_call_unanswered"),
    ]


def test_runs_of_one_task_are_paired_at_the_turn_where_they_part(world: Settings) -> None:
    pairs = rows(
        world,
        "select chosen_run_id, rejected_run_id, pair_kind, divergence_seq, rejected_seq, prompt_message_count, margin "
        "from preference_pairs order by 1, 2",
    )
    assert pairs == [
        # What was said differs; the call and its answer do not.
        ("booked", "booked-in-vain", "same_state", 6, 4, 5, 1.0),
        ("booked", "cancelled", "same_state", 6, 4, 5, 1.0),
        # Half the price.
        ("cheap", "dear", "efficiency", 2, 2, 1, 0.5),
        ("good", "bad", "first_divergence", 3, 3, 2, 1.0),
        ("good-again", "bad", "first_divergence", 3, 3, 2, 1.0),
        ("patch-good", "patch-bad", "output", None, None, 1, 1.0),
        ("patch-merged", "patch-refused", "output", None, None, 1, 1.0),
    ]


def test_a_merge_makes_a_patch_good_and_a_failed_verification_makes_it_bad(world: Settings) -> None:
    """Neither outcome is told by the run: one says nothing, one boasts."""
    sql = "select outcome_source, verification, pr_outcome, reviewer_verdict from sft_examples where task_id = 't17'"
    assert rows(world, sql) == [("verifier", "passed", "merged", "accepted")]
    sql = "select chosen_evidence, rejected_evidence from preference_pairs where task_id = 't17'"
    accepted = "verification passed, pr_outcome merged, review accepted"
    assert rows(world, sql) == [(accepted, "verification failed, review rejected")]


SELECTED = {"sft": 10, "preferences": 10, "efficiency": 2, "unpaired": 7, "prompts": 2}


@pytest.mark.parametrize("dataset", SELECTED)
def test_runs_are_selected_plus_refused(world: Settings, dataset: str) -> None:
    ((refused,),) = rows(world, f"select count(*) from export_refusals where dataset = '{dataset}'")
    assert refused + SELECTED[dataset] == len(LEDGER_RUNS)


def test_what_no_pair_uses_is_labelled_by_its_outcome(world: Settings) -> None:
    found = rows(world, "select run_id, label, prompt_message_count from unpaired_examples order by 1")
    # twin-a and twin-b say the same with the same label, which the export makes one of.
    assert found == [
        ("bad-arguments", True, 3),
        ("cheap", True, 1),
        ("dear", True, 5),
        ("lost", False, 1),
        ("reuse", True, 6),
        ("twin-a", True, 1),
        ("twin-b", True, 1),
    ]


def test_a_task_that_is_passed_sometimes_gives_its_prompt(world: Settings) -> None:
    found = rows(world, "select task_id, verifier, attempt_count, success_count from task_prompts order by 1")
    assert found == [("t1", "verifier", 3, 2), ("t16", "verifier", 3, 1)]
    refused = rows(
        world, "select reason, count(*) from export_refusals where dataset = 'prompts' group by 1 order by 1"
    )
    assert dict(refused)["always_passed"] == 6
    assert dict(refused)["never_passed"] == 1
    assert dict(refused)["prompt_of_another_run"] == 4


def test_a_call_is_paired_with_its_own_record_though_its_id_is_used_again(world: Settings) -> None:
    calls = rows(
        world,
        "select message_seq, call_number, tool_call_id, tool_name from example_tool_calls where run_id = 'reuse' "
        "order by 1, 2",
    )
    assert calls == [(2, 1, "x", "lookup"), (4, 1, "x", "search"), (4, 2, "y", "lookup"), (7, 1, "x", "close")]
