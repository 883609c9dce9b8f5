"""Results of τ-bench and τ²-bench: simulations, few-shot files, submissions."""
