"""The benchmark of Wasserstein estimators against truths: grid, store, scores, advice, plot."""
