"""Agent run logs in; audited reliability tables and traceable training files out."""

import os

# numpy's linear algebra starts a thread for each core when it is imported, and each spins for 60 ms before it sleeps.
# Nothing here multiplies matrices that would gain by them, and what one thread sums does not depend on the cores.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
