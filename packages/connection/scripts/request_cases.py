"""The requests to record, by file. Those that are refused, and the calls out of order, are in request_refusals."""

import dataclasses
import itertools


@dataclasses.dataclass
class Rule:
    """An intended difference of this project, and how the expected result follows from what the reference does."""

    name: str
    #: The calls that are equivalent to these by the rule.
    calls: list | None = None
    #: The index of a call that is refused and changes nothing, and so is left out of `calls`.
    left_out: int | None = None
    #: The exceptions by the rule, by the index of the call.
    errors: dict = dataclasses.field(default_factory=dict)
    #: The arguments of the constructor that are equivalent to these by the rule.
    connection: list | None = None
    #: The exception of the constructor.
    refuses: str | None = None


@dataclasses.dataclass
class Case:
    name: str
    calls: list
    connection: list = dataclasses.field(default_factory=lambda: ["a"])
    rule: Rule | None = None
    block_size: int | None = None
    #: Whether the peer announces that it closes after its response.
    closing: bool = False


def refused(rule, error, calls, place=0):
    """A call that is refused before a byte is sent, and changes nothing."""
    return Rule(rule, calls=calls[:place] + calls[place + 1 :], left_out=place, errors={str(place): error})


def request(method="GET", target="/", **options):
    return ["request", method, target, *([options] if options else [])]


def with_host(host, method="GET", target="/"):
    """The calls that send a request without a body, and with this Host instead of the automatic one."""
    skips = {"skipHost": True, "skipAcceptEncoding": True}
    return [["putrequest", method, target, skips], ["putheader", "Host", host], ["putheader", "Accept-Encoding", "identity"], ["endheaders"]]


def cut(value):
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:50]} and so on ({len(shown)})"


# --- Methods, targets, hosts ------------------------------------------------------------------------------------------

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PURGE", "get", "post", "Patch", "M-SEARCH", "!#$%&'*+-.^_`|~09"]

# RFC 9110, section 4.2.1: an empty host is invalid.
HOSTLESS = ["http://", "http:///a"]

TARGETS = ["/", "", "*", "/a/b;c=d?e=f&g#h", "//a", "/%20%0D%0A%00", "/%zz", "?x", "x", ".", "/\"<>\\^`{|}", "a:443", "[::1]:443", "mailto:a@b", "http:", "http:/a", "http://", "http:///a",
           "http://b", "http://b/", "http://b:8080/c", "http://b:80/", "http://b?c", "http://b#c", "https://b/", "https://b:443/", "http://[::1]/", "http://[::1]:81/?c", "http://[2001:db8::1]",
           "http://B.Example/", "http://b:/", "http://b/@c", "http://b?c@d", "http://b-/"]

# The reference sends another Host for these: the one by the rule is next to each.
AUTHORITIES = [
    ("http://u@b/", "b"), ("http://u:p@b:81/c", "b:81"), ("http://u:p@[::1]:81/", "[::1]:81"), ("http://u@v@b/", "b"), ("http://@b/", "b"), ("http://:@b/", "b"),
    ("ftp://b/", "b"), ("ftp://u@b:21/", "b:21"), ("ws://b:82/", "b:82"), ("HTTP://b/", "b"), ("Https://b:83/", "b:83"), ("a+b-c.1://d/", "d"),
    ("http://[fe80::1%25en0]:81/", "[fe80::1]:81"), ("http://u@[fe80::1%en0]:81/", "[fe80::1]:81"), ("ftp://[fe80::1%25en0]/", "[fe80::1]"),
]

BROKEN = ["http://[::1/", "http://::1]/", "http://[]/", "http://[b]/", "http://[::1]c/", "http://b[::1]/", "http://[127.0.0.1]/", "http://[::1]]/", "http://u@[::1/", "http://[::1:81", "http://b]", "http://[:::1]/"]

HOSTS = [["a"], ["a", 80], ["a", 8080], ["a", 443], ["a:8080"], ["a:80"], ["a:080"], ["a:"], ["a."], ["A.Example"], ["a_b"], ["a%41", 81], ["127.0.0.1"], ["127.0.0.1:81"], ["a-b.c:65535"],
         ["[::1]"], ["[::1]:80"], ["[::1]:8080"], ["[::1]:"], ["[::1]", 8080], ["::1", 80], ["::1", 81], ["2001:db8::1", 80], ["[2001:DB8::1]:81"], ["::ffff:127.0.0.1", 81],
         ["fe80::1%en0", 80], ["fe80::1%en0", 81], ["[fe80::1%en0]"], ["[fe80::1%en0]:81"], ["[fe80::1%25en0]:81"], ["[fe80::1%1]", 82],
         ["b\xfccher.example"], ["b\xfccher.example:81"], ["b\xfccher.example", 81], ["b\xfcc\xadher"], ["\u65e5\u672c.jp"], ["\xe0.b.\xe9:8080"], ["a\u0300.b"], ["\uff45xample"], ["\u2603.net"], ["xn--bcher-kva.example"],
         ["b\xfccher\u3002jp"], ["\xfc."]]

# Host names by UTS 46 (and RFC 5891, since the two agree here); the reference's codec follows the older RFC 3490.
NAMES = [(["stra\xdfe.de"], "xn--strae-oqa.de"), (["\u03c2.gr", 81], "xn--3xa.gr:81"), (["B\xdcCHER.Example"], "xn--bcher-kva.example")]


def targets():
    for method, target in itertools.product(METHODS[:10] + ["get"], TARGETS):
        calls = [request(method, target)]
        rule = None
        if target in HOSTLESS:
            rule = refused("one host", "InvalidURL", calls)
        elif method == "CONNECT" and target in ["a:443", "[::1]:443", "http:"]:
            rule = Rule("CONNECT", calls=with_host(target, method, target))
        yield Case(f"{method} {target!r}", calls, rule=rule)
    for target, host in AUTHORITIES:
        for method in ["GET", "CONNECT"]:
            rule = Rule("authority", calls=with_host(host, method, target))
            yield Case(f"Host of {target!r} with {method}", [request(method, target)], rule=rule)
        calls = [["putrequest", "OPTIONS", target], ["endheaders"]]
        yield Case(f"Host of {target!r}, step by step", calls, rule=Rule("authority", calls=with_host(host, "OPTIONS", target)))
    for target in BROKEN:
        calls = [request("GET", target), request("GET", "/next")]
        yield Case(f"broken authority {target!r}", calls, rule=refused("one host", "InvalidURL", calls))
    for method in METHODS[10:]:
        yield Case(f"{method}", [request(method)])


def hosts():
    for arguments in HOSTS:
        for target in ["/", "http://b:81/", "*"]:
            yield Case(f"connection to {arguments}, {target!r}", [request("GET", target)], arguments)
        yield Case(f"connection to {arguments}, own Host", [request("GET", "/", headers=[["Host", "b"]])], arguments)
        yield Case(f"connection to {arguments}, CONNECT", [request("CONNECT", "b:443")], arguments, Rule("CONNECT", calls=with_host("b:443", "CONNECT", "b:443")))
        yield Case(f"connection to {arguments}, step by step", [["putrequest", "GET", "/"], ["endheaders"]], arguments)
    for arguments, host in NAMES:
        yield Case(f"connection to {arguments}", [request()], arguments, Rule("IDNA", calls=with_host(host)))
    for address in ["::1", "fe80::a", "2001:db8::1:80", "fe80::1%en0", "::ffff:127.0.0.1"]:
        yield Case(f"connection to the address {address} alone", [request()], [address], Rule("address", connection=[address, 80]))


# --- Bodies and their framing ----------------------------------------------------------------------------------------

LONG = "x" * 9000

BODIES = [None, {"text": ""}, {"text": "hello"}, {"text": "\x00\r\n\xe9\xff"}, {"text": LONG}, {"bytes": ""}, {"bytes": "hello"}, {"bytes": "\x00\r\n\xe9\xff"}, {"bytes": LONG + LONG},
          {"bytearray": "hello"}, {"bytearray": ""}, {"memoryview": "hello"}, {"memoryview": ""}, {"array": "ab"}, {"array": ""},
          {"iterable": []}, {"iterable": ["hello"]}, {"iterable": ["a", "bcd", "e"]}, {"iterable": ["", "a", "", "bc", ""]}, {"iterable": ["", ""]}, {"iterable": [LONG, "a" * 17000]},
          {"generator": []}, {"generator": ["ab", "cde"]}, {"generator": ["", "ab", "", "cde", ""]},
          {"file": ""}, {"file": "hello"}, {"file": LONG}, {"file": "y" * 16384}, {"textfile": ""}, {"textfile": "h\xe9llo\xff"}, {"textfile": "\xe9" * 8193}]


def length(body):
    if body is None:
        return 0
    [(kind, content)] = body.items()
    return len("".join(content)) * (2 if kind == "array" else 1)


def in_chunks(body):
    """False for an array of two-byte numbers: the reference gives their count as the chunk size, a bug of it."""
    return body is None or "array" not in body


def in_bytes(body):
    """A body as `endheaders` sends it in chunks: text as bytes, and an empty one if there is none."""
    return {"bytes": ""} if body is None else {"bytes": body["text"]} if "text" in body else body


FRAMINGS = [("", []), ("Transfer-Encoding", [["Transfer-Encoding", "chunked"]]), ("TRANSFER-ENCODING: gzip", [["TRANSFER-ENCODING", "gzip, chunked"]]),
            ("Content-Length", [["Content-Length", "#"]]), ("content-length, as a number", [["X", "1"], ["content-length", 0]]),
            ("both", [["Content-Length", "#"], ["Transfer-Encoding", "chunked"]])]


def framing_of(headers, body):
    """The fields, with the length of the body inserted."""
    number = length(body)
    return [[name, str(number) if value == "#" else number if value == 0 else value] for name, value in headers]


def bodies():
    for method, body in itertools.product(METHODS[:6] + METHODS[7:8] + METHODS[9:13], BODIES):
        yield Case(f"{method} with {cut(body)}", [request(method, "/", body=body)])
    for (label, headers), body, chunked in itertools.product(FRAMINGS, BODIES, [False, True]):
        options = {"body": body, "headers": framing_of(headers, body), "chunked": chunked}
        encodes = chunked and (label == "both" or label.lower().startswith("transfer"))
        if encodes and not in_chunks(body):
            continue
        rule = None
        if encodes and label == "both":
            fields = [["putheader", name, value] for name, value in options["headers"]]
            rule = Rule("coding", calls=[["putrequest", "PUT", "/"], *fields, ["endheaders", {"body": in_bytes(body), "chunked": True}]])
        elif body is None and encodes:
            rule = Rule("coding", calls=[request("PUT", "/", **{**options, "body": {"bytes": ""}})])
        yield Case(f"PUT with {cut(body)}, own {label or 'nothing'}{', chunked' if chunked else ''}", [request("PUT", "/", **options)], rule=rule)
    for body, size in itertools.product(BODIES[24:], [1, 3, 8191, 100000]):
        if len(str(body)) < 100 or size > 3:
            yield Case(f"POST with {cut(body)}, by {size}", [request("POST", "/", body=body)], block_size=size)
    for body in [{"bytes": "hello"}, {"iterable": ["he", "llo"]}, {"file": "hello"}]:
        yield Case(f"two requests with {body}", [request("PUT", "/1", body=body), ["getresponse"], ["read"], request("POST", "/2", body=body), ["getresponse"]])
        yield Case(f"two requests with {body}, the peer closing", [request("PUT", "/1", body=body), ["getresponse"], ["read"], request("POST", "/2", body=body), ["getresponse"]], closing=True)
    for blocks in [["a", "b"], ["h\xe9", "", "llo"], []]:
        texts, encoded = {"texts": blocks}, {"iterable": blocks}
        for label, headers in FRAMINGS[:4]:
            options = {"headers": framing_of(headers, texts)}
            rule = Rule("text blocks", calls=[request("POST", "/", body=encoded, **options)]) if any(blocks) else None
            yield Case(f"POST with text in blocks {blocks}, own {label or 'nothing'}", [request("POST", "/", body=texts, **options)], rule=rule)
    yield from promises()


def promises():
    """A Content-Length of the caller's, and a body that has as many bytes, or another number."""
    for number in [0, 4, 6, 500]:
        headers = [["Content-Length", str(number)]]
        for body in [{"text": "hello"}, {"bytes": "hello"}, {"bytearray": "hello"}, {"memoryview": "hello"}]:
            calls = [request("PUT", "/", body=body, headers=headers)]
            yield Case(f"PUT with {body}, {number} promised", calls, rule=refused("promise", "RangeError", calls))
        for kind in ["iterable", "generator"]:
            within = {kind: [block for block, end in [("he", 2), ("", 2), ("llo", 5)] if end <= number]}
            calls = [request("PUT", "/", body={kind: ["he", "", "llo"]}, headers=headers)]
            rule = Rule("promise", calls=[request("PUT", "/", body=within, headers=headers)], errors={"0": "RangeError"})
            yield Case(f"PUT with {kind}, {number} promised", calls, rule=rule)
        calls = [["putrequest", "PUT", "/"], ["putheader", "Content-Length", number], ["endheaders", {"body": {"bytes": "hello"}}]]
        yield Case(f"step by step, {number} promised", calls, rule=refused("promise", "RangeError", calls, 2))
        yield Case(f"without a body, {number} promised", [request("PUT", "/", headers=headers), ["send", {"bytes": "hello"}]])
    for first, second in [("5", "6"), ("6", "5")]:
        calls = [request("PUT", "/", body={"bytes": "hello"}, headers=[["Content-Length", first], ["content-length", second]])]
        yield Case(f"PUT with 5 bytes, {first} and {second} promised", calls, rule=refused("promise", "RangeError", calls))
    for second in ["5", "05"]:
        calls = [request("PUT", "/", body={"bytes": "hello"}, headers=[["Content-Length", "5"], ["content-length", second]])]
        yield Case(f"PUT with 5 bytes, 5 and {second} promised", calls, rule=refused("one length", "RangeError", calls))


# --- Fields ----------------------------------------------------------------------------------------------------------

FIELDS = [
    [["Host", "b"]], [["host", "b:81"]], [["HOST", ""]], [["X", "1"], ["hOst", "b"]], [["Host", "b"], ["host", "c"]], [["Accept-Encoding", "gzip"]], [["accept-encoding", ""]], [["X", "1"], ["ACCEPT-ENCODING", "br"], ["Y", "2"]],
    [["Host", "b"], ["Accept-Encoding", "gzip"]], [["Accept-Encoding", "gzip"], ["Host", "b"]], [["B", "1"], ["A", "2"], ["C", "3"]], [["A", "1"], ["a", "2"], ["A", "3"]], [["Cookie", "a=b"], ["Cookie", "c=d"]],
    [["A", ""]], [["A", " "]], [["A", " b "]], [["A", "\tb\t"]], [["A", "b\tc"]], [["A", "b:c"]], [["A", "\xe9\xff\x80\x85\xa0"]], [["A", "\x01\x1f\x7f\x0b\x0c\x1b"]], [["A", "b" * 63]],
    [["A", 0]], [["A", -1]], [["A", 1234567890]], [["A", 9007199254740991]], [["A", {"bytes": ""}]], [["A", {"bytes": "b\xff"}]], [["!#$%&'*+-.^_`|~09azAZ", "b"]], [["__proto__", "b"], ["constructor", "c"]], [["a" * 63, "b"]],
    [["Connection", "close"]], [["Connection", "Upgrade"], ["Upgrade", "b"]], [["Content-Type", "text/plain; charset=\"utf-8\""]], [["Expect", "100-continue"]], [["TE", "trailers"]], [["Trailer", "A"]], [["User-Agent", "b/1"]],
    [["Content-Length", "5"]], [["CONTENT-LENGTH", 5]], [["Content-Length", {"bytes": "5"}]], [["Content-Length", "007"]], [["Transfer-Encoding", "chunked"]], [["transfer-encoding", "identity"]], [["Transfer-Encoding", {"bytes": "chunked"}]],
    [["Content-Encoding", "gzip"], ["Content-Length", "0"]], [["A", "%0d%0a"]], [["A", "\\r\\n"]], [["A", "=?utf-8?q?b?="]],
]


def fields():
    for headers in FIELDS:
        yield Case(f"GET with {cut(headers)}", [request("GET", "/", headers=headers)])
        yield Case(f"POST with {cut(headers)}", [request("POST", "/", headers=headers)])
        yield Case(f"POST to a URL with {cut(headers)}", [request("POST", "http://u/", headers=headers)])
        steps = [["putheader", name, value] for name, value in headers]
        for skips in [{}, {"skipHost": True}, {"skipAcceptEncoding": True}, {"skipHost": True, "skipAcceptEncoding": True}]:
            label = ", ".join(skips) or "none skipped"
            if skips and len(headers) > 1:
                continue
            yield Case(f"step by step, {label}, {cut(headers)}", [["putrequest", "GET", "/", *([skips] if skips else [])], *steps, ["endheaders"]])
    for values in [[], ["b", "c"], ["b", "", "c"], ["", ""], [1, "b", {"bytes": "\xff"}], ["b"] * 5]:
        yield Case(f"putheader with the values {values}", [["putrequest", "GET", "/"], ["putheader", "A", *values], ["putheader", "B", "d"], ["endheaders"]])
    for number, text in [(1.5, "1.5"), (-0.25, "-0.25"), (1e21, "1e+21")]:
        calls = [request("GET", "/", headers=[["A", number]])]
        yield Case(f"GET with the number {number}", calls, rule=Rule("numbers", calls=[request("GET", "/", headers=[["A", text]])]))


def steps():
    head = [["putrequest", "POST", "/"], ["putheader", "X", "1"]]
    coding = [["putheader", "Transfer-Encoding", "chunked"]]
    for body in BODIES[1:]:
        [(kind, content)] = body.items()
        encoded = {"bytes": content} if kind == "text" and content else None
        given = lambda ending: Rule("text", calls=[*ending[:-1], [ending[-1][0], encoded if ending[-1][0] == "send" else {**ending[-1][1], "body": encoded}]]) if encoded else None
        calls = [*head, ["endheaders", {"body": body}]]
        yield Case(f"endheaders with {cut(body)}", calls, rule=given(calls))
        calls = [*head, *coding, ["endheaders", {"body": body, "chunked": True}]]
        if in_chunks(body):
            yield Case(f"endheaders with {cut(body)}, chunked", calls, rule=given(calls))
        calls = [*head, ["endheaders"], ["send", body]]
        rule = given(calls)
        if kind == "text" and not content:
            rule = None
        yield Case(f"send of {cut(body)}", calls, rule=rule)
    yield Case("endheaders without a body, chunked", [*head, *coding, ["endheaders", {"chunked": True}], ["send", {"bytes": "0\r\n\r\n"}]])
    yield Case("several sends", [*head, ["putheader", "Content-Length", "4"], ["endheaders"], ["send", {"bytes": "a"}], ["send", {"iterable": ["b", "", "c"]}], ["send", {"file": "d"}], ["send", {"bytes": ""}], ["getresponse"], ["read"], request("GET", "/2")])
    yield Case("sends behind a body", [*head, ["endheaders", {"body": {"generator": ["a", "b"]}}], ["send", {"bytes": "c"}], ["getresponse"]])
    for blocks in [["a", "b"], ["\xe9"]]:
        calls = [*head, ["endheaders"], ["send", {"texts": blocks}]]
        yield Case(f"send of text in blocks {blocks}", calls, rule=Rule("text blocks", calls=[*calls[:-1], ["send", {"iterable": blocks}]]))
    for skips in [{}, {"skipHost": False, "skipAcceptEncoding": True}, {"skipHost": True, "skipAcceptEncoding": False}]:
        for target in ["", "*", "http://b:81/", "b:443"]:
            yield Case(f"putrequest {target!r} {skips}", [["putrequest", "OPTIONS", target, *([skips] if skips else [])], ["putheader", "Host", "c"], ["endheaders"]], ["a", 81])


# Imported here, since it imports from this file.
import request_refusals  # noqa: E402

FILES = {"targets": targets, "hosts": hosts, "bodies": bodies, "fields": fields, "steps": steps, **request_refusals.FILES}
