"""The responses to record, by file. A case is (name, method, answer, calls)."""

import itertools

CRLF = "\r\n"
OK = "HTTP/1.1 200 OK"

CALLS = ["read", "read 0", "read 1", "read 3", "read 64", "read1", "read1 0", "read1 2", "readinto 0", "readinto 3",
         "readinto 64", "peek", "peek 2", "readline", "readline 0", "readline 3", "readline 64", "lines"]


PAIRED = ["read", "read 0", "read 3", "read 64", "read1 2", "readinto 3", "peek 2", "readline", "readline 3", "lines"]


class Numbers:
    """The same numbers on every run and in every version (a linear congruence, with Knuth's constants)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound

    def pick(self, items):
        return items[self.below(len(items))]


def message(start=OK, fields=(), body="", end=CRLF):
    return end.join([start, *fields, "", ""]) + body


def chunks(*sizes_and_data, trailers=(), end=CRLF):
    text = "".join(f"{len(data):x}{end}{data}{end}" for data in sizes_and_data)
    return text + "0" + end + "".join(trailer + end for trailer in trailers) + end


CHUNKED = "Transfer-Encoding: chunked"


# --- head -------------------------------------------------------------------------------------------------------------

VERSIONS = ["HTTP/1.0", "HTTP/1.1", "HTTP/1.2", "HTTP/1.9", "HTTP/1.10", "HTTP/1.", "HTTP/1", "HTTP/1.1x", "HTTP/1.x",
            "HTTP/1.0x", "HTTP/1.1.1", "HTTP/1.-1", "HTTP/01.1", "HTTP/0.9", "HTTP/0.8", "HTTP/0", "HTTP/2.0", "HTTP/2",
            "HTTP/3", "HTTP/11", "HTTP/9.9", "HTTP/", "HTTP", "HTTP/x", "HTTP/-1.1", "http/1.1", "Http/1.1", "HTTPS/1.1", "xHTTP/1.1",
            "SHTTP/1.3", "ICY", "\xffHTTP/1.1", "HTTP\\1.1", "HTTP/1,1", "RTSP/1.0", "<html>"]
CODES = ["200", "100x", "099", "99", "20", "2", "1000", "2000", "999", "600", "+200", "-200", "--200", "+-200", "2_00", "20_0", "2__00", "_200", "200_",
         "0200", "00200", "200.0", "200.", "0xc8", "2e2", "\xb2\xb3\xb9", "abc", "200OK", "200,", "200;", "(200)", "\x00200", "200\x00", "2\x000", "1\xa000"]
BLANKS = ["\t", "\x0b", "\x0c", "\r", "\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\xa0", "  ", " \t", "\t\t ", "\x00", "\x08", "\x7f", "\x80"]
REASONS = ["", " ", "  ", " OK", "  OK", " OK ", " OK  ", " OK\t", "\tOK", " Not Found", " Not  Found", " a\tb", " \x80\xff", " \xa0x", " x\xa0", " x\x85", " x\x1f",
           " a\rb", " a\x00b", " \x00", " a\x0bb", " a\x7f", " \x1b[31m", " 200", " HTTP/1.1 200 OK", " :", " a: b"]
EMPTY = ["Content-Length: 0"]


def status_lines():
    for version in VERSIONS:
        yield f"version {version!r}", f"{version} 200 OK"
    for version in ["HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1"]:
        yield f"version {version!r} and nothing else", version
        yield f"version {version!r} and a bad code", f"{version} 20 OK"
        yield f"version {version!r} without a reason", f"{version} 200"
    for code in CODES:
        yield f"code {code!r}", f"HTTP/1.1 {code} OK"
    for code in CODES[::3]:
        yield f"code {code!r} without a reason", f"HTTP/1.1 {code}"
    for blank in BLANKS:
        yield f"blank {blank!r} before the code", f"HTTP/1.1{blank}200 OK"
        yield f"blank {blank!r} before the reason", f"HTTP/1.1 200{blank}OK"
        yield f"blank {blank!r} before the version", f"{blank}HTTP/1.1 200 OK"
        yield f"blank {blank!r} behind the reason", f"HTTP/1.1 200 OK{blank}"
        yield f"blank {blank!r} inside the reason", f"HTTP/1.1 200 Not{blank}Found"
        yield f"blank {blank!r} behind the code", f"HTTP/1.1 200{blank}"
    for reason in REASONS:
        yield f"reason {reason!r}", f"HTTP/1.1 200{reason}"
    for line in ["", " ", "HTTP/1.1", "HTTP/1.1 ", "200 OK", "200", "HTTP/1.1200 OK", "HTTP/1.1 OK 200", "GET / HTTP/1.1", "\x16\x03\x01\x02", "{}", "Content-Length: 0"]:
        yield f"no status line {line!r}", line


def head():
    for name, line in status_lines():
        yield f"status line: {name}", "GET", message(line, EMPTY)
    for name, line in [("a good one", OK), ("HTTP/2.0", "HTTP/2.0 200 OK"), ("a bad code", "HTTP/1.1 20 OK"), ("nothing", "")]:
        for end in ["\n", "\r\r\n", "\r\n\r\n", "\n\r\n", "\r", "\r\r", "", " \r\n", "\x00\r\n"]:
            yield f"status line: {name}, ended by {end!r}", "GET", line + end + "Content-Length: 0\r\n\r\n"
    for before in ["\r\n", "\n", "\r\n\r\n", " \r\n", "\x00", "\xef\xbb\xbf", "x\r\n"]:
        yield f"status line: {before!r} before it", "GET", before + message(OK, EMPTY)
    for code in [101, 102, 103, 199, 200, 201, 204, 205, 206, 299, 304, 404, 407, 500, 999]:
        for method in ["GET", "HEAD", "CONNECT"]:
            if method != "GET" and code not in (101, 103, 200, 204, 205, 299, 304, 404):
                continue
            start = f"HTTP/1.1 {code} X"
            yield f"code {code} to {method}, no framing", method, message(start, [], "body")
            yield f"code {code} to {method}, a length", method, message(start, ["Content-Length: 4"], "body")
            yield f"code {code} to {method}, chunks", method, message(start, [CHUNKED], chunks("body"))
            yield f"code {code} to {method}, closing", method, message(start, ["Connection: close", "Content-Length: 4"], "body")
            if code in (200, 204, 304):
                for bad in ["Content-Length: x", "Content-Length: -4", "Transfer-Encoding: gzip", "Transfer-Encoding: "]:
                    yield f"code {code} to {method}, {bad!r}", method, message(start, [bad], "body")
    yield from fields()
    yield from limits()
    yield from interim()


FIELD_LINES = [
    "A:b", "A: b", "A:  b", "A:\tb", "A: b ", "A: b\t", "A: b \t ", "A:", "A: ", "A:   ", "A: b c", "A: b\tc", "A: b:c", "A::b", "A: :", "a-b_c.d!#$%&'*+^`|~1: x",
    "A: \x80\xff", "A: \xe9t\xe9", "A: \x85", "A: \xa0b\xa0", "A: b\xa0", "A: \x1f", "A: b\x1c", "A: b\x0b", "A: b\x0c", "A: \x00", "A: b\x00c", "A: \x01", "A: \x08", "A: \x1b", "A: \x7f",
    "A : b", "A\t: b", "A  : b", " A: b", "\tA: b", ": b", ":", "::", " : b", " :", "A", "A b", "A=b", "\x00", "\x00: b", "A\x00B: b", "A B: c", "A\tB: c", "A(B): c", "A/B: c",
    "A@B: c", "\"A\": c", "A,B: c", "{A}: c", "[A]: c", "A;B: c", "A?: c", "A=: c", "A\\: c", "<A>: c", "\x80: b", "\xe9: b", "A\xff: b", "A\x7f: b", "A\x1f: b", "A\x0b: b", "\x0bA: b", "\x0cA: b", "\xa0A: b",
    "From a@b", "From a: b", "From: a", "From  x", "FROM a", ">From a: b", "HTTP/1.1 200 OK", "HTTP/1.1 404 X: y", "--", "--: b", "-: b",
    "A: b\rC: d", "A: b\r", "A: b\r\r", "A: \rb", "A\r: b", "\rA: b", "A: b\r C: d", "A: b\r\tC: d", "A: b\rC", "A: b\r: d", "\r: b", "\r", "\r\r",
    "A: b\n", "__proto__: x", "constructor: x", "hasOwnProperty: x", "toString: x", "A: =?utf-8?q?b?=", "A: \"b", "A: b;c=d", "A: b, c", "A: ,", "A: (b)", "A: \\", "A: %00",
]


def fields():
    for line in FIELD_LINES:
        yield f"field {line!r} first", "GET", message(OK, [line, "Content-Length: 4"], "body")
        yield f"field {line!r} amid", "GET", message(OK, ["X: 1", line, "Content-Length: 4"], "body")
    for line in FIELD_LINES[::4]:
        yield f"field {line!r} alone", "GET", message(OK, [line], "body")
        yield f"field {line!r} last", "GET", message(OK, ["Content-Length: 4", line], "body")
        yield f"field {line!r} ended by LF", "GET", message(OK, ["X: 1", line, "Content-Length: 4"], "body", "\n")
        yield f"field {line!r} twice", "GET", message(OK, ["Content-Length: 4", line, line], "body")
    folds = [" b", "\tb", "  b", " \tb", " b ", " ", "\t", "  ", " b: c", " : c", " \x00", " \r", " b\rc", " b\rC: d", " \x80", " Content-Length: 9", "\x0bb", "\xa0b"]
    for fold in folds:
        yield f"fold {fold!r} behind a value", "GET", message(OK, ["Content-Length: 4", "A: a", fold], "body")
        yield f"fold {fold!r} behind an empty value", "GET", message(OK, ["Content-Length: 4", "A:", fold], "body")
        yield f"fold {fold!r} behind blanks", "GET", message(OK, ["A: a \t", fold, "Content-Length: 4"], "body")
        yield f"fold {fold!r} first of all", "GET", message(OK, [fold, "Content-Length: 4"], "body")
        yield f"fold {fold!r} twice", "GET", message(OK, ["A: a", fold, fold, "Content-Length: 4"], "body")
    for fold in folds[::3]:
        yield f"fold {fold!r} ended by LF", "GET", message(OK, ["Content-Length: 4", "A: a", fold], "body", "\n")
        yield f"fold {fold!r} behind a broken line", "GET", message(OK, ["Content-Length: 4", ": a", fold], "body")
    for fold in [" 4", "\t4", " 5", "", " "]:
        yield f"fold {fold!r} in Content-Length", "GET", message(OK, ["Content-Length:", fold] if fold else ["Content-Length:"], "body")
        yield f"fold {fold!r} behind Content-Length", "GET", message(OK, ["Content-Length: 4", fold] if fold else ["Content-Length: 4 "], "body")
        yield f"fold {fold!r} in Transfer-Encoding", "GET", message(OK, ["Transfer-Encoding:", " chunked", fold] if fold else ["Transfer-Encoding:", " chunked"], chunks("body"))
    for pair in itertools.product(["A: 1", "a: 2", "B: 3"], repeat=3):
        yield f"fields {', '.join(pair)}", "GET", message(OK, [*pair, "Content-Length: 0"])
    for end in ["\r\n\n", "\n\r\n", "\n\n", "\r\n\r\r\n", "\r\n \r\n\r\n", "\r\n\x00\r\n\r\n", "\r\n\r", "\r\r\n\r\r\n", "\r\r"]:
        yield f"head ended by {end!r}", "GET", f"{OK}\r\nContent-Length: 4\r\nA: b{end}body"


def limits():
    for count in [1, 99, 100, 101, 102]:
        yield f"{count} fields", "GET", message(OK, [f"A: {index % 10}" for index in range(count - 1)] + EMPTY)
        yield f"{count} lines, folded", "GET", message(OK, [*EMPTY, "A: b", *[" c"] * (count - 2)])
        yield f"{count} fields in an interim response", "GET", message("HTTP/1.1 100 Continue", ["A: b"] * count) + message(OK, EMPTY)
    for length, end in [(65535, CRLF), (65536, CRLF), (65537, CRLF), (65536, "\n"), (65537, "\n")]:
        room = length - len(end)
        yield f"a field line of {length} bytes ended by {end!r}", "GET", f"{OK}\r\nA:{'b' * (room - 2)}{end}Content-Length: 0\r\n\r\n"
        yield f"a status line of {length} bytes ended by {end!r}", "GET", f"HTTP/1.1 200 {'b' * (room - 13)}{end}Content-Length: 0\r\n\r\n"
        if end == CRLF:
            yield f"a fold of {length} bytes ended by {end!r}", "GET", f"{OK}\r\nA: b\r\n {'b' * (room - 1)}{end}Content-Length: 0\r\n\r\n"
            yield f"a line of {length} bytes in an interim response", "GET", f"HTTP/1.1 100 Continue\r\nA:{'b' * (room - 2)}\r\n\r\n" + message(OK, EMPTY)
            yield f"a field line of {length} bytes without an end", "GET", f"{OK}\r\nA:{'b' * (length - 2)}"
            yield f"a status line of {length} bytes without an end", "GET", f"HTTP/1.1 200 {'b' * (length - 13)}"
            yield f"no status line, {length} bytes", "GET", "x" * length


def interim():
    for count in [1, 2, 3, 99, 100, 101, 150]:
        yield f"{count} interim responses", "GET", message("HTTP/1.1 100 Continue") * count + message(OK, EMPTY)
    for code in [100, 101, 102, 103, 199]:
        for fields in [[], ["A: b"], ["Content-Length: 4"], [CHUNKED], ["Connection: close"], ["A : b"], ["A"], ["A: b\rC"], ["A: b", " c"]]:
            yield f"{code} with {fields!r} before the answer", "GET", message(f"HTTP/1.1 {code} X", fields) + message(OK, ["Content-Length: 4"], "body")
        yield f"{code} and no more", "GET", message(f"HTTP/1.1 {code} X")
        yield f"{code} and a piece of more", "GET", message(f"HTTP/1.1 {code} X") + "HTT"
        yield f"{code} in HTTP/1.0", "GET", message(f"HTTP/1.0 {code} X") + message(OK, ["Content-Length: 4"], "body")
        yield f"{code} in HTTP/2.0", "GET", message(f"HTTP/2.0 {code} X") + message(OK, ["Content-Length: 4"], "body")
    yield "100 and 103 before the answer", "GET", message("HTTP/1.1 100 X") + message("HTTP/1.1 103 X", ["Link: a"]) + message(OK, EMPTY)
    yield "100 before HEAD's answer", "HEAD", message("HTTP/1.1 100 X") + message(OK, ["Content-Length: 4"])
    yield "+100 before the answer", "GET", message("HTTP/1.1 +100 X") + message(OK, EMPTY)
    yield "1_00 before the answer", "GET", message("HTTP/1.1 1_00 X") + message(OK, EMPTY)


# --- length -----------------------------------------------------------------------------------------------------------

LENGTHS = ["5", "0", "00", "05", "000005", "+5", "+0", "-0", "-1", "-5", "--5", "+-5", " 5", "5 ", "\t5", "5\t", "  5  ", "5_0", "_5", "5_", "0_5", "5__0", "5.0", "5.", ".5", "5e0", "0x5", "0b1",
           "5 5", "5,", "5, 5", "5,5", "5, 5, 5", "5, 6", "5, 05", ",5", ", 5", "5,,5", "5, ", "", " ", "x", "5x", "x5", "\xb2", "5\xa0", "\xa05", "5\x85", "5\x0b", "5\x0c", "5\x1c", "\x1c5", "5\x00", "5;a", "\"5\"", "five", "None", "nan", "inf", "-inf", "True",
           "2147483648", "4294967296", "4294967301", "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616", "18446744073709551621", "9" * 30, "5" + "0" * 400,
           "0" * 400 + "5", "9" * 4300, "9" * 4301]


def length():
    for value in LENGTHS:
        name = f"{value!r}" if len(value) < 40 else f"{value[:3]!r}..., {len(value)} digits"
        huge = len(value) > 9 and value.isdigit() and int(value[:4300]) > 1000
        yield f"Content-Length {name}", "GET", message(OK, [f"Content-Length: {value}"], "he\nllo more" if huge else "hello more"), ["readline", "read 3"] if huge else ["read"]
        if len(value) < 40 and not huge:
            yield f"Content-Length {name}, read by amount", "GET", message(OK, [f"Content-Length: {value}"], "hello"), ["read 3", "read 9", "read"]
            yield f"Content-Length {name} in HTTP/1.0 kept", "GET", message("HTTP/1.0 200 OK", ["Connection: keep-alive", f"Content-Length: {value}"], "hello")
    values = ["5", "05", "6", "-5", "x", "", "5, 5"]
    for first, second in itertools.product(values, repeat=2):
        yield f"Content-Length {first!r} and {second!r}", "GET", message(OK, [f"Content-Length: {first}", f"content-length: {second}"], "hello more")
    codings = ["chunked", "Chunked", "CHUNKED", " chunked ", "chunked ", "\tchunked", "chunked,", ",chunked", ", chunked", "chunked, chunked", "gzip", "gzip, chunked", "chunked, gzip", "identity", "identity, chunked", "", " ", ",",
               "chunked;a=b", "chunked; q=1", "x-chunked", "chunkedx", "\x0bchunked", "chunked\x0b", "chunked\xa0", "chunk ed", "\"chunked\"", "chunked\x00", "deflate", "compress, identity", "c", "\u017f".encode().decode("latin-1") + "hunked"]
    for coding in codings:
        field = f"Transfer-Encoding: {coding}"
        for version in ["1.1", "1.0"]:
            start = f"HTTP/{version} 200 OK"
            if version == "1.1":
                yield f"Transfer-Encoding {coding!r}, no length", "GET", message(start, [field], chunks("hello"))
            yield f"Transfer-Encoding {coding!r} in HTTP/{version} and a length", "GET", message(start, [field, "Content-Length: 5"], chunks("hello"))
        yield f"Transfer-Encoding {coding!r} behind a length", "GET", message(OK, ["Content-Length: 3", field], chunks("hello")), ["read 2", "read"]
        yield f"Transfer-Encoding {coding!r} and a broken length", "GET", message(OK, ["Content-Length: x", field], chunks("hello"))
        yield f"Transfer-Encoding {coding!r} to HEAD", "HEAD", message(OK, [field])
    for first, second in [("chunked", "chunked"), ("gzip", "chunked"), ("chunked", "gzip"), ("", "chunked"), ("chunked", ""), ("identity", "chunked"), ("chunked", "identity")]:
        yield f"Transfer-Encoding {first!r} and {second!r}", "GET", message(OK, [f"Transfer-Encoding: {first}", f"Transfer-Encoding: {second}"], chunks("hello"))
        yield f"Transfer-Encoding {first!r} and {second!r} and a length", "GET", message(OK, [f"Transfer-Encoding: {first}", "Content-Length: 4", f"Transfer-Encoding: {second}"], chunks("hello"))
    for name in ["content-length", "CONTENT-LENGTH", "Content_Length", "Content-Length ", " Content-Length", "X-Content-Length", "Content-Lengt", "Content-Length\x00", "Content\x2dLength"]:
        yield f"a length named {name!r}", "GET", message(OK, [f"{name}: 3"], "hello")
    for name in ["transfer-encoding", "TRANSFER-ENCODING", "Transfer_Encoding", "Transfer-Encoding ", " Transfer-Encoding", "TE", "Transfer-Encodin", "X-Transfer-Encoding"]:
        yield f"a coding named {name!r}", "GET", message(OK, [f"{name}: chunked", "Content-Length: 3"], chunks("hello"))


# --- chunked ----------------------------------------------------------------------------------------------------------

SIZES = ["5", "05", "0" * 20 + "5", "+5", "-5", "-1", "0x5", "0X5", "+0x5", "0_5", "_5", "5_", "5 ", " 5", "5\t", "\t5", " 5 ", "5  ", "5\x0b", "5\x0c", "\x0b5", "5\xa0", "5\x85", "5\x00", "\x005", "5.", "5,", "5h", "h", "x", "", " ", "\t", "5 5", "0x", "x5", "#5", "$5",
         "\"5\"", "0b101", "0o5", "5e0", "5\r", "\r5", "5\r ", "5\x1c", "\x1f5", "5\x80", "\xb2", "-0", "+0", "0x0", "00", "0" * 40, "0 ", " 0", "0\t", "--5", "+-5", "5-", "5+", "- 5", "+ 5"]
HUGE = ["7fffffff", "80000000", "ffffffff", "100000000", "1fffffffffffff", "20000000000000", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "10000000000000000", "10000000000000005", "f" * 40]
EXTENSIONS = [";", ";a", ";a=b", "; a=b", " ;a", " ; a = b", "\t;a", ";a=\"b\"", ";a=\"b;c\"", ";a=\"b\r c\"", ";\x00", ";a\x01", ";\x7f", ";\x80", ";a\rb", ";a\r", ";5", ";;", ";=", "; ", ";\t", ";a=\"", " a", "a=b;", ";a=b;c=d", ";" + "x" * 100]


def chunked():
    def answer(body, fields=()):
        return message(OK, [CHUNKED, *fields], body)

    for size in SIZES:
        name = size if len(size) < 20 else f"{len(size)} digits"
        yield f"chunk size {name!r}", "GET", answer(f"{size}\r\nhello\r\n0\r\n\r\n")
        yield f"chunk size {name!r} behind another", "GET", answer(f"3\r\nabc\r\n{size}\r\nhello\r\n0\r\n\r\n"), ["read 3", "read 4", "read"]
        yield f"chunk size {name!r}, last", "GET", answer(f"5\r\nhello\r\n{size}\r\n\r\n"), ["readline", "read"]
    for size in SIZES[::3]:
        name = size if len(size) < 20 else f"{len(size)} digits"
        yield f"chunk size {name!r} ended by LF", "GET", answer(f"{size}\nhello\r\n0\r\n\r\n"), ["readinto 64", "read"]
        yield f"chunk size {name!r} behind another, read at once", "GET", answer(f"3\r\nabc\r\n{size}\r\nhello\r\n0\r\n\r\n"), ["read 4", "read 4"]
    for size in HUGE:
        yield f"chunk size {size[:20]!r}, {len(size)} digits", "GET", answer(f"{size}\r\nhe\nllo"), ["readline", "read 3"]
        yield f"chunk size {size[:20]!r}, {len(size)} digits, the first", "GET", answer(f"{size}\r\nhe\nllo"), ["read 3", "read 4"]
        yield f"chunk size {size[:20]!r}, {len(size)} digits, the second", "GET", answer(f"1\r\nx\r\n{size}\r\nhe\nllo\r\n0\r\n\r\n"), ["read 1", "read 3"]
    for extension in EXTENSIONS:
        name = extension if len(extension) < 40 else f"{len(extension)} bytes"
        for end in [CRLF, "\n"]:
            yield f"extension {name!r} ended by {end!r}", "GET", answer(f"5{extension}{end}hello\r\n0\r\n\r\n")
            yield f"extension {name!r} on the last chunk, ended by {end!r}", "GET", answer(f"5\r\nhello\r\n0{extension}{end}\r\n"), ["read 5", "read"]
        yield f"extension {name!r} without a size", "GET", answer(f"{extension}\r\nhello\r\n0\r\n\r\n")
    for behind in ["", "\n", "\r", "\r\r", "\n\n", "\n\r", "xx", "x", "xxx", "\r\n\r\n", " \r\n", "\r\n ", "\x00\x00", "0\r", "\r0"]:
        for calls in [["read"], ["read 5", "read 5"], ["readinto 64"], ["read1", "read1", "read1"]]:
            yield f"{behind!r} behind the data: {', '.join(calls)}", "GET", answer(f"5\r\nhello{behind}3\r\nabc\r\n0\r\n\r\n"), calls
    for end in ["\r\n", "\n", "\r\r\n", "\n\r\n"]:
        yield f"lines ended by {end!r}", "GET", answer(f"5{end}hello{end}0{end}{end}"), ["read"]
        yield f"lines ended by {end!r}, data ended by CRLF", "GET", answer(f"5{end}hello\r\n0{end}{end}"), ["read 3", "read"]
    sections = [["A: b"], ["A: b", "C: d"], ["A:b "], ["A: b", " c"], [" c"], ["A : b"], ["A"], [": b"], ["A: b\rc"], ["A: \x00"], ["A: \x80"], ["\x00"], ["Content-Length: 3"], ["Transfer-Encoding: gzip"], ["From a"], ["5", "hello"], ["A: b"] * 99, ["A: b"] * 100, ["A: b"] * 101,
                ["A: b", *[" c"] * 99], ["A: b", *[" c"] * 100], ["A:" + "b" * 65532], ["A:" + "b" * 65533], ["A" * 65535]]
    for section in sections:
        name = ("folded " if len(section) > 1 and section[1] == " c" else "") + (f"{section[0]!r}" if len(section[0]) < 40 else f"a line of {len(section[0])} bytes, {section[0][:3]!r}")
        for end in [CRLF, "\n"]:
            yield f"{len(section)} trailers, {name}, ended by {end!r}", "GET", answer("5\r\nhello\r\n0\r\n" + "".join(line + end for line in section) + end), ["read", "read"]
        yield f"{len(section)} trailers, {name}, read by amount", "GET", answer("5\r\nhello\r\n0\r\n" + "".join(line + CRLF for line in section) + CRLF), ["read 5", "read 5"]
        yield f"{len(section)} trailers, {name}, cut off", "GET", answer("5\r\nhello\r\n0\r\n" + CRLF.join(section)), ["read"]
    for length, end in [(65536, CRLF), (65537, CRLF), (65536, "\n"), (65537, "\n")]:
        yield f"a chunk line of {length} bytes ended by {end!r}", "GET", answer(f"5;{'x' * (length - 2 - len(end))}{end}hello\r\n0\r\n\r\n")
        yield f"a chunk size of {length} bytes ended by {end!r}", "GET", answer(f"{'0' * (length - 1 - len(end))}5{end}hello\r\n0\r\n\r\n")
    shapes = [["a"], ["hello", " ", "world"], list("hello"), ["line one\n", "line", " two\nline three"], ["\r\n", "0\r\n\r\n"], ["5\r\nhello\r\n"], ["\n\n", "\n"], ["x" * 16, "y" * 17], []]
    for shape, calls in itertools.product(shapes, [["read"], ["read 1", "read 2", "read"], ["readinto 7", "readinto 7", "readinto 64"], ["lines"], ["readline 3", "readline", "read 1", "lines"], ["read1", "read1", "read1", "read"], ["peek", "read 3", "peek 1", "read"]]):
        yield f"chunks {shape!r}: {', '.join(calls)}", "GET", answer(chunks(*shape)), calls
    for stray in ["x", "\r\n", "0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "\x00"]:
        yield f"{stray!r} behind the last chunk", "GET", answer(chunks("hello") + stray), ["read", "read"]
        yield f"{stray!r} behind the last chunk, read by amount", "GET", answer(chunks("hello") + stray), ["read 5", "read 5", "read"]
        yield f"{stray!r} behind the last chunk, read as lines", "GET", answer(chunks("hello") + stray), ["lines", "read"]


# --- close ------------------------------------------------------------------------------------------------------------

CONNECTIONS = [None, "close", "Close", "CLOSE", "keep-alive", "Keep-Alive", "KEEP-ALIVE", "close, keep-alive", "keep-alive, close", "upgrade", "upgrade, close", "closed", "not-close", "disclose", "keep-alives", "xkeep-alive", "close;a", "\"close\"", "", " ", ",", ",close", "close,", "clo se", "keep alive", "timeout=5", "te", "TE, close", "Keep-Alive, Upgrade"]


def close():
    for value, version in itertools.product(CONNECTIONS, ["1.1", "1.0"]):
        fields = [] if value is None else [f"Connection: {value}"]
        start = f"HTTP/{version} 200 OK"
        yield f"Connection {value!r} in HTTP/{version}, a length", "GET", message(start, [*fields, "Content-Length: 5"], "hello")
        yield f"Connection {value!r} in HTTP/{version}, to the end", "GET", message(start, fields, "hello"), ["read 3", "read", "read"]
        yield f"Connection {value!r} in HTTP/{version}, chunks", "GET", message(start, [*fields, CHUNKED], chunks("hello")), ["read 5", "read"]
        yield f"Connection {value!r} in HTTP/{version}, no content", "GET", message(f"HTTP/{version} 204 X", fields)
    for value, version in itertools.product([None, "close", "keep-alive"], ["1.2", "0.9"]):
        fields = [] if value is None else [f"Connection: {value}"]
        yield f"Connection {value!r} in HTTP/{version}, a length", "GET", message(f"HTTP/{version} 200 OK", [*fields, "Content-Length: 5"], "hello")
        yield f"Connection {value!r} in HTTP/{version}, HEAD", "HEAD", message(f"HTTP/{version} 200 OK", [*fields, "Content-Length: 5"])
    for version, (first, second) in itertools.product(["1.1", "1.0"], [("close", "keep-alive"), ("keep-alive", "close"), ("x", "close"), ("x", "keep-alive"), ("", "close"), ("close", "close")]):
        yield f"Connection {first!r} and {second!r} in HTTP/{version}", "GET", message(f"HTTP/{version} 200 OK", [f"Connection: {first}", f"Connection: {second}", "Content-Length: 5"], "hello")
    for version, field in itertools.product(["1.1", "1.0"], ["Keep-Alive: timeout=5", "Keep-Alive:", "Keep-Alive: x", "Proxy-Connection: keep-alive", "Proxy-Connection: Keep-Alive", "Proxy-Connection: close", "Proxy-Connection: x, keep-alive"]):
        for others in [[], ["Connection: close"], ["Connection: x"]]:
            yield f"{field!r} and {others!r} in HTTP/{version}", "GET", message(f"HTTP/{version} 200 OK", [field, *others, "Content-Length: 5"], "hello")
    for body in ["", "x", "line\n", "one\ntwo\n", "one\r\ntwo", "\n", "\x00\xff"]:
        for calls in [["read"], ["read 1", "read 1", "read 1"], ["readinto 2", "readinto 64", "readinto 64"], ["lines", "read"], ["readline", "readline 2", "read"], ["read1", "read1", "read1"], ["peek 1", "read", "peek"]]:
            yield f"to the end, {body!r}: {', '.join(calls)}", "GET", message(OK, [], body), calls


# --- reading ----------------------------------------------------------------------------------------------------------

BODY = "ab\ncdef\n\nghi"


def framings():
    yield "a length", message(OK, [f"Content-Length: {len(BODY)}"], BODY)
    yield "chunks", message(OK, [CHUNKED], chunks("ab\nc", "de", "f\n\nghi"))
    yield "to the end", message(OK, ["Connection: close"], BODY)


def reading():
    for name, answer in framings():
        for call in CALLS:
            yield f"{name}: {call}", "GET", answer, [call]
        for first, second in itertools.product(PAIRED, repeat=2):
            yield f"{name}: {first}, {second}", "GET", answer, [first, second, "read"]
    numbers = Numbers(9112)
    for name, answer in framings():
        seen = set()
        while len(seen) < 50:
            program = tuple(numbers.pick(CALLS) for _ in range(3 + numbers.below(6)))
            if program not in seen:
                seen.add(program)
                yield f"{name}: {', '.join(program)}", "GET", answer, list(program)
        for call in ["read", "read 3", "read1", "readinto 3", "peek", "readline", "lines"]:
            yield f"{name}: closed, then {call}", "GET", answer, ["read 2", "close", call, "close"]
            yield f"{name}: read to the end, then {call}", "GET", answer, ["read", call, call]
            yield f"{name}: to HEAD, {call}", "HEAD", answer, [call, "read"]
        for call in ["read -1", "read -2", "read1 -1", "read1 -2", "peek -1", "peek -2", "readline -1", "readline -2"]:
            yield f"{name}: {call}", "GET", answer, ["read 2", call]
    stray = "HTTP/1.1 200 OK\r\n\r\n"
    for name, answer in list(framings())[:2]:
        for call in CALLS:
            yield f"{name} and stray bytes: {call}", "GET", answer + stray, [call, "read", call]
    large = "x" * 10000 + "\n" + "y" * 10000
    for name, answer in [
        ("a large body by its length", message(OK, ["Content-Length: 20001"], large)),
        ("a large body in chunks", message(OK, [CHUNKED], chunks("x" * 9000, "x" * 1000 + "\n", "y" * 10000))),
        ("a large body to the end", message(OK, [], large)),
    ]:
        for calls in [["read"], ["read 8192", "read 8193", "read"], ["readinto 16384", "readinto 16384"], ["lines"], ["readline 9999", "readline", "readline 64", "read"], ["peek 2", "read 20001", "read 1"]]:
            yield f"{name}: {', '.join(calls)}", "GET", answer, calls
    empty = [("a length of 0", message(OK, ["Content-Length: 0"])), ("no chunk", message(OK, [CHUNKED], chunks())), ("an empty end", message(OK)), ("no content", message("HTTP/1.1 204 X"))]
    for (name, answer), call in itertools.product(empty, CALLS):
        yield f"{name}: {call}", "GET", answer, [call, "read"]


# --- truncated --------------------------------------------------------------------------------------------------------

WHOLE = [
    ("a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ["read"]),
    ("a length, by amount", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", ["read 2", "read 9", "read"]),
    ("a length, as lines", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none\ntwo\n.", ["lines", "read"]),
    ("chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", ["read"]),
    ("chunks, by amount", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", ["read 4", "read 4", "read"]),
    ("chunks, into an array", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", ["readinto 4", "readinto 4", "readinto 4"]),
    ("chunks, as lines", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na\nbc\r\n2\r\nd\n\r\n0\r\n\r\n", ["lines", "read"]),
    ("trailers", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n0;z\r\nA: b\r\n c\r\nD:e\r\n\r\n", ["read", "read"]),
    ("to the end", "GET", "HTTP/1.1 200 OK\r\nA: b\r\n\r\nhello", ["read 2", "read"]),
    ("an interim response", "GET", "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", ["read"]),
    ("HTTP/1.0", "GET", "HTTP/1.0 404 Not Found\nConnection: keep-alive\nContent-Length: 3\n\nabc", ["readline"]),
    ("folds and odd lines", "GET", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nD : e\r\nContent-Length: 2\r\n\r\nhi", ["read"]),
    ("HEAD", "HEAD", "HTTP/1.1 304 X\r\nContent-Length: 5\r\n\r\n", ["read"]),
]


def truncated():
    yield "nothing", "GET", ""
    seen = set()
    for name, method, answer, calls in WHOLE:
        for end in range(1, len(answer) + 1):
            # If the cut is in the head, messages with the same beginning are one case.
            if (method, answer[:end]) not in seen:
                seen.add((method, answer[:end]))
                yield f"{name}: {end} of {len(answer)} bytes", method, answer[:end], calls
            elif answer.find("\r\n\r\n", 0, end) >= 0:
                yield f"{name}: {end} of {len(answer)} bytes", method, answer[:end], calls
    cut = [("a length", message(OK, ["Content-Length: 9"], "ab\ncd")), ("a chunk", message(OK, [CHUNKED], "3\r\nab\n\r\n9\r\ncd")), ("between chunks", message(OK, [CHUNKED], "3\r\nab\n\r\n2\r\ncd\r\n")), ("before the CRLF", message(OK, [CHUNKED], "3\r\nab\n\r\n2\r\ncd")),
           ("within the CRLF", message(OK, [CHUNKED], "3\r\nab\n\r\n2\r\ncd\r")), ("within a size", message(OK, [CHUNKED], "3\r\nab\n\r\n2\r\ncd\r\n1")), ("within the last chunk", message(OK, [CHUNKED], "5\r\nab\ncd\r\n0")), ("before the trailers", message(OK, [CHUNKED], "5\r\nab\ncd\r\n0\r\n")), ("within the trailers", message(OK, [CHUNKED], "5\r\nab\ncd\r\n0\r\nA: b\r\n"))]
    for (name, answer), call in itertools.product(cut, [*PAIRED, "read1", "readinto 64", "peek", "readline 64"]):
        yield f"cut off, {name}: {call}", "GET", answer, [call, call, "read"]
        yield f"cut off, {name}: read 4, {call}", "GET", answer, ["read 4", call, "read"]


# --- several exchanges on a connection --------------------------------------------------------------------------------

def keepalive():
    """Cases of exchanges: (name, [(method, answer, whether the peer then closes, calls)])."""
    second = ("GET", message(OK, ["Content-Length: 6"], "second"), False, ["read"])
    firsts = {
        "a length": ("GET", message(OK, ["Content-Length: 5"], "first")),
        "a length of 0": ("GET", message(OK, ["Content-Length: 0"])),
        "chunks": ("GET", message(OK, [CHUNKED], chunks("fir", "st"))),
        "no chunk": ("GET", message(OK, [CHUNKED], chunks())),
        "trailers": ("GET", message(OK, [CHUNKED], chunks("first", trailers=["A: b"]))),
        "HEAD": ("HEAD", message(OK, ["Content-Length: 5"])),
        "HEAD and chunks": ("HEAD", message(OK, [CHUNKED])),
        "HEAD and nothing": ("HEAD", message(OK)),
        "no content": ("GET", message("HTTP/1.1 204 X")),
        "not modified": ("GET", message("HTTP/1.1 304 X", ["Content-Length: 5"])),
        "an interim response": ("GET", message("HTTP/1.1 100 X") + message(OK, ["Content-Length: 5"], "first")),
        "closing": ("GET", message(OK, ["Connection: close", "Content-Length: 5"], "first")),
        "closing, chunks": ("GET", message(OK, ["Connection: close", CHUNKED], chunks("first"))),
        "closing, no content": ("GET", message("HTTP/1.1 204 X", ["Connection: close"])),
        "HTTP/1.0": ("GET", message("HTTP/1.0 200 OK", ["Content-Length: 5"], "first")),
        "HTTP/1.0 kept": ("GET", message("HTTP/1.0 200 OK", ["Connection: keep-alive", "Content-Length: 5"], "first")),
        "HTTP/1.0 kept, no content": ("GET", message("HTTP/1.0 204 X", ["Connection: keep-alive"])),
        "chunked and a length": ("GET", message(OK, [CHUNKED, "Content-Length: 3"], chunks("first"))),
        "chunked in HTTP/1.0": ("GET", message("HTTP/1.0 200 OK", ["Connection: keep-alive", CHUNKED], chunks("first"))),
        "a broken length": ("GET", message(OK, ["Content-Length: x", CHUNKED], chunks("first"))),
        "two lengths": ("GET", message(OK, ["Content-Length: 5", "Content-Length: 5"], "first")),
    }
    programs = [["read"], ["read 3", "read 2"], ["read 3"], [], ["lines"], ["readline 2", "close"]]
    for (name, (method, answer)), calls in itertools.product(firsts.items(), programs):
        yield f"{name}: {', '.join(calls) or 'unread'}; another", [(method, answer, False, calls), second]
    for name, (method, answer) in firsts.items():
        yield f"{name}: read, and the peer closes; another", [(method, answer, True, ["read"]), second]
        yield f"{name}: read; twice more", [(method, answer, False, ["read"]), (method, answer, False, ["read"]), second]
        yield f"{name} behind HEAD; another", [("HEAD", message(OK, ["Content-Length: 5"]), False, ["read"]), (method, answer, False, ["read"]), second]
        for stray in ["x", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"]:
            if name not in ("closing", "closing, chunks", "closing, no content", "HTTP/1.0", "HEAD and nothing"):
                yield f"{name} and {stray[:15]!r} behind it; another", [(method, answer + stray, False, ["read"]), second]
    for name, answer in [("to the end", message(OK, [], "first")), ("to the end, closing", message(OK, ["Connection: close"], "first")), ("to the end, HTTP/1.0", message("HTTP/1.0 200 OK", [], "first")), ("to the end, an unknown coding", message(OK, ["Transfer-Encoding: gzip"], "first"))]:
        for calls in [["read"], ["read 5"], ["read 3"], [], ["lines"]]:
            yield f"{name}: {', '.join(calls) or 'unread'}; another", [("GET", answer, True, calls), second]
    failures = {
        "no status line": "x\r\n\r\n", "a bad code": "HTTP/1.1 20 OK\r\n\r\n", "another version": "HTTP/2.0 200 OK\r\n\r\n", "nothing": "", "a status line without end": "HTTP/1.1 200 OK",
        "a long line": "HTTP/1.1 200 OK\r\nA: " + "b" * 65536 + "\r\n\r\n", "many fields": message(OK, ["A: b"] * 150), "half a head": "HTTP/1.1 200 OK\r\nA: b\r\n", "an interim response alone": message("HTTP/1.1 100 X"),
    }
    for name, answer in failures.items():
        yield f"{name}; another", [("GET", answer, True, ["read"]), second]
        yield f"{name} behind a good one; another", [second, ("GET", answer, True, ["read"]), second]
    broken = {
        "a body cut off": (message(OK, ["Content-Length: 9"], "first"), ["read"]), "a body cut off, by amount": (message(OK, ["Content-Length: 9"], "first"), ["read 9", "read 9"]),
        "a chunk cut off": (message(OK, [CHUNKED], "9\r\nfirst"), ["read"]), "trailers cut off": (message(OK, [CHUNKED], "5\r\nfirst\r\n0\r\n"), ["read"]),
    }
    for name, (answer, calls) in broken.items():
        yield f"{name}; another", [("GET", answer, True, calls), second]
    yield "a bad chunk; another", [("GET", message(OK, [CHUNKED], "5\r\nfirst\r\nx\r\n"), False, ["read"]), second]
    yield "a body that does not come", [("GET", message(OK, ["Content-Length: 9"], "first"), False, ["read 5", "read"])]
    yield "a chunk that does not come", [("GET", message(OK, [CHUNKED], "5\r\nfirst\r\n"), False, ["read 5", "read"])]
    yield "an end that does not come", [("GET", message(OK, [], "first"), False, ["read 5", "read 1"])]
    yield "trailers that do not come", [("GET", message(OK, [CHUNKED], "5\r\nfirst\r\n0\r\n"), False, ["read 5", "read"])]
    yield "an answer that does not come", [("GET", "HTTP/1.1 200 OK\r\n", False, [])]
    yield "an answer behind an interim one that does not come", [("GET", message("HTTP/1.1 100 X"), False, [])]


FILES = {"head": head, "length": length, "chunked": chunked, "close": close, "reading": reading, "truncated": truncated}
