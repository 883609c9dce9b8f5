"""The attribute names we read: OpenTelemetry GenAI (new and old), OpenInference, and our own.

Of several names for one thing the first that is there wins. Our own names fill what nobody else names: tasks,
attempts, outcomes, costs.
"""

from typing import Any

from dagster_project.formats.otlp.span import Attributes

SPAN_KIND = (
    "openinference.span.kind", "gen_ai.operation.name", "traceloop.span.kind", "llm.request.type", "ai.operationId",
)  # fmt: skip

STEP_KINDS: dict[str, str] = {
    # gen_ai.operation.name
    "chat": "llm", "text_completion": "llm", "generate_content": "llm", "embeddings": "embedding",
    "execute_tool": "tool", "create_agent": "agent", "invoke_agent": "agent", "invoke_workflow": "workflow",
    "retrieval": "retrieval", "plan": "plan", "search_memory": "memory", "create_memory": "memory",
    "update_memory": "memory", "upsert_memory": "memory", "delete_memory": "memory", "create_memory_store": "memory",
    "delete_memory_store": "memory",
    # openinference.span.kind
    "LLM": "llm", "EMBEDDING": "embedding", "CHAIN": "workflow", "RETRIEVER": "retrieval", "RERANKER": "retrieval",
    "TOOL": "tool", "AGENT": "agent", "GUARDRAIL": "guardrail", "EVALUATOR": "other", "PROMPT": "other",
    # traceloop.span.kind and llm.request.type
    "workflow": "workflow", "task": "other", "agent": "agent", "tool": "tool", "completion": "llm",
    "embedding": "embedding", "rerank": "retrieval",
    # ai.operationId
    "ai.generateText": "workflow", "ai.streamText": "workflow", "ai.generateObject": "workflow",
    "ai.streamObject": "workflow", "ai.embed": "workflow", "ai.embedMany": "workflow", "ai.toolCall": "tool",
    "ai.generateText.doGenerate": "llm", "ai.streamText.doStream": "llm", "ai.generateObject.doGenerate": "llm",
    "ai.streamObject.doStream": "llm", "ai.embed.doEmbed": "embedding", "ai.embedMany.doEmbed": "embedding",
}  # fmt: skip

AGENT_ID = ("reliability.agent.id", "gen_ai.agent.id", "gen_ai.agent.name", "agent.id", "agent.name")
AGENT_VERSION = ("reliability.agent.version", "gen_ai.agent.version", "service.version")
SESSION_ID = (
    "gen_ai.conversation.id", "session.id", "langfuse.session.id", "traceloop.association.properties.session_id",
)  # fmt: skip
WORKFLOW = ("gen_ai.workflow.name", "traceloop.workflow.name")
STEP_NAME = ("traceloop.entity.name", "graph.node.name")
PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "llm.vendor", "ai.model.provider")
REQUEST_MODEL = (
    "gen_ai.request.model", "llm.request.model_name", "llm.request.model", "llm.model_name", "embedding.model_name",
    "ai.model.id",
)  # fmt: skip
RESPONSE_MODEL = ("gen_ai.response.model", "llm.response.model_name", "llm.response.model")
FINISH_REASONS = (
    "gen_ai.response.finish_reasons", "llm.finish_reason", "ai.response.finishReason",
    "gen_ai.completion.0.finish_reason",
)  # fmt: skip
TEMPERATURE = ("gen_ai.request.temperature", "llm.temperature")
MAX_TOKENS = ("gen_ai.request.max_tokens", "gen_ai.openai.request.max_tokens", "llm.request.max_tokens")
PARAMETERS = ("llm.invocation_parameters",)
FIRST_CHUNK_SECONDS = ("gen_ai.response.time_to_first_chunk",)
COST = ("reliability.cost.usd", "llm.cost.total", "gen_ai.usage.cost", "operation.cost")
ERROR_TYPE = ("error.type",)
HTTP_STATUS = ("http.response.status_code", "http.status_code")

INPUT_TOKENS = (
    "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens",
)  # fmt: skip
OUTPUT_TOKENS = (
    "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
    "llm.usage.completion_tokens",
)  # fmt: skip
CACHE_READ_TOKENS = (
    "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read", "llm.token_count.prompt_details.cache_input",
    "gen_ai.usage.details.cache_read_tokens", "gen_ai.usage.details.cached_tokens",
)  # fmt: skip
CACHE_WRITE_TOKENS = (
    "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write", "gen_ai.usage.details.cache_write_tokens",
)  # fmt: skip
REASONING_TOKENS = (
    "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning", "gen_ai.usage.details.reasoning_tokens",
)  # fmt: skip
TOTAL_TOKENS = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total")

TOOL_NAME = ("gen_ai.tool.name", "tool.name", "tool_call.function.name", "ai.toolCall.name")
TOOL_CALL_ID = ("gen_ai.tool.call.id", "tool_call.id", "tool.id", "ai.toolCall.id")
TOOL_ARGUMENTS = (
    "gen_ai.tool.call.arguments", "tool_call.function.arguments", "input.value", "traceloop.entity.input",
    "ai.toolCall.args",
)  # fmt: skip
TOOL_RESULT = ("gen_ai.tool.call.result", "output.value", "traceloop.entity.output", "ai.toolCall.result")
RUN_INPUT = ("input.value", "gen_ai.input.messages", "traceloop.entity.input")
RUN_OUTPUT = ("output.value", "gen_ai.output.messages", "traceloop.entity.output")

EXCEPTION_EVENT = "exception"
EXCEPTION_MESSAGE, EXCEPTION_TYPE, STACK_TRACE = "exception.message", "exception.type", "exception.stacktrace"
EVALUATION_EVENT = "gen_ai.evaluation.result"
DETAILS_EVENT = "gen_ai.client.inference.operation.details"

# Columns of a run that only our own attributes name, of the span or else of its resource.
RUN_TEXTS: dict[str, tuple[str, ...]] = {
    "kind": ("reliability.run.kind",),
    "suite_id": ("reliability.suite.id",),
    "suite_version": ("reliability.suite.version",),
    "task_id": ("reliability.task.id",),
    "variant_id": ("reliability.variant.id",),
    "parent_run_id": ("reliability.parent_run.id",),
    "retry_of_run_id": ("reliability.retry_of_run.id",),
    "termination": ("reliability.termination",),
    "outcome": ("reliability.outcome",),
    "outcome_source": ("reliability.outcome.source",),
    "attribution": ("reliability.attribution",),
    "git_commit": ("reliability.git.commit", "vcs.ref.head.revision"),
    "config_hash": ("reliability.config.hash",),
}
RUN_NUMBERS: dict[str, tuple[str, ...]] = {
    "attempt": ("reliability.attempt",),
    "retry_count": ("reliability.retry.count",),
    "outcome_value": ("reliability.outcome.value",),
    "confidence": ("reliability.confidence",),
    "cost_usd": COST,
}
ORGANIZATION = ("reliability.organization.id",)
LABEL_PREFIX = "reliability.label."

# Of a resource and a scope: what is worth a label of the run.
RESOURCE_LABELS = (
    "service.name", "service.namespace", "service.version", "deployment.environment.name", "deployment.environment",
    "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version",
)  # fmt: skip


class Reader:
    """Takes attributes by any of their names, and remembers which were taken: the others are schema drift."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.taken: set[str] = set()

    def take(self, names: tuple[str, ...]) -> Any:
        """The value of the first name that is there; None when none is. Names that say the same are taken too."""
        found = None
        for name in names:
            value = self.attributes.get(name)
            if value is None:
                continue
            if found is None:
                found = value
                self.taken.add(name)
            elif value == found:
                self.taken.add(name)
        return found

    def text(self, names: tuple[str, ...]) -> str | None:
        """The same as text: a number is the text of it, an empty text is nothing."""
        value = self.take(names)
        if value is None or value == "":
            return None
        return value if type(value) is str else str(value).lower() if type(value) is bool else str(value)

    def rest(self) -> Attributes:
        """What nothing has taken."""
        return {name: value for name, value in self.attributes.items() if name not in self.taken}
