"""What is wrong with a dataset folder: faults, and a list of them that stays readable."""

from collections import Counter

import msgspec

SHOWN_PER_CODE = 20


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One fault: its kind, the file (and row) it is in, and what was found."""

    code: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code} in {self.where}: {self.detail}"


class Faults:
    """Collects faults; of each kind the first twenty, then only how many more there are."""

    def __init__(self) -> None:
        self._shown: list[Fault] = []
        self._counts: Counter[str] = Counter()

    def add(self, code: str, where: str, detail: str) -> None:
        self._counts[code] += 1
        if self._counts[code] <= SHOWN_PER_CODE:
            self._shown.append(Fault(code=code, where=where, detail=detail))

    def extend(self, others: "Faults") -> None:
        """Take over what others found."""
        for fault in others._shown:
            if self._counts[fault.code] < SHOWN_PER_CODE:
                self._shown.append(fault)
            self._counts[fault.code] += 1
        for code, count in others._counts.items():
            self._counts[code] += max(0, count - SHOWN_PER_CODE)

    def found(self) -> list[Fault]:
        more = [
            Fault(code=code, where="the same and other files", detail=f"{count - SHOWN_PER_CODE} more of this kind")
            for code, count in sorted(self._counts.items())
            if count > SHOWN_PER_CODE
        ]
        return self._shown + more
