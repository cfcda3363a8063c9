"""Set before NumPy is loaded: BLAS threads on top of test processes only slow each other down."""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
