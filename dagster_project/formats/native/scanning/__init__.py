"""The machine code that reads native lines: what it does, how it is compiled by numba, and how it is loaded.

`memory`, `values`, `objects`, `texts`, `sha256_block` and `hashing` are numba's; only `compiling` imports them, once,
at set-up.
"""
