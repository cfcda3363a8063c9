"""Models other than the Gaussian, one file each: draw a batch, fit a pool.

What a pool remembers of a batch is additive (counts, sums, cross products), so that one recursion,
`numerics.models.training`, serves every model and every workflow.
"""
