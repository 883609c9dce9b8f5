"""From what a command line names to decompressed bytes, framed into units.

Knows paths, compression and archives; knows nothing of what a unit says.
"""
