"""Records what Python's io.BufferedReader returns for random sequences of calls on random blocks.

    python3 scripts/record.py > src/testdata/buffered-reader.json

The seed is fixed: the same version of Python writes the same file.
"""

import io
import json
import random


class Scripted(io.RawIOBase):
    """A raw stream of which one read returns one block, or as much of it as is requested."""

    def __init__(self, blocks):
        self.blocks = list(blocks)

    def readable(self):
        return True

    def readinto(self, target):
        if not self.blocks:
            return 0
        block = self.blocks.pop(0)
        size = min(len(block), len(target))
        target[:size] = block[:size]
        if size < len(block):
            self.blocks.insert(0, block[size:])
        return size


def into(method, size):
    target = bytearray(size)
    return bytes(target[: method(target)])


OPERATIONS = {
    "read": lambda reader, amt: reader.read(-1 if amt is None else amt),
    "read1": lambda reader, amt: reader.read1(-1 if amt is None else amt),
    "readLine": lambda reader, amt: reader.readline(-1 if amt is None else amt),
    "readInto": lambda reader, amt: into(reader.readinto, amt),
    "readInto1": lambda reader, amt: into(reader.readinto1, amt),
}


def record(rng):
    size = rng.randrange(0, 60)
    data = bytes(rng.choice(b"abcdefgh\r\n\n") for _ in range(size))
    blocks = []
    while data:
        cut = rng.randrange(1, rng.choice([2, 4, 12, 40]))
        blocks.append(data[:cut])
        data = data[cut:]
    # The buffer is larger than all the data, so that its size has no effect.
    reader = io.BufferedReader(Scripted(blocks), 4096)
    steps = []
    for _ in range(rng.randrange(3, 16)):
        name = rng.choice(list(OPERATIONS))
        whole = rng.random() < 0.15 and not name.startswith("readInto")
        amt = None if whole else rng.randrange(0, rng.choice([3, 8, 70]))
        out = OPERATIONS[name](reader, amt)
        steps.append({"op": name, "amt": amt, "out": out.decode("latin-1")})
    return {"blocks": [block.decode("latin-1") for block in blocks], "steps": steps}


def main():
    rng = random.Random("buffered-reader")
    rows = [record(rng) for _ in range(150)]
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")


if __name__ == "__main__":
    main()
