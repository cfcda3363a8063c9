"""Set before NumPy is loaded: BLAS threads on top of test processes only slow each other down."""

import os
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# Processes that a test starts find its functions by name, in the tests' own modules. Last in the
# path, so that an installed package is tested as it is installed.
sys.path.append(str(Path(__file__).parents[1]))
