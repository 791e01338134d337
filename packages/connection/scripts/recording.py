"""Writes the test vectors, or compares them with the committed ones."""

import argparse
import json
import pathlib
import sys

if sys.version_info < (3, 12):
    sys.exit("This needs Python 3.12 or newer, and the committed vectors are those of 3.13")

# At once: a misspelt --check would write the files, some minutes later.
parser = argparse.ArgumentParser()
parser.add_argument("--check", action="store_true", help="write nothing, and fail if a file would change")
CHECK = parser.parse_args().check

TESTDATA = pathlib.Path(__file__).parent.parent / "src" / "testdata"


def shorten(value):
    """Writes a long run of one character as `[character, count]`, in a list with the text before and after it."""
    parts = []
    start = 0
    while start < len(value):
        run = start
        while run < len(value) and value[run] == value[start]:
            run += 1
        if run - start >= 64:
            parts.append([value[start], run - start])
        elif parts and isinstance(parts[-1], str):
            parts[-1] += value[start:run]
        else:
            parts.append(value[start:run])
        start = run
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else parts if parts else ""


def record(files):
    """Writes the vectors of each file, by its name without the extension; with --check, fails if one would change."""
    changed = []
    for name, vectors in files.items():
        path = TESTDATA / f"{name}.json"
        recorded = lines(vectors)
        if not CHECK:
            path.write_text(recorded, encoding="ascii")
        elif path.read_text(encoding="ascii") != recorded:
            changed.append(path.name)
        print(f"{path.name}: {len(vectors)} vectors, {len(recorded)} bytes")
    if changed:
        sys.exit(f"What the reference does is not what is recorded: {', '.join(changed)}")


def lines(vectors):
    names = [vector["name"] for vector in vectors]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"Names must be unique: {sorted(twice)[:5]}")
    return "[\n" + ",\n".join(json.dumps(vector, separators=(",", ":")) for vector in vectors) + "\n]\n"
