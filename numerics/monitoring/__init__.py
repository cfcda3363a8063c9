"""Early signs of collapse in recorded generations: what was lost, whether the loop is biased, how.

Three answers that are never merged: LOSS (`loss`), TREND (`trend`), LAW (`laws`); `report` asks all
three of a table of recorded runs.
"""
