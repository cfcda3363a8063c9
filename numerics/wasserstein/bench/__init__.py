"""The benchmark: every estimator on every truth, resumable, scored with intervals.

- `grid`: what is run, in units that are files;
- `runner`: draws, calls, stores;
- `scores`: bias, error and time of a cell, and the front of accuracy against time;
- `advice`: which estimator at a given size, dimension and time, from stored scores.
"""

from numerics.wasserstein.bench.advice import Advice, recommend
from numerics.wasserstein.bench.grid import FULL, QUICK, Grid, Unit
from numerics.wasserstein.bench.runner import Record, run, salt_in
from numerics.wasserstein.bench.scores import Cell, cells, front

__all__ = [
    "FULL",
    "QUICK",
    "Advice",
    "Cell",
    "Grid",
    "Record",
    "Unit",
    "cells",
    "front",
    "recommend",
    "run",
    "salt_in",
]
