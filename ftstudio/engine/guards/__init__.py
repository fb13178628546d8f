"""The studies around a run: learning rate, depth, folds, baselines, leaks, wrong labels, memory."""
