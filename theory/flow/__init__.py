"""The flow of a model under truncation selection around a fixed target, in a fixed metric.

`FlowProblem` is the question; `predict` the mean and the band of runs with a finite sample,
`trajectory` the population flow in log time, with its local
exponent; `asymptotic_exponent`, `one_sided_reach`, `final_gap`, `half_life` and `threshold` its
landmarks; `whole_path` the flow without an axis of symmetry.
"""

from theory.flow.landmarks import (
    asymptotic_exponent,
    final_gap,
    half_life,
    one_sided_reach,
    threshold,
)
from theory.flow.longrun import Trajectory, trajectory
from theory.flow.prediction import Prediction, predict, predict_all
from theory.flow.problem import FlowProblem, NoSymmetry
from theory.flow.whole import WholePath, whole_path

__all__ = [
    "FlowProblem",
    "NoSymmetry",
    "Prediction",
    "Trajectory",
    "WholePath",
    "asymptotic_exponent",
    "final_gap",
    "half_life",
    "one_sided_reach",
    "predict",
    "predict_all",
    "threshold",
    "trajectory",
    "whole_path",
]
