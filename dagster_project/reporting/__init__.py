"""What people and programs read of the published snapshot: documents with a schema, tables, and a page of charts.

Belongs here: reading marts and showing them. Does not: computing a figure; every number stands in a mart already.
"""
