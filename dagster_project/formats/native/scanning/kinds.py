"""What the compiled code and those who call it must agree on."""

TEXT, COUNT, REAL, FLAG, INSTANT, OBJECT, OTHER = range(7)
"""What a member holds. OTHER (lists, labels) is read only where it is null."""

UNSEEN, NULL, THERE, ESCAPED = range(4)
"""What a line says of a member: nothing, null, a value, or a text with escapes in it."""

NONE = -1
"""No member, no place, no object around."""

LANES = 16
"""How many texts are hashed side by side."""

ENTRIES: dict[str, str] = {
    "scan": "bqllqlqllqlblllql",
    "text_bytes": "blq",
    "gather_texts": "bqblqibq",
    "write_contents": "bqqqlqblbqllllbqqibq",
    "hash_texts": "bqiqbblw",
}
"""The functions that are compiled, and what each takes: whole numbers (q), and places of bytes (b), of numbers of four
bytes (i, w without a sign) and of eight (l). All give back a whole number.
"""
