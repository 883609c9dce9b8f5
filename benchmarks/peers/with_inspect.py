"""Runs in Inspect's environment: `python with_inspect.py FOLDER` reads logs as Inspect's own data frames."""

import json
import sys
import time

from inspect_ai.analysis import messages_df, samples_df


def main(folder: str) -> None:
    """Samples and messages of every log as data frames; print the seconds of both."""
    began = time.perf_counter()
    samples = samples_df(folder, quiet=True)
    messages = messages_df(folder, quiet=True)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "samples": len(samples), "messages": len(messages)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
