"""Load every dataset below a folder as a trainer would and take two training steps of each kind with each.

    pip install '.[train]'
    python -m dagster_project.training.smoke data/exports

The model is tiny and random, the tokenizer knows bytes alone: nothing is downloaded. Exit 1 when a loss is not finite,
a mask is empty, or a loader or chat template refuses a row.
"""

import json
import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROWS = 4
STEPS = 2
LENGTH = 256

# Marks what the assistant says, so that a mask of it can be made; arguments are objects, as most templates expect.
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>\n"
    "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}"
    "{% for call in message.tool_calls or [] %}<call>{{ call.function.name }}"
    "{% for name, value in call.function.arguments.items() %} {{ name }}={{ value | tojson }}{% endfor %}</call>"
    "{% endfor %}<|end|>\n{% endgeneration %}"
    "{% else %}{{ message.content }}<|end|>\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def main(folder: Path) -> int:
    """Try every dataset of the folder; the exit code."""
    with tempfile.TemporaryDirectory(prefix="smoke-") as scratch:
        # Trainers and models leave files behind wherever they write.
        tempfile.tempdir = scratch
        return _tried(folder)


def _tried(folder: Path) -> int:
    tokenizer = _tokenizer()
    failed = 0
    for name, trains in TRAINERS.items():
        try:
            rows = _loaded(folder / name)
            if not rows:
                print(f"{name}: no rows")
                continue
            _render(rows, tokenizer, name)
            losses = trains(rows, tokenizer) if trains else []
            if not all(math.isfinite(loss) for loss in losses):
                raise ValueError(f"a loss is not finite: {losses}")
            print(f"{name}: {len(rows)} rows loaded and rendered, losses {[round(loss, 3) for loss in losses]}")
        except Exception as error:  # whatever a trainer cannot take is what we are here for
            failed += 1
            print(f"{name}: FAILED: {type(error).__name__}: {error}", file=sys.stderr)
    return 1 if failed else 0


def _loaded(folder: Path) -> list[dict[str, Any]]:
    """The first rows of train, loaded in all three flavours, which must be as many."""
    import datasets

    files = {flavour: sorted((folder / flavour).glob("train-*")) for flavour in ("canonical", "trl", "openai")}
    if not files["trl"]:
        return []
    with tempfile.TemporaryDirectory() as cache:
        loaded = {
            flavour: datasets.load_dataset(
                "json" if flavour == "openai" else "parquet",
                data_files=[str(path) for path in paths],
                split="train",
                cache_dir=cache,
            )
            for flavour, paths in files.items()
        }
        if len({len(found) for found in loaded.values()}) != 1:
            raise ValueError("the flavours have different numbers of rows")
        found = loaded["trl"]
        return [_parsed(found[number]) for number in range(min(ROWS, len(found)))]


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """The row with messages as objects: an older `datasets` gives them as JSON texts."""
    return {
        key: [json.loads(message) if isinstance(message, str) else message for message in value]
        if key in ("messages", "prompt", "chosen", "rejected", "completion")
        else value
        for key, value in row.items()
    }


def _render(rows: list[dict[str, Any]], tokenizer: Any, name: str) -> None:
    """Every row through the template; a conversation must have something to learn from."""
    for row in rows:
        sides = [value for key, value in row.items() if key in ("chosen", "rejected", "completion")]
        for messages in [row.get("prompt", []) + side for side in sides] or [row.get("messages") or row["prompt"]]:
            text = tokenizer.apply_chat_template(messages, tokenize=False)
            if "None" in text and "None" not in json.dumps(messages):
                raise ValueError("the template printed None")
            if name == "sft":
                rendered = tokenizer.apply_chat_template(
                    messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
                )
                if not any(rendered["assistant_masks"]):
                    raise ValueError("the mask of a row is empty")


def _sft(rows: list[dict[str, Any]], tokenizer: Any) -> list[float]:
    from trl import SFTConfig, SFTTrainer

    texts = [{"text": tokenizer.apply_chat_template(row["messages"], tokenize=False)} for row in rows]
    return _steps(SFTTrainer, _config(SFTConfig, max_length=LENGTH), texts, tokenizer)


def _pairs(rows: list[dict[str, Any]], tokenizer: Any) -> list[float]:
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

    pairs = [_texts(row, tokenizer, ("chosen", "rejected")) for row in rows]
    whole = [{side: pair["prompt"] + pair[side] for side in ("chosen", "rejected")} for pair in pairs]
    losses = _steps(DPOTrainer, _config(DPOConfig, max_length=LENGTH), pairs, tokenizer)
    return losses + _steps(RewardTrainer, _config(RewardConfig, max_length=LENGTH), whole, tokenizer, is_reward=True)


def _kto(rows: list[dict[str, Any]], tokenizer: Any) -> list[float]:
    try:
        from trl import KTOConfig, KTOTrainer
    except ImportError:
        from trl.experimental.kto import KTOConfig, KTOTrainer

    labelled = [_texts(row, tokenizer, ("completion",)) | {"label": row["label"]} for row in rows]
    return _steps(KTOTrainer, _config(KTOConfig, max_length=LENGTH), labelled, tokenizer)


TRAINERS: dict[str, Callable[[list[dict[str, Any]], Any], list[float]] | None] = {
    "sft": _sft,
    "preferences": _pairs,
    "efficiency": _pairs,
    "unpaired": _kto,
    "prompts": None,
}


def _texts(row: dict[str, Any], tokenizer: Any, sides: tuple[str, ...]) -> dict[str, str]:
    """Prompt and sides as texts: of a long prompt its end, so that the sides are not cut off."""
    prompt = tokenizer.apply_chat_template(row["prompt"], tokenize=False)
    whole = {side: tokenizer.apply_chat_template(row["prompt"] + row[side], tokenize=False) for side in sides}
    return {"prompt": prompt[-LENGTH // 2 :]} | {
        side: text.removeprefix(prompt)[: LENGTH // 4] for side, text in whole.items()
    }


def _config(kind: Any, **options: Any) -> Any:
    return kind(
        output_dir=tempfile.mkdtemp(prefix="smoke-"),
        max_steps=STEPS,
        per_device_train_batch_size=2,
        logging_steps=1,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        disable_tqdm=True,
        **options,
    )


def _steps(trainer: Any, config: Any, rows: list[dict[str, Any]], tokenizer: Any, *, is_reward: bool = False) -> list:
    """The loss of each step."""
    import datasets

    run = trainer(
        model=_model(tokenizer, is_reward=is_reward),
        args=config,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    run.train()
    losses = [entry["loss"] for entry in run.state.log_history if "loss" in entry]
    if len(losses) < STEPS:
        raise ValueError(f"{trainer.__name__} took {len(losses)} of {STEPS} steps")
    return losses


def _model(tokenizer: Any, *, is_reward: bool) -> Any:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=2 * LENGTH,
        pad_token_id=tokenizer.pad_token_id,
        num_labels=1,
    )
    kind = LlamaForSequenceClassification if is_reward else LlamaForCausalLM
    # Some trainers load a second copy as reference, from where the first one came.
    place = tempfile.mkdtemp(prefix="smoke-model-")
    kind(config).save_pretrained(place)
    return kind.from_pretrained(place)


def _tokenizer() -> Any:
    """Bytes alone: 256 symbols and two marks."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={symbol: place for place, symbol in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|stop|>", pad_token="<|pad|>")
    fast.chat_template = CHAT_TEMPLATE
    return fast


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
