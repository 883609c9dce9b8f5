"""Verifier: exit 0 when answer.txt holds exactly what expected.txt holds, else 1."""

import sys
from pathlib import Path

answer, expected = Path("answer.txt"), Path("expected.txt")
sys.exit(0 if answer.is_file() and answer.read_bytes() == expected.read_bytes() else 1)
