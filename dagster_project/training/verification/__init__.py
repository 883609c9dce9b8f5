"""The verdict on a dataset: every file read again, by rules written apart from the code that writes."""
