"""Langfuse's exports: traces with their observations and scores, in one document or as lines."""
