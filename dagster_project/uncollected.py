"""Imported first by a process that imports much at once: its collector of cycles rests until it is enabled again.

What imports make stays; looking for garbage among it takes a tenth of all their time.
"""

import gc

gc.disable()
