"""The flow of a model under truncation selection around a fixed target, in a fixed metric.

`FlowProblem` is the question; `predict` the mean and the band of runs with a finite sample,
`trajectory` the population flow in log time, with its local
exponent; `asymptotic_exponent`, `one_sided_reach`, `final_gap`, `half_life` and `threshold` its
landmarks; `whole_path` the flow without an axis of symmetry, `predict_replaced` the mean and the
band without one, where everything is replaced.
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
from theory.flow.replaced import ReplacedRuns, predict_replaced
from theory.flow.whole import WholePath, whole_path

__all__ = [
    "FlowProblem",
    "NoSymmetry",
    "Prediction",
    "ReplacedRuns",
    "Trajectory",
    "WholePath",
    "asymptotic_exponent",
    "final_gap",
    "half_life",
    "one_sided_reach",
    "predict",
    "predict_all",
    "predict_replaced",
    "threshold",
    "trajectory",
    "whole_path",
]
