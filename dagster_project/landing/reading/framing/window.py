"""A window on a stream of blocks: what a splitter that reads ahead has in hand."""

from collections.abc import Iterable, Iterator

from dagster_project.landing.reading.framing import Broken
from dagster_project.landing.reading.framing.passed import PassedBytes


class Window:
    """`buffer` is a stretch of the stream, `at` the reading position in it, `mark` where what is being read began.

    Bytes before the mark are forgotten when more are read, but for one: a line break there tells something.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks: Iterator[bytes] = iter(blocks)
        self._offset = 0
        self._passing: PassedBytes | None = None
        self.buffer = b""
        self.at = self.mark = 0

    def more(self) -> bool:
        """Read one block more; False at the stream's end. Positions taken before are void: use `at` and `mark`."""
        block = next(self._blocks, None)
        if block is None:
            return False
        forgotten = max(0, self.mark - 1)
        self.buffer = self.buffer[forgotten:] + block
        self._offset += forgotten
        self.at -= forgotten
        self.mark -= forgotten
        return True

    def holds(self, length: int) -> bool:
        """Whether that many bytes lie ahead, read if need be."""
        while len(self.buffer) - self.at < length:
            if not self.more():
                return False
        return True

    def begin(self) -> None:
        """Here begins something that must be kept whole."""
        self.mark = self.at
        self._passing = None

    @property
    def position(self) -> int:
        """Offset in the stream of the reading position."""
        return self._offset + self.at

    @property
    def kept(self) -> int:
        """Bytes between mark and reading position that are in hand."""
        return self.at - self.mark

    def taken(self) -> tuple[bytes, int]:
        """The bytes from the mark to the reading position, and the offset where they begin."""
        return self.buffer[self.mark : self.at], self._offset + self.mark

    def let_pass(self) -> None:
        """Hash the bytes from the mark on and forget them: what began is too large to keep, or torn."""
        if self._passing is None:
            self._passing = PassedBytes(byte_offset=self._offset + self.mark)
        self._passing.add(self.buffer[self.mark : self.at])
        self.mark = self.at

    @property
    def passed_bytes(self) -> int:
        """Length of what has passed since the mark was set."""
        return self._passing.length if self._passing else 0

    def broken(self, number: int, *, reason: str, detail: str, is_tail: bool = False) -> Broken:
        """Everything since `begin` as a unit that could not be cut out."""
        self.let_pass()
        assert self._passing is not None
        whole, self._passing = self._passing, None
        return whole.broken(number, reason=reason, detail=detail, is_tail=is_tail)
