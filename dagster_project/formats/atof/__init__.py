"""ATOF: one JSON line an event of an agent, from its beginning to its end."""
