"""Native JSON lines: one record a line, line by line or many columns at once."""
