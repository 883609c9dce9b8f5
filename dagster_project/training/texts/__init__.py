"""From the parts of conversations to scrubbed messages: the passes that need one row alone."""
