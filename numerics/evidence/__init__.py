"""From draws to a verdict with a stated error probability: statistics that knows no settings."""

from numerics.evidence.design import Design
from numerics.evidence.judging import judge
from numerics.evidence.planning import default_scale, draws_to_refute, plan, smallest_epsilon
from numerics.evidence.reading import Sampler
from numerics.evidence.recorded import RecordedJudgement, RecordedRival, judge_recorded
from numerics.evidence.verdict import Effect, Judgement, RivalReport, Verdict

__all__ = [
    "Design",
    "Effect",
    "Judgement",
    "RecordedJudgement",
    "RecordedRival",
    "RivalReport",
    "Sampler",
    "Verdict",
    "default_scale",
    "draws_to_refute",
    "judge",
    "judge_recorded",
    "plan",
    "smallest_epsilon",
]
