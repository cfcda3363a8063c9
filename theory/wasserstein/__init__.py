"""Closed forms of optimal transport, without a random number.

The cost is the squared Euclidean distance throughout, so that values are in squared units.
"""
