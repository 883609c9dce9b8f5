"""The texts of a message, what in it is a value and what says what happened, and which messages are one problem."""
