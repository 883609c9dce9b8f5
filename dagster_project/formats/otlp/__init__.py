"""OpenTelemetry exports, JSON and protobuf: GenAI and OpenInference attributes, old and new names."""
