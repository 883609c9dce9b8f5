"""Bytes that flow past without being kept: their length, their hash and their first bytes."""

import hashlib

from dagster_project.landing.reading.framing import PREFIX_BYTES, Broken


class PassedBytes:
    """What is known of a unit that cannot be cut out whole."""

    def __init__(self, *, byte_offset: int) -> None:
        self.byte_offset = byte_offset
        self.length = 0
        self._prefix = b""
        self._hash = hashlib.sha256()

    def add(self, part: bytes) -> None:
        self.length += len(part)
        self._hash.update(part)
        if len(self._prefix) < PREFIX_BYTES:
            self._prefix += part[: PREFIX_BYTES - len(self._prefix)]

    def broken(
        self, number: int, *, reason: str, detail: str, line_number: int | None = None, is_tail: bool = False
    ) -> Broken:
        return Broken(
            reason=reason,
            detail=detail,
            number=number,
            byte_offset=self.byte_offset,
            byte_length=self.length,
            prefix=self._prefix,
            raw_sha256=self._hash.hexdigest(),
            line_number=line_number,
            is_tail=is_tail,
        )


def passed(part: bytes, *, byte_offset: int) -> PassedBytes:
    """The same of bytes at hand."""
    whole = PassedBytes(byte_offset=byte_offset)
    whole.add(part)
    return whole
