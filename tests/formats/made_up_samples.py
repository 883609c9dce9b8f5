"""Documents as the writers of formats make them, of which there is no pack: every object that their sources name once.

Ids, times and texts are made up.
"""

import json
from typing import Any

from tests.formats.otlp_spans import CHILD, START, TRACE, attributes, message, root
from tests.formats.test_langfuse import export, generation, observation
from tests.formats.test_langfuse_observation_lines import CALL as OBSERVED_CALL
from tests.formats.test_langfuse_observation_lines import ROOT as OBSERVED_ROOT
from tests.formats.test_langfuse_observation_lines import SCORE
from tests.formats.test_openai_batch import CALL, USAGE, answered, completion
from tests.formats.test_otlp_logs import log, logs

_PHASE = {"started_at": "2026-01-02T00:00:00", "finished_at": "2026-01-02T00:00:01"}
HARBOR: dict[str, Any] = {
    "id": "u", "task_name": "fix-bug", "trial_name": "fix-bug__a1", "trial_uri": "file:///x", "source": "tb",
    "task_checksum": "c", "task_id": {"path": "p", "git_url": "g", "git_commit_id": "h"},
    "config": {"task": {"path": "p"}, "agent": {"name": "helper", "kwargs": {}}},
    "agent_info": {"name": "helper", "version": "1", "model_info": {"name": "m", "provider": "p"}},
    "agent_result": {"n_input_tokens": 10, "n_cache_tokens": 4, "n_output_tokens": 3, "cost_usd": 0.5,
                     "rollout_details": [{"prompt_token_ids": [[1]]}], "metadata": {"a": 1}},
    "verifier_result": {"rewards": {"reward": 1.0}},
    "exception_info": {"exception_type": "X", "exception_message": "m", "exception_traceback": "Traceback",
                       "occurred_at": "2026-01-02T00:00:00"},
    **_PHASE, "environment_setup": _PHASE, "agent_setup": _PHASE, "agent_execution": _PHASE, "verifier": _PHASE,
    "step_results": [{"step_name": "s", "agent_result": {"n_input_tokens": 1, "model_usage": {"m": {"cost_usd": 1}}},
                      "verifier_result": {"rewards": {"r": 1}}, "agent_execution": _PHASE, "verifier": _PHASE,
                      "exception_info": {"exception_type": "X", "occurred_at": "2026-01-02T00:00:00"}}],
}  # fmt: skip
CHAT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "s"}, {"role": "developer", "content": "d"},
        {"role": "user", "content": [{"type": "text", "text": "hi"},
                                     {"type": "image_url", "image_url": {"url": "u", "detail": "low"}}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL], "weight": 1, "audio": {"id": "a"},
         "annotations": [{"type": "url_citation", "url_citation": {"url": "u"}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
        {"role": "assistant", "content": "done", "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "x"},
    ],
    "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}],
    "parallel_tool_calls": False, "usage": USAGE, "metadata": {"k": "v"},
}  # fmt: skip
RESPONSE: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1767225600, "model": "m-1", "status": "completed",
    "output": [
        {"type": "reasoning", "id": "r", "summary": [{"type": "summary_text", "text": "t"}]},
        {"type": "message", "id": "m", "role": "assistant", "status": "completed",
         "content": [{"type": "output_text", "text": "hi", "annotations": []}]},
        {"type": "function_call", "id": "f", "call_id": "c", "name": "look", "arguments": "{}", "status": "completed"},
    ],
    "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5,
              "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 15},
    "error": None, "incomplete_details": None, "reasoning": {"effort": "low"}, "tools": [],
}  # fmt: skip
LANGFUSE: dict[str, Any] = export(
    generation(modelParameters={"temperature": 0.1}),
    observation("o2", type="TOOL", input={"a": 1}, output="x", parentObservationId="o1"),
    scores=[{"id": "s", "name": "q", "value": 1, "source": "API", "dataType": "NUMERIC", "observationId": "o1"}],
    metadata={"a": {"b": 1}},
)
_HEX = {"trace_id": f"0x{TRACE}", "span_id": f"0x{CHILD}"}
_RESOURCE = {"attributes": {"service.name": "helper"}, "schema_url": ""}
PRINTED_SPAN: dict[str, Any] = {
    "name": "chat", "context": _HEX | {"trace_state": "[]"}, "kind": "SpanKind.INTERNAL", "parent_id": None,
    "start_time": "2026-03-01T06:01:56.000001Z", "end_time": "2026-03-01T06:01:57.000001Z",
    "status": {"status_code": "UNSET"}, "attributes": {"gen_ai.operation.name": "chat"},
    "events": [{"name": "e", "timestamp": "2026-03-01T06:01:56.000001Z", "attributes": {"a": 1}}],
    "links": [{"context": _HEX | {"trace_state": "[]"}, "attributes": {}}], "resource": _RESOURCE,
}  # fmt: skip
PRINTED_LOG: dict[str, Any] = _HEX | {
    "body": {"a": {"b": 1}}, "severity_number": 9, "severity_text": None, "attributes": {"k": [1]},
    "dropped_attributes": 0, "timestamp": "2026-03-01T06:01:56.000001Z", "observed_timestamp": None, "trace_flags": 0,
    "resource": _RESOURCE, "event_name": "gen_ai.choice",
}  # fmt: skip
_SAID = {
    "gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 5,
    "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]),
}  # fmt: skip
SPANS: dict[str, Any] = message(
    root(
        said=_SAID,
        events=[{"name": "gen_ai.choice", "timeUnixNano": str(START), "attributes": attributes({"index": 0})}],
        links=[{"traceId": TRACE, "spanId": CHILD, "attributes": attributes({"a": 1})}],
        status={"code": 2, "message": "m"},
    )
)
LOGS: dict[str, Any] = logs(
    log("gen_ai.choice", {"message": {"kvlistValue": {"values": []}}}),
    log("exception", said={"exception.message": "b"}),
)
_LONE: dict[str, Any] = {"resource": {"attributes": attributes({"a": 1})}, "scope": {"name": "lib"}}

MADE_UP: list[tuple[str, dict[str, Any]]] = [
    ("harbor-result", HARBOR),
    ("openai-chat", CHAT),
    ("openai-batch", answered(completion())),
    ("openai-batch", completion()),
    ("openai-batch", answered(RESPONSE)),
    ("openai-batch", RESPONSE),
    ("openai-batch", answered({"error": {"message": "m", "type": "t", "code": "c"}}, status=429)),
    ("openai-batch", answered(None, error={"code": "c", "message": "m"}, response=None)),
    ("langfuse", LANGFUSE),
    ("langfuse-observations", OBSERVED_ROOT),
    ("langfuse-observations", OBSERVED_CALL),
    ("langfuse-scores", SCORE),
    ("otlp-json", SPANS),
    ("otlp-json", LOGS),
    ("otlp-json", PRINTED_SPAN),
    ("otlp-json", PRINTED_LOG),
    ("otlp-json", root(**_LONE)),
    ("otlp-json", log("x", **_LONE)),
]
# Objects that are an encoding of keys and values, or said twice, by how the way to them ends.
NO_FIELDS = {
    "otlp-json": ("attributes.[]", "kvlistValue", "values.[]"),
    "langfuse": ("observations.[].costDetails",),  # parts of totalCost
    "langfuse-observations": ("cost_details",),
}
