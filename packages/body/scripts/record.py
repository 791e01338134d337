"""Records how http.client of CPython 3.13 interprets chunked bodies and framing fields.

Run it with that Python; it writes src/testdata/chunked.json and src/testdata/framing.json, one row per line.
"""

import argparse
import http.client
import io
import itertools
import json
import pathlib
import random
import sys

assert sys.version_info[:2] == (3, 13), "the vectors are those of 3.13"

argparse.ArgumentParser().parse_args()  # It takes no arguments, and writes files.

TESTDATA = pathlib.Path(__file__).parent.parent / "src" / "testdata"


class Reader(io.BufferedReader):
    """What socket.makefile returns, but still open after the response has closed it, so that the rest can be read."""

    def close(self):
        pass


class FakeSocket:
    def __init__(self, data):
        self.reader = Reader(io.BytesIO(data))

    def makefile(self, mode):
        return self.reader


class Response(http.client.HTTPResponse):
    """Records where the trailers are: the reference discards them."""

    trailer_span = None

    def _read_and_discard_trailer(self):
        start = self.fp.tell()
        super()._read_and_discard_trailer()
        self.trailer_span = (start, self.fp.tell())


def text(data):
    return data.decode("latin-1")


def begin(head, body, method="GET"):
    sock = FakeSocket(head + body)
    response = Response(sock, method=method)
    response.begin()
    return response, sock.reader


# --- chunked bodies ---------------------------------------------------------------------------------------------------

FAILURES = (http.client.HTTPException, ValueError, MemoryError, OverflowError)
CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def expand(parts):
    return b"".join(
        part.encode("latin-1") if isinstance(part, str) else part[0].encode("latin-1") * part[1]
        for part in parts
    )


def record_chunked(parts):
    body = expand(parts)
    row = {"body": parts[0] if len(parts) == 1 and isinstance(parts[0], str) else parts}

    response, reader = begin(CHUNKED_HEAD, body)
    try:
        row["data"] = text(response.read())
        row["rest"] = len(reader.read())
        start, end = response.trailer_span
        lines = io.BytesIO((CHUNKED_HEAD + body)[start:end]).readlines()
        row["trailers"] = http.client._parse_header_lines(lines).items()
    except http.client.IncompleteRead as error:
        row["error"] = "IncompleteRead"
        row["data"] = text(error.partial)
    except FAILURES as error:
        row["error"] = type(error).__name__

    # The part of the data that a caller gets who reads it as it arrives.
    response, reader = begin(CHUNKED_HEAD, body)
    pieces = []
    try:
        while piece := response.read1():
            pieces.append(piece)
    except FAILURES:
        pass
    row["read1"] = text(b"".join(pieces))
    if row["read1"] == row.get("data"):
        del row["read1"]
    return row


SIZES = [
    "5", "05", "000000000000000000000000000000005", "5 ", "5\t", "5 \t ", " 5", "\t5", "\v5", "5\f", "+5", "-5", "-1", "--5",
    "+-5", "+ 5", "0x5", "0X5", "0x_5", "0x", "x5", "+0x5", "-0x1", "5_0", "_5", "5_", "5__0", "0_5", "0b1", "0o5",
    "", " ", "g", "5g", "5 5", "5,", "5.", "5\r", "\r5", "5\0", "\x005", "5\x1c", "5\x85", "\xa05", "\xb2", "'5'",
    "ffffffffffffffff", "1fffffffffffff", "20000000000000", "7fffffffffffffff", "8000000000000000", "1" + "0" * 40,
    "5;", "5;a", "5;a=b", '5;a="b;c"', "5 ;a", "5\t;\ta = b", ";a", " ;5", "5;a\0b", "5;a\rb", "5;a\x7fb", "5;\xe9", "5;;", "5; 6",
    "A", "a", "0xA", "0Xa",
]
ENDS = ["\r\n", "\n", "\r", "\r\r\n", " \r\n", "\n\r"]
AFTER = ["\r\n", "\n", "", "XY", "X", "\r", "\rX", "\nX", "\r\n\r\n", "ab", "5\r", "  "]
LAST = ["0", "00", "000", "-0", "+0", "0x0", "0 ", " 0", "0;a", "0;", "0_0", "0\t;x=y", ""]
TRAILERS = [
    "\r\n", "\n", "", "\r", "X: y\r\n\r\n", "X: y\n\n", "X: y\r\n", "X: y", "X:y\r\nZ: w\r\n\r\n", "X: y\r\n z\r\n\r\n", "no colon\r\n\r\n",
    "X : y\r\n\r\n", ": y\r\n\r\n", "X: a\rb\r\n\r\n", "X: a\0b\r\n\r\n", "X: y \r\n\r\n", " X: y\r\n\r\n", "Content-Length: 5\r\n\r\n", "\xe9: \xff\r\n\r\n",
    "X: y\r\n\r\nHTTP/1.1 200 OK\r\n", "\r\n\r\n", "X: y\r\n\n\r\n", "a: b\r\n" * 99 + "\r\n", "a: b\r\n" * 100 + "\r\n",
]
DATA = "hello"


def sized(size):
    """Enough data for whatever the size may be parsed as."""
    return (DATA * 20)[:80] if size in ("5_0", "0b1") else (DATA * 4)[:10] if size.lower() in ("a", "0xa") else DATA


def chunked_bodies():
    end = "\r\n0\r\n\r\n"
    for size in SIZES:
        yield [f"{size}\r\n{sized(size)}{end}"]
        yield [f"3\r\nabc\r\n{size}\r\n{sized(size)}{end}"]
        yield [f"{size}\n{sized(size)}{end}"]
    for line_end in ENDS:
        yield [f"5{line_end}hello{end}"]
        yield [f"5\r\nhello\r\n0{line_end}\r\n"]
    for after in AFTER:
        yield [f"5\r\nhello{after}0\r\n\r\n"]
        yield [f"5\r\nhello{after}3\r\nabc\r\n0\r\n\r\n"]
    for last, trailers in itertools.product(LAST, ["\r\n", "", "X: y\r\n\r\n"]):
        yield [f"5\r\nhello\r\n{last}\r\n{trailers}"]
        if not trailers:
            yield [f"5\r\nhello\r\n{last}"]
    for trailers in TRAILERS:
        yield [f"5\r\nhello\r\n0\r\n{trailers}"]
        yield [f"0\r\n{trailers}rest"]
    whole = "5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"
    for cut in range(len(whole) + 1):
        yield [whole[:cut]]
    # Around the limit on a line, including its line ending.
    for length in (65534, 65535, 65536, 65537):
        yield [["0", length - 3], "5\r\nhello\r\n0\r\n\r\n"]
        yield ["5;", ["x", length - 4], "\r\nhello\r\n0\r\n\r\n"]
        yield ["5;", ["x", length - 2]]
        yield [["0", length]]
        yield ["0\r\nX: ", ["y", length - 5], "\r\n\r\n"]
        yield ["0\r\n", ["y", length]]

    # Seeded mutations: a byte changed, deleted, doubled or inserted.
    rng = random.Random(7112)
    alphabet = "0123456789abcfxX_+-; \t\r\n\v\0:=\"\xe9Zz"
    seeds = ["5\r\nhello\r\n0\r\n\r\n", "1\r\na\r\n2;x=y\r\nbc\r\n0\r\nX: y\r\n\r\n", "00a\r\n0123456789\r\n0;last\r\n\r\n"]
    for _ in range(400):
        body = list(rng.choice(seeds))
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            at = rng.randrange(len(body))
            match rng.randrange(4):
                case 0:
                    body[at] = rng.choice(alphabet)
                case 1:
                    del body[at]
                case 2:
                    body.insert(at, body[at])
                case 3:
                    body.insert(at, rng.choice(alphabet))
        yield ["".join(body)]


# --- framing fields ---------------------------------------------------------------------------------------------------


def record_framing(method, status, version, fields):
    head = f"HTTP/{version // 10}.{version % 10} {status} Reason\r\n" + "".join(f"{line}\r\n" for line in fields) + "\r\n"
    response, _ = begin(head.encode("latin-1"), b"", method)
    row = {"method": method, "status": status, "version": version, "fields": fields}
    row["chunked"] = response.chunked
    # JavaScript parses JSON integers exactly only up to 2^53.
    length = response.length
    row["length"] = length if length is None or length < 2**53 else "beyond 2^53"
    row["willClose"] = response.will_close
    return row


LENGTHS = [
    "5", "0", "05", "5 ", " 5", "\t5", "+5", "-5", "-0", "5_0", "_5", "5__0", "0x5", "5.0", "5e1", "five", "", " ", "5, 5", "5,5", "5, 6", "5,", ", 5",
    "5;a", "5 5", "\xb2", "5\xa0", "\x855", "\x1c5", "\x1c5\xa0", "9007199254740991", "9007199254740992", "99999999999999999999", "1" + "0" * 400,
    "0" * 4300, "0" * 4301, "1_" * 4299 + "1", "1_" * 4300 + "1", "'5'", "5\0",
]
CODINGS = [
    "chunked", "Chunked", "CHUNKED", "chunked ", " chunked", "chunked\t", "chunked;a=b", "chunked, chunked", "gzip", "gzip, chunked", "chunked, gzip",
    "identity", "", " ", ",", "chunked,", ", chunked", "chun ked", "xchunked", "\"chunked\"", "chunked\x0b", "\xa0chunked",
]
CONNECTIONS = [
    ["Connection: close"], ["Connection: Close"], ["Connection: keep-alive"], ["Connection: Keep-Alive"], ["Connection: keep-alive, close"],
    ["Connection: closed"], ["Connection: foreclosed"], ["Connection: upgrade"], ["Connection: "], ["Connection: keep-alive", "Connection: close"],
    ["Connection: close", "Connection: keep-alive"], ["Connection: not-keep-alive"], ["Keep-Alive: timeout=5"], ["Keep-Alive: "],
    ["Proxy-Connection: keep-alive"], ["Proxy-Connection: close"], ["Connection: close", "Keep-Alive: timeout=5"], [],
]


def framing_heads():
    for length in LENGTHS:
        yield "GET", 200, 11, [f"Content-Length: {length}"]
        yield "GET", 200, 11, ["Content-Length: 7", f"Content-Length: {length}"]
        yield "GET", 200, 11, [f"Content-Length: {length}", "Content-Length: 7"]
    for coding in CODINGS:
        yield "GET", 200, 11, [f"Transfer-Encoding: {coding}"]
        yield "GET", 200, 11, [f"Transfer-Encoding: {coding}", "Content-Length: 5"]
        yield "GET", 200, 11, [f"Transfer-Encoding: {coding}", "Transfer-Encoding: chunked"]
        yield "GET", 200, 10, ["Transfer-Encoding: gzip", f"Transfer-Encoding: {coding}"]
        yield "GET", 200, 10, [f"Transfer-Encoding: {coding}"]
    bodies = [[], ["Content-Length: 5"], ["Transfer-Encoding: chunked"], ["Content-Length: x"]]
    for connection, version, body in itertools.product(CONNECTIONS, (10, 11), bodies):
        yield "GET", 200, version, connection + body
    for method, status in [
        ("HEAD", 200), ("head", 200), ("GET", 101), ("GET", 103), ("GET", 204), ("GET", 205), ("GET", 304), ("HEAD", 304), ("GET", 404), ("CONNECT", 200),
        ("CONNECT", 204), ("CONNECT", 299), ("CONNECT", 407), ("connect", 200), ("GET", 999), ("POST", 201),
    ]:
        for version, body in itertools.product((10, 11), bodies):
            yield method, status, version, body


def write(name, rows):
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    (TESTDATA / name).write_text(f"[\n{lines}\n]\n")
    print(f"{name}: {len(rows)}")


if __name__ == "__main__":
    TESTDATA.mkdir(exist_ok=True)
    write("chunked.json", [record_chunked(parts) for parts in chunked_bodies()])
    write("framing.json", [record_framing(*head) for head in framing_heads()])
