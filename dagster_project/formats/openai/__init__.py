"""OpenAI's chat lines and batch outputs."""
