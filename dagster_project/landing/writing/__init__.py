"""From parts to what stays: immutable Parquet, kept texts and quarantine, durable before anybody is told."""
