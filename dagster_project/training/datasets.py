"""The datasets that can be exported: their rows' facts and texts, flavours and splits.

Belongs here: what a row is made of. Does not: which runs are selected (that is the marts), writing.
"""

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

SPLITS: tuple[str, ...] = ("train", "validation", "test")
FLAVOURS: dict[str, str] = {"canonical": "parquet", "trl": "parquet", "openai": "jsonl"}
"""Flavour → file suffix. The rows of all flavours are the same, in the same order."""

CALL = pa.struct(
    {"id": pa.string(), "type": pa.string(), "function": pa.struct({"name": pa.string(), "arguments": pa.string()})}
)
MESSAGE = pa.struct(
    {
        "role": pa.string(),
        "content": pa.string(),
        "tool_calls": pa.list_(CALL),
        "tool_call_id": pa.string(),
        "name": pa.string(),
    }
)
"""A message of the canonical flavour; `arguments` is JSON text, what a message lacks is null."""

JSON_MESSAGES = pa.list_(pa.json_(pa.string()))
"""Messages of the trl flavour: one JSON value each, so that what a message lacks is absent."""

SIDE_TEXT = "verification_output"
"""A scrubbed text beside the messages, where it was kept: what the verification of a run printed."""

Side = Literal["messages", "prompt", "completion", "chosen", "rejected"]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One exported dataset: which columns a row has.

    `sides` are the columns that hold messages, `run_columns` those that name runs, `agent_column` whose row it is,
    `kind_column` which of the `kinds` it is.
    """

    name: str
    title: str
    sides: tuple[Side, ...]
    facts: dict[str, pa.DataType]
    run_columns: tuple[str, ...]
    agent_column: str | None = None
    kind_column: str | None = None
    kinds: tuple[str, ...] = ()

    @property
    def fact_columns(self) -> tuple[str, ...]:
        return tuple(self.facts)

    def schema(self, flavour: str) -> pa.Schema:
        """Arrow schema of a Parquet flavour."""
        messages = JSON_MESSAGES if flavour == "trl" else pa.list_(MESSAGE)
        return pa.schema([*self.facts.items(), *((side, messages) for side in self.sides), ("tools", pa.string())])


_TASK: dict[str, pa.DataType] = {
    "suite_id": pa.string(),
    "suite_version": pa.string(),
    "task_id": pa.string(),
    "task_hash": pa.string(),
    "split_group": pa.string(),
}
_ONE_RUN: dict[str, pa.DataType] = {
    "lineage_id": pa.string(),
    "organization_id": pa.string(),
    "run_id": pa.string(),
    **_TASK,
}
_PAIR: dict[str, pa.DataType] = {
    "lineage_id": pa.string(),
    "organization_id": pa.string(),
    "chosen_run_id": pa.string(),
    "rejected_run_id": pa.string(),
    **_TASK,
    "chosen_agent_id": pa.string(),
    "rejected_agent_id": pa.string(),
    "chosen_model": pa.string(),
    "rejected_model": pa.string(),
    "outcome_source": pa.string(),
    "pair_kind": pa.string(),
    "prompt_message_count": pa.int64(),
    "tokens": pa.int64(),
    "margin": pa.float64(),
    "failure_codes": pa.list_(pa.string()),
    "chosen_evidence": pa.list_(pa.string()),
    "rejected_evidence": pa.list_(pa.string()),
}
_PAIR_SIDES: tuple[Side, ...] = ("prompt", "chosen", "rejected")

SFT = Dataset(
    name="sft",
    title="Verified successes for supervised fine-tuning",
    sides=("messages",),
    facts={
        **_ONE_RUN,
        "agent_id": pa.string(),
        "model": pa.string(),
        "variant_id": pa.string(),
        "outcome_source": pa.string(),
        "example_kind": pa.string(),
        "verification": pa.string(),
        SIDE_TEXT: pa.string(),
        "pr_outcome": pa.string(),
        "reviewer_verdict": pa.string(),
        "message_count": pa.int64(),
        "tokens": pa.int64(),
        "failure_codes": pa.list_(pa.string()),
    },
    run_columns=("run_id",),
    agent_column="agent_id",
    kind_column="example_kind",
    kinds=("conversation", "recovery", "output"),
)

PREFERENCES = Dataset(
    name="preferences",
    title="Pairs of a verified success and a verified failure after the same prompt",
    sides=_PAIR_SIDES,
    facts=_PAIR,
    run_columns=("chosen_run_id", "rejected_run_id"),
    agent_column="chosen_agent_id",
    kind_column="pair_kind",
    kinds=("first_divergence", "same_state", "output"),
)

EFFICIENCY = Dataset(
    name="efficiency",
    title="Pairs of two verified successes after the same prompt, one at least a fifth cheaper",
    sides=_PAIR_SIDES,
    facts=_PAIR,
    run_columns=("chosen_run_id", "rejected_run_id"),
    agent_column="chosen_agent_id",
    kind_column="pair_kind",
    kinds=("efficiency",),
)

UNPAIRED = Dataset(
    name="unpaired",
    title="Last turns of verified successes and failures that found no partner",
    sides=("prompt", "completion"),
    facts={
        **_ONE_RUN,
        "agent_id": pa.string(),
        "model": pa.string(),
        "variant_id": pa.string(),
        "outcome_source": pa.string(),
        "prompt_message_count": pa.int64(),
        "tokens": pa.int64(),
        "failure_codes": pa.list_(pa.string()),
        "label": pa.bool_(),
    },
    run_columns=("run_id",),
    agent_column="agent_id",
)

PROMPTS = Dataset(
    name="prompts",
    title="Prompts of tasks that are passed sometimes, with their verifier and success rate",
    sides=("prompt",),
    facts={
        **_ONE_RUN,
        "verifier": pa.string(),
        "prompt_message_count": pa.int64(),
        "tokens": pa.int64(),
        "attempt_count": pa.int64(),
        "success_count": pa.int64(),
        "success_rate": pa.float64(),
    },
    run_columns=("run_id",),
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in (SFT, PREFERENCES, EFFICIENCY, UNPAIRED, PROMPTS)}

FORBIDDEN_COLUMNS: tuple[frozenset[str], ...] = (
    frozenset({"labels"}),
    frozenset({"input_ids"}),
    frozenset({"conversations"}),
    frozenset({"images"}),
    frozenset({"messages", "prompt"}),
    frozenset({"messages", "completion"}),
    frozenset({"source", "model", "system_prompt"}),
)
"""Column names, alone or together, that a trainer takes for something else."""
