"""The same models on Spark, for when one machine is too small.

Belongs here: the session, the landed tables and our functions registered in it, dbt run inside it, the marts handed
back, a cluster on loopback. Does not: SQL of models (`dbt/`, its dialects in `dbt/macros/engine/`).
"""
