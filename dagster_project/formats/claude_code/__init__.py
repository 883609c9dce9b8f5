"""Claude Code sessions: one JSON line an event."""
