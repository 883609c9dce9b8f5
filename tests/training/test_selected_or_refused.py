"""Guards: the last test of a build finds each run whose verdicts would not add up on a card, and no other."""

import duckdb
import jinja2
import pytest

from tests.architecture.test_who_may_read_whom_in_dbt import DBT

CHECK = (DBT / "tests" / "assert_each_run_is_selected_or_refused_once.sql").read_text(encoding="utf-8")
SQL = jinja2.Template(CHECK).render(ref=lambda name: name)

# `good` is of the datasets of pairs twice: as the chosen and the rejected side. `bare` is refused by all five.
TABLES = """
create table agent_runs as select 'o' as organization_id, unnest(['good', 'bare']) as run_id;
create table sft_examples as select 'o' as organization_id, unnest(['good', 'good']) as run_id;
create table preference_pairs as
    select 'o' as organization_id, 'good' as chosen_run_id, 'good' as rejected_run_id, 'outcome' as pair_kind;
create table unpaired_examples as select 'o' as organization_id, 'good' as run_id;
create table task_prompts as select 'o' as organization_id, 'good' as run_id;
create table export_refusals as
    select * from (values
        ('o', 'good', 'efficiency', 'alone'), ('o', 'bare', 'sft', 'x'), ('o', 'bare', 'preferences', 'x'),
        ('o', 'bare', 'efficiency', 'x'), ('o', 'bare', 'unpaired', 'x'), ('o', 'bare', 'prompts', 'x'))
        as refusals (organization_id, run_id, dataset, reason);
"""


def unclear(fault: str) -> list[tuple[str, int]]:
    with duckdb.connect() as connection:
        connection.execute(TABLES + fault)
        return connection.execute(f"select run_id, verdict_count from ({SQL}) order by 1").fetchall()


def test_runs_with_one_verdict_of_each_dataset_are_clear() -> None:
    assert unclear("") == []


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("delete from export_refusals where run_id = 'bare' and dataset = 'sft'", ("bare", 4)),
        ("insert into export_refusals values ('o', 'bare', 'sft', 'y')", ("bare", 6)),
        ("insert into export_refusals values ('o', 'good', 'sft', 'x')", ("good", 6)),
        ("update export_refusals set reason = null where dataset = 'unpaired'", ("bare", 5)),
        ("update export_refusals set dataset = 'sft' where dataset = 'prompts'", ("bare", 5)),
        ("update export_refusals set dataset = 'no such' where dataset = 'prompts'", ("bare", 5)),
        ("delete from agent_runs where run_id = 'bare'", ("bare", 4)),
        ("insert into export_refusals values ('o', 'nobody', 'sft', 'x')", ("nobody", 0)),
        ("insert into agent_runs values ('o', 'new')", ("new", 0)),
        ("insert into agent_runs values ('p', 'good')", ("good", 0)),
    ],
)  # fmt: skip
def test_a_run_whose_verdicts_do_not_add_up_is_found(fault: str, found: tuple[str, int]) -> None:
    assert unclear(fault) == [found]
