"""The OTLP/HTTP endpoint: spans and log records of running agents, durable in the inbox before they are acknowledged.

Belongs here: taking requests, judging whether they can be read, writing them down. Does not: reading them
(that is `formats`) or landing.
"""
