"""Files nobody means to write, each with what must become of it, told by hand."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

Lines = Sequence[bytes]
HEADER = json.dumps({
    "version": 2, "status": "success",
    "eval": {"run_id": "R", "task_id": "T", "created": "2025-05-12T20:27:36Z", "task": "t", "model": "m"},
})  # fmt: skip
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Case:
    """A file of five good lines, or of three tasks, and the damage done to it.

    `units` are its ledger counts without zeros, None when no format takes it, for a reason with the words `why`.
    `problem`: words of what is wrong with the file as a whole.
    """

    name: str
    make: Callable[[Lines], bytes]
    units: dict[str, int] | None = field(default_factory=lambda: counts(landed=5))
    problem: str | None = None
    why: str = ""


def counts(**counted: int) -> dict[str, int]:
    return {"unit": sum(counted.values()), **counted} if counted else {}


def whole(lines: Lines) -> bytes:
    return b"".join(lines)


def packed(lines: Lines) -> bytes:
    return gzip.compress(whole(lines), mtime=0)


def frames(lines: Lines) -> bytes:
    return zstandard.compress(whole(lines))


def skipped_frame(size: int, content: bytes | None = None) -> bytes:
    return struct.pack("<II", 0x184D2A50, size) + (b"x" * size if content is None else content)


def members(*named: tuple[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in named:
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def samples(lines: Lines, *others: tuple[str, str | bytes]) -> bytes:
    """An Inspect log of three samples, whose ids are of this case alone."""
    mine = json.loads(lines[0])["event_id"]
    texts = [json.dumps({"id": f"{mine}-{number}", "epoch": 1, "scores": {"match": {"value": "C"}}, "messages": []})
             for number in range(3)]  # fmt: skip
    named = [(f"samples/{number}_epoch_1.json", text) for number, text in enumerate(texts)]
    return members(("_journal/start.json", HEADER), *named, *others, ("header.json", HEADER))


def encrypted(archive: bytes, name: bytes) -> bytes:
    """The archive with that member marked as encrypted, both times it is described."""
    marked = bytearray(archive)
    for magic, flags, length, start in ((b"PK\x03\x04", 6, 26, 30), (b"PK\x01\x02", 8, 28, 46)):
        at = marked.find(magic)
        while at >= 0:
            (size,) = struct.unpack_from("<H", marked, at + length)
            if marked[at + start : at + start + size] == name:
                marked[at + flags] |= 1
            at = marked.find(magic, at + 1)
    return bytes(marked)


def with_comment(archive: bytes) -> bytes:
    """A comment that looks like the end of an empty archive."""
    comment = b"PK\x05\x06" + b"\0" * 18 + b"c" * 40
    return archive[:-2] + struct.pack("<H", len(comment)) + comment


def results(lines: Lines) -> bytes:
    """τ-bench results of three trials of a task of this case alone."""
    mine = int(json.loads(lines[0])["event_id"].removeprefix("e"))
    said = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    trials = [{"task_id": mine, "trial": trial, "reward": 1.0, "info": {}, "traj": said} for trial in range(3)]
    return json.dumps(trials).encode()


def changed(old: bytes, new: bytes) -> Callable[[Lines], bytes]:
    """The results with the first of these bytes replaced."""
    return lambda lines: results(lines).replace(old, new, 1)


def parquet(lines: Lines) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([json.loads(line) for line in lines]), content)
    return content.getvalue()


def tar(lines: Lines) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        about = tarfile.TarInfo("log.jsonl")
        about.size = len(whole(lines))
        archive.addfile(about, io.BytesIO(whole(lines)))
    return content.getvalue()


def bad_checksum(lines: Lines) -> bytes:
    content = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(whole(lines)))
    content[-1] ^= 1
    return bytes(content)


def large_window(lines: Lines) -> bytes:
    limits = zstandard.ZstdCompressionParameters(window_log=29)
    compressor = zstandard.ZstdCompressor(compression_params=limits).compressobj()
    return compressor.compress(whole(lines)) + compressor.flush()


NO_TEXT = "its first line holds NUL bytes"
NO_EVENT = "is an object with an event_type of ours"
TORN_GZIP, TORN_ZSTD = "the gzip data ends too early", "the zstd data ends too early"

LINES = (
    Case("only-bom", lambda _: BOM, counts(blank=1)),
    Case("bom-first", lambda lines: BOM + whole(lines)),
    Case("bom-twice", lambda lines: BOM + BOM + whole(lines), counts(landed=4, quarantined=1)),
    Case("bom-within", lambda lines: whole([*lines[:2], BOM + lines[2], *lines[3:]]), counts(landed=4, quarantined=1)),
    Case("utf-16", lambda lines: whole(lines).decode().encode("utf-16"), None, why="it is UTF-16"),
    Case("utf-16-be", lambda lines: b"\xfe\xff" + whole(lines).decode().encode("utf-16-be"), None, why="it is UTF-16"),
    Case("utf-16-bare", lambda lines: whole(lines).decode().encode("utf-16-le"), None, why=NO_TEXT),
    Case("utf-32", lambda lines: whole(lines).decode().encode("utf-32"), None, why="UTF-8"),
    Case("latin-1", lambda lines: lines[0].replace(b"text", b"t\xe9xt") + whole(lines[1:]),
         counts(landed=4, quarantined=1)),
    Case("overlong", lambda lines: lines[0].replace(b"text", b"t\xc0\xafxt") + whole(lines[1:]),
         counts(landed=4, quarantined=1)),
    Case("surrogate-bytes", lambda lines: lines[0].replace(b"text", b"\xed\xa0\x80") + whole(lines[1:]),
         counts(landed=4, quarantined=1)),
    Case("surrogate-escape", lambda lines: lines[0].replace(b"text", b"\\udc00") + whole(lines[1:]),
         counts(landed=4, quarantined=1)),
    Case("mac-newlines", lambda lines: whole(lines).replace(b"\n", b"\r"), counts(pending=1)),
    Case("mixed-newlines", lambda lines: lines[0] + lines[1][:-1] + b"\r\n" + b"\r\n\n" + lines[2][:-1] + b"\r\r\n"
         + whole(lines[3:]), counts(landed=5, blank=2)),
    Case("line-separators", lambda lines: "\u2028\n".encode().join([lines[0][:-1], *lines[1:]]),
         counts(landed=4, quarantined=4)),
    Case("vertical-tab", lambda lines: lines[0][:-1] + b"\x0b\n" + whole(lines[1:]), counts(landed=4, quarantined=1)),
    Case("nul-tail", lambda lines: whole(lines) + b"\0" * 4096, counts(landed=5, pending=1)),
    Case("nul-line", lambda lines: whole(lines) + b"\0" * 4096 + b"\n", counts(landed=5, quarantined=1)),
    Case("nul-between", lambda lines: lines[0] + b"\0" * 4096 + whole(lines[1:]), counts(landed=4, quarantined=1)),
    Case("nul-first", lambda lines: b"\0" * 4096 + whole(lines), counts(landed=4, quarantined=1)),
    Case("nul-within", lambda lines: whole(lines).replace(b"text", b"te\0xt", 1), counts(landed=4, quarantined=1)),
    Case("nul-alone", lambda _: b"\0" * 4096, None, why=NO_TEXT),
    Case("two-on-a-line", lambda lines: lines[0][:-1] + whole(lines[1:]), counts(landed=3, quarantined=1)),
    Case("one-on-two-lines", lambda lines: lines[0].replace(b', "', b',\n "', 1) + whole(lines[1:]),
         counts(landed=4, quarantined=2)),
    Case("a-megabyte", lambda lines: padded(lines, 1 << 20), counts(landed=5)),
    Case("a-byte-more", lambda lines: padded(lines, (1 << 20) + 1), counts(landed=4, quarantined=1)),
    Case("long-key", lambda lines: b'{"' + b"k" * 900_000 + b'":1,' + lines[0][1:] + whole(lines[1:]),
         counts(landed=5)),
    Case("long-number", lambda lines: b'{"n":' + b"9" * 900_000 + b"," + lines[0][1:] + whole(lines[1:]),
         counts(landed=4, quarantined=1)),
    Case("long-fraction", lambda lines: b'{"n":0.' + b"9" * 900_000 + b"," + lines[0][1:] + whole(lines[1:]),
         counts(landed=5)),
    Case("brackets", lambda lines: b"[" * 900_000 + b"\n" + whole(lines), counts(landed=5, quarantined=1)),
    Case("escapes", lambda lines: b'"' + b"\\" * 900_000 + b"\n" + whole(lines), counts(landed=5, quarantined=1)),
)  # fmt: skip


def padded(lines: Lines, size: int) -> bytes:
    """The first line of exactly so many bytes, its newline not counted."""
    missing = size + 1 - len(lines[0])
    return lines[0].replace(b'"text', b'"' + b"x" * missing + b"text") + whole(lines[1:])


PACKED = (
    Case("gz-twice", lambda lines: gzip.compress(packed(lines), mtime=0), None, why=NO_TEXT),
    Case("gz-junk-after", lambda lines: packed(lines) + b"junk", problem="junk after the end of the gzip data"),
    Case("gz-zeros-after", lambda lines: packed(lines) + b"\0" * 1000),
    Case("gz-nothing", lambda _: gzip.compress(b"", mtime=0), counts()),
    Case("gz-nothing-first", lambda lines: gzip.compress(b"", mtime=0) * 3 + packed(lines)),
    Case("gz-a-member-a-line", lambda lines: b"".join(gzip.compress(line, mtime=0) for line in lines)),
    Case("gz-line-over-members",
         lambda lines: gzip.compress(lines[0][:50]) + gzip.compress(lines[0][50:] + whole(lines[1:]))),
    Case("gz-magic-alone", lambda _: b"\x1f\x8b", counts(), TORN_GZIP),
    Case("gz-header-alone", lambda lines: packed(lines)[:10], counts(), TORN_GZIP),
    Case("gz-without-checksum", lambda lines: packed(lines)[:-8], counts(landed=5), TORN_GZIP),
    Case("gz-bad-checksum", lambda lines: packed(lines)[:-8] + b"\0" * 4 + packed(lines)[-4:], problem="data check"),
    Case("gz-bad-length", lambda lines: packed(lines)[:-4] + b"\0" * 4, problem="length check"),
    Case("gz-bad-flags", lambda lines: packed(lines)[:3] + b"\xe0" + packed(lines)[4:], counts(), "flags"),
    Case("gz-bad-method", lambda lines: packed(lines)[:2] + b"\x09" + packed(lines)[3:], counts(), "method"),
    Case("gz-long-extra", lambda lines: packed(lines)[:3] + b"\x04" + packed(lines)[4:10] + b"\xff\xff" + b"e" * 65535
         + packed(lines)[10:]),
    Case("gz-long-name", lambda lines: packed(lines)[:3] + b"\x08" + packed(lines)[4:10] + b"n" * 3_000_000 + b"\0"
         + packed(lines)[10:]),
    Case("zst-nothing", lambda _: zstandard.compress(b""), counts()),
    Case("zst-nothing-first", lambda lines: zstandard.compress(b"") + frames(lines)),
    Case("zst-skipped-first", lambda lines: skipped_frame(100) + frames(lines)),
    Case("zst-skipped-between", lambda lines: frames(lines[:2]) + skipped_frame(100_000) + frames(lines[2:])),
    Case("zst-skipped-last", lambda lines: frames(lines) + skipped_frame(0)),
    Case("zst-skipped-alone", lambda _: skipped_frame(8), counts()),
    Case("zst-skipped-torn", lambda lines: frames(lines) + skipped_frame(8)[:6], problem=TORN_ZSTD),
    Case("zst-skipped-too-long", lambda lines: skipped_frame(0xFFFFFFFF, b"") + frames(lines), counts(), TORN_ZSTD),
    Case("zst-bad-checksum", bad_checksum, problem="checksum"),
    Case("zst-large-window", large_window, counts(), "too much memory"),
    Case("zst-junk-after", lambda lines: frames(lines) + b"junk!junk!", problem="the zstd data is damaged"),
    Case("zst-magic-alone", lambda lines: frames(lines)[:4], counts(), TORN_ZSTD),
    Case("zst-in-gz", lambda lines: gzip.compress(frames(lines), mtime=0), None, why=NO_TEXT),
    Case("xz", lambda lines: lzma.compress(whole(lines)), None, why=NO_TEXT),
    Case("bz2", lambda lines: bz2.compress(whole(lines)), None, why="it"),
    Case("tar", tar, None, why="it is a tar archive"),
    Case("tar-gz", lambda lines: gzip.compress(tar(lines), mtime=0), None, why="it is a tar archive"),
    Case("png", lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9, None, why=NO_EVENT),
    Case("sqlite", lambda _: b"SQLite format 3\0" + b"\0" * 4000, None, why=NO_TEXT),
    Case("html", lambda _: b"<html>\n<body>{}</body>\n" * 50, None, why=NO_EVENT),
    Case("parquet", parquet),
    Case("parquet-torn", lambda lines: parquet(lines)[:-20], None, why="cut short"),
    Case("parquet-magic-alone", lambda _: b"PAR1", None, why="cut short"),
    Case("parquet-magic-twice", lambda _: b"PAR1PAR1", None, why="footer"),
    Case("parquet-in-gz", lambda lines: gzip.compress(parquet(lines), mtime=0), None, why=NO_TEXT),
)  # fmt: skip

ARCHIVES = (
    Case("whole", samples, counts(landed=3)),
    Case("encrypted", lambda lines: encrypted(samples(lines), b"samples/1_epoch_1.json"), counts(landed=2,
         quarantined=1)),
    Case("false-comment", lambda lines: with_comment(samples(lines)), counts(landed=3)),
    Case("name-twice", lambda lines: samples(lines, ("samples/1_epoch_1.json", '{"id": "other', )), counts(landed=3,
         quarantined=1)),
    Case("archive-within", lambda lines: samples(lines, ("samples/9_epoch_1.json", samples(lines))),
         counts(landed=3, quarantined=1)),
    Case("name-of-nul", lambda lines: samples(lines, ("samples/\x01\n_epoch_1.json", "{}")), counts(landed=3,
         quarantined=1)),
    Case("junk-first", lambda lines: b"junk" * 10 + samples(lines), None, why=NO_TEXT),
    Case("end-alone", lambda _: b"PK\x05\x06" + b"\0" * 18, None, why="it"),
    Case("of-lines", lambda lines: members(("log.jsonl", whole(lines))), None, why="native: it is a zip archive"),
)  # fmt: skip

ARRAYS = (
    Case("whole", results, counts(landed=3)),
    Case("bom", lambda lines: BOM + results(lines), counts(landed=3)),
    Case("utf-16", lambda lines: results(lines).decode().encode("utf-16"), None, why="UTF-16"),
    Case("trailing-comma", lambda lines: results(lines)[:-1] + b",]", counts(landed=3, quarantined=1)),
    Case("junk-after", lambda lines: results(lines) + b"junk", counts(landed=3, quarantined=1)),
    Case("twice", lambda lines: results(lines) * 2, counts(landed=3, quarantined=1)),
    Case("torn", lambda lines: results(lines)[:-30], counts(landed=2, pending=1)),
    Case("unclosed", lambda lines: results(lines)[:-1], counts(landed=3)),
    Case("nan", changed(b"1.0", b"NaN"), counts(landed=2, quarantined=1)),
    Case("beyond-doubles", changed(b"1.0", b"1e999"), counts(landed=2, quarantined=1)),
    Case("key-twice", changed(b'"trial": 1', b'"trial": 1, "tri\\u0061l": 2'), counts(landed=2, quarantined=1)),
    Case("no-utf-8", changed(b"Hello", b"H\xffllo"), counts(landed=2, quarantined=1)),
    Case("lone-surrogate", changed(b"Hello", b"\\ud800"), counts(landed=2, quarantined=1)),
    Case("raw-nul", changed(b"Hello", b"H\0llo"), counts(landed=2, quarantined=1)),
    Case("one-bracket-more", changed(b'"Hello"}', b'"Hello"}}'), counts(landed=2, quarantined=1)),
    Case("open-text", changed(b'"Hello"', b'"Hello'), counts(landed=2, quarantined=1)),
    Case("deep", changed(b'"info": {}', b'"info": ' + b'{"a":' * 70 + b"1" + b"}" * 70), counts(landed=2,
         quarantined=1)),
    Case("scalars", lambda lines: results(lines)[:-1] + b', 1, null, "x"]', counts(landed=3, quarantined=3)),
    Case("scalars-first", lambda lines: b'[1, null, "x", ' + results(lines)[1:], counts(landed=3, quarantined=3)),
    Case("broken-first", lambda lines: b'[{"task_id": nil}, ' + results(lines)[1:], counts(landed=3, quarantined=1)),
)  # fmt: skip
