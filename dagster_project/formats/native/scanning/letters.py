"""The letters of JSON and of times, by number: numba does not take a letter for one."""

QUOTE, BACKSLASH, SLASH, COMMA, COLON, POINT, PLUS, MINUS = (ord(letter) for letter in '"\\/,:.+-')
OPEN, CLOSE, ZERO, NINE, CAPITAL_E, CAPITAL_T, CAPITAL_Z = (ord(letter) for letter in "{}09ETZ")
B, E, F, N, R, T = (ord(letter) for letter in "befnrt")
BELL, TAB, NEWLINE, FEED, RETURN, SPACE = (ord(letter) for letter in "\b\t\n\f\r ")
NULL_WORD, TRUE_WORD, FALSE_WORD = (int.from_bytes(word, "little") for word in (b"null", b"true", b"false"))
