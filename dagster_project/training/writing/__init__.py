"""From rows to a dataset folder: flavours, shards, sidecars, card, and the manifest last."""
