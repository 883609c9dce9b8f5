"""Guards: of any row of a chunk its sketch and signatures are read from the one file that holds them."""

from pathlib import Path

import numpy as np
import pytest

from dagster_project.training.comparing.sketch_files import SketchFile, write_sketches
from dagster_project.training.comparing.sketches import KINDS, Sketch, signatures


def _set(*hashes: int) -> np.ndarray:
    return np.array(hashes, np.uint64)


SKETCHES = {
    5: Sketch({"text": _set(1, 2, 3)}),
    7: Sketch({"text": _set(4), "actions": _set(5, 6), "own_words": _set(7)}),
    8: Sketch({}),
    11: Sketch({"actions": _set(8, 9)}),
}
"""By positions; rows between them were refused."""


@pytest.mark.parametrize("chosen", [list(SKETCHES), [7], []], ids=str)
def test_what_is_written_of_a_chunk_is_read_row_by_row(tmp_path: Path, chosen: list[int]) -> None:
    path = tmp_path / "sketches"
    sketches = [SKETCHES[position] for position in chosen]
    keys = write_sketches(path, sketches, positions=np.array(chosen, np.int64))
    assert list(tmp_path.iterdir()) == [path]
    assert [chosen[row] for row in keys["action_row"]] == [position for position in (7, 11) if position in chosen]
    file = SketchFile(path)
    for position, sketch in zip(chosen, sketches, strict=True):
        assert {name: part.tolist() for name, part in file.sketch(position).sets.items()} == {
            name: part.tolist() for name, part in sketch.sets.items()
        }
        for kind, names in KINDS.items():
            if any(name in sketch.sets for name in names):
                [expected] = signatures([sketch], names)
                assert file.signature(position, kind).tolist() == expected.tolist()
    file.close()
