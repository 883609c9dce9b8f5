"""From chunks of files to parts: units decoded by their format, judged by the gate, gathered as columns.

Runs in worker processes; a part lies in the work folder until a commit writes it.
"""
