"""Landing: against DuckDB's unvalidated copy, a plain loop on one core, and its own bounds of time and memory."""
