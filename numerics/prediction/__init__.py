"""Recorded runs against a prediction that simulates nothing: mean, band and one verdict a group.

`read_setting` reads what the runs are, `predict_runs` lays the prediction over them.
"""

from numerics.prediction.cells import Cell
from numerics.prediction.comparison import predict_runs
from numerics.prediction.group import Group
from numerics.prediction.judgement import Column, Comparison, Outcome
from numerics.prediction.setting import RunsSetting, read_setting

__all__ = [
    "Cell",
    "Column",
    "Comparison",
    "Group",
    "Outcome",
    "RunsSetting",
    "predict_runs",
    "read_setting",
]
