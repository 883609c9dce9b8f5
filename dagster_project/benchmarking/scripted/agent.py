"""A small agent without a model: it does by rule what the first word of its prompt says.

Careful or hasty: the hasty one takes numbers for words, knows no empty lines, and stumbles where it meets them.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path


def sort_numbers(lines: list[str]) -> list[str]:
    return sorted(_kept(lines), key=float)


def sort_as_text(lines: list[str]) -> list[str]:
    return sorted(lines)


def total(lines: list[str]) -> list[str]:
    return [str(sum(int(line) for line in _kept(lines)))]


def total_of_all(lines: list[str]) -> list[str]:
    return [str(sum(int(line) for line in lines))]


def count_words(lines: list[str]) -> list[str]:
    return [str(sum(len(line.split()) for line in lines))]


def count_spaces(lines: list[str]) -> list[str]:
    return [str(sum(line.count(" ") + 1 for line in lines))]


def reverse(lines: list[str]) -> list[str]:
    return lines[::-1]


def unique(lines: list[str]) -> list[str]:
    return list(dict.fromkeys(lines))


def unique_sorted(lines: list[str]) -> list[str]:
    return sorted(set(lines))


def longest(lines: list[str]) -> list[str]:
    return [max(lines, key=len)]


def guess(lines: list[str]) -> list[str]:
    """Right every second time, as a program that depends on more than its input."""
    return [lines[int(os.environ["RELIABILITY_ATTEMPT"]) % 2]]


CAREFUL: dict[str, Callable[[list[str]], list[str]]] = {
    "sort": sort_numbers, "total": total, "count": count_words, "reverse": reverse, "unique": unique,
    "longest": longest, "guess": guess,
}  # fmt: skip
HASTY = CAREFUL | {"sort": sort_as_text, "total": total_of_all, "count": count_spaces, "unique": unique_sorted}


def _kept(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def main() -> None:
    skill = sys.stdin.read().split(":")[0]
    skills = HASTY if sys.argv[1:] == ["hasty"] else CAREFUL
    lines = Path("input.txt").read_text(encoding="utf-8").splitlines()
    answer = "".join(line + "\n" for line in skills[skill](lines))
    Path("answer.txt").write_text(answer, encoding="utf-8")


if __name__ == "__main__":
    main()
