"""The requests that are refused, and the calls out of order."""

import itertools

from request_cases import Case, Rule, cut, refused, request


# --- What may not be sent --------------------------------------------------------------------------------------------

METHODS = ["", " ", "G ET", "GET ", " GET", "GET\t", "GET\n", "GET\r\nX: y", "GET / HTTP/1.1\r\nHost: b\r\n\r\nGET", "G\x00", "G\x1f", "G\x7f", "G\x85", "G\xc9T", "GET\xa0", "\u20ac", "G(T", "G/T", "G:T", "G\"T", "G,T", "{}", "G=T", "G@T", "<GET>", "G?"]

CONTROLS = [chr(code) for code in (*range(0x21), 0x7F)]
TARGETS = ["/" + control for control in CONTROLS] + ["/ HTTP/1.1\r\nHost: b", "/\r\nX: y", " /", " ", "\n", "*\r", "http://b\r\nX: y/", "http://b /", "http://\x00", "http://u:p @b/", "b:443\r\nX: y"]
BEYOND = ["/\x80", "/\xe9", "/\xff", "/\u20ac", "http://b\xfccher/", "http://b/\xe9", "\xe9", "/\u2028", "/\U0001f600", "/\ud800"]

NAMES = ["", " ", "A ", " A", "A B", "A\t", "\tA", "A:", ":", ":A", "A: b", "A\r", "A\n", "A\r\nB", "A\r\n B", "\r\nA", "A\x00", "\x00", "A\x1f", "A\x7f", "A\x0b", "A(", "A/B", "A\"", "A,B", "A;", "A=", "A@", "[A]", "{A}", "A\\", "A?", "<A>",
         "\xc9", "A\x80", "A\xff", "A\xa0", "\u20ac", "A\u2028"]

BREAKS = ["\r", "\n", "\r\n", "b\r", "b\n", "b\r\n", "\rb", "\nb", "b\rc", "b\nc", "b\r\nC: d", "b\r\n\r\nGET /c HTTP/1.1", "b\n\nc", "b\n\rc"]
FOLDS = ["b\r\n c", "b\r\n\tc", "b\n c", "b\n\tc", "\r\n b", "b\r\n ", "b\r c", "b\r\tc", "b\r\n c\r\n d"]
NULS = ["\x00", "b\x00", "b\x00c"]
BEYOND_VALUES = ["\u20ac", "b\u0100", "\U0001f600", "\u2028", "\ud800", "b\u560a"]

LENGTHS = ["", "x", "-1", "+5", "5.0", "0x5", "1_0", "5,5", "5, 5", "5 ", " 5", "\t5", "5;", "1e3", "\xb2", "Infinity", "NaN"]


def by_both(label, method, target, rule, error):
    one = [request(method, target), request("GET", "/next")]
    step = [["putrequest", method, target], ["putrequest", "GET", "/next"], ["endheaders"]]
    yield Case(f"request, {label}", one, rule=refused(rule, error, one))
    yield Case(f"putrequest, {label}", step, rule=refused(rule, error, step))


def injections():
    for method in METHODS:
        yield from by_both(f"method {method!r}", method, "/", "method", "TypeError")
    for target in TARGETS:
        yield from by_both(f"target {target!r}", "GET", target, "target", "InvalidURL")
    for target in BEYOND:
        yield from by_both(f"target {target!r}", "GET", target, "target", "InvalidURL")
    for name in NAMES:
        yield from field(f"name {name!r}", name, "b", "name")
    for value in [*BREAKS, *FOLDS, *NULS, *BEYOND_VALUES]:
        yield from field(f"value {value!r}", "A", value, "value")
    for value in [*BREAKS[::4], *FOLDS[::4], *NULS[:1]]:
        yield from field(f"value of bytes {value!r}", "A", {"bytes": value}, "value")
    for name in ["Host", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade"]:
        yield from field(f"{name} with a line end", name, "b\r\nX: y", "value")
    for value in [None, [], ["b"], [["b"]], {"bytes": "b\n"}]:
        yield from field(f"value {value!r}", "A", value, "value")
    for values in [["b", "c\r\nX: y"], ["b\n", "c"], ["b", "c\x00"], ["b", "\r\n c"]]:
        calls = [["putrequest", "GET", "/"], ["putheader", "A", *values], ["putheader", "B", "d"], ["endheaders"]]
        yield Case(f"values {values!r}", calls, rule=refused("value", "TypeError", calls, 1))
    for text in LENGTHS:
        yield from field(f"Content-Length {text!r}", "Content-Length", text, "length")
    for number in [-1, 0.5]:
        yield from field(f"Content-Length {number}", "content-length", number, "length")
    yield from field("Content-Length of bytes", "Content-Length", {"bytes": "x"}, "length")
    for values in [[], ["5", "5"], ["x", "5"]]:
        calls = [["putrequest", "GET", "/"], ["putheader", "Content-Length", *values], ["endheaders"]]
        yield Case(f"Content-Length of {values}", calls, rule=refused("length", "TypeError", calls, 1))
    yield from bodies()
    yield from ports()


def field(label, name, value, rule):
    one = [request("GET", "/", headers=[["X", "1"], [name, value]]), request("GET", "/next")]
    step = [["putrequest", "GET", "/"], ["putheader", "X", "1"], ["putheader", name, value], ["endheaders"]]
    yield Case(f"request, {label}", one, rule=refused(rule, "TypeError", one))
    yield Case(f"putheader, {label}", step, rule=refused(rule, "TypeError", step, 2))


def bodies():
    """Bodies that the reference refuses only after it has sent the head; here nothing is sent."""
    head = [["putrequest", "PUT", "/"], ["endheaders"]]
    for body in [{"text": "\u20ac"}, {"text": "a\u0100"}, 5, 1.5, True, False]:
        one = [request("PUT", "/", body=body)]
        yield Case(f"request, body {body!r}", one, rule=refused("body", "TypeError", one))
        step = [head[0], ["endheaders", {"body": body}], ["endheaders"]]
        yield Case(f"endheaders, body {body!r}", step, rule=refused("body", "TypeError", step, 1))
        send = [*head, ["send", body], ["send", {"bytes": "b"}]]
        yield Case(f"send, body {body!r}", send, rule=refused("body", "TypeError", send, 2))
    send = [*head, ["send", None]]
    yield Case("send of nothing", send, rule=refused("body", "TypeError", send, 2))
    calls = [request("POST", "/", body={"texts": ["a", "\u20ac"]})]
    chunk = [request("POST", "/", body={"bytes": "1\r\na\r\n"}, headers=[["Transfer-Encoding", "chunked"]])]
    yield Case("a block of text that is none", calls, rule=Rule("body", calls=chunk, errors={"0": "TypeError"}))


def ports():
    for port in ["x", "0", "00", "80x", "-1", "+80", " 80", "80 ", "8_0", "8.0", "0x50", "1e2", "65536", "99999999999999999999", "\uff18\uff10", "\xb2", "80/", "80?", "@b"]:
        yield Case(f"port {port!r} in the host", [request()], [f"a:{port}"], Rule("port", refuses="InvalidURL"))
        yield Case(f"port {port!r} behind brackets", [request()], [f"[::1]:{port}"], Rule("port", refuses="InvalidURL"))
    for port in [0, -1, 65536, 1.5, 1e10]:
        yield Case(f"port {port}", [request()], ["a", port], Rule("port", refuses="InvalidURL"))
    yield Case("a user in the host", [request()], ["u:p@b"])
    for control in CONTROLS:
        yield Case(f"host with {control!r}", [request()], [f"a{control}b"])
        yield Case(f"host with {control!r}, port", [request()], [f"a{control}b", 81])
    for host in ["a\r\nX: y", "a\r\n\r\nGET / HTTP/1.1\r\nX:", "\r\na", " a", "a ", "[::1 ]", "[::1]\n", "\xfc \xfc", "a\r\nX: y:80"]:
        yield Case(f"host {host!r}", [request()], [host])
    for host in ["\xfc@b", "\xfc/b", "\xfc?b", "\xfc#b", "\xfc\\b"]:
        yield Case(f"host {host!r}", [request()], [host], Rule("IDNA", refuses="InvalidURL"))


# --- Calls out of order ----------------------------------------------------------------------------------------------

HEAD = [["putrequest", "GET", "/"], ["putheader", "X", "1"]]

STATES = {
    "Idle": [],
    "Idle, connected": [["connect"]],
    "Idle, answered": [request(), ["getresponse"], ["read"]],
    "Idle, closed": [request(), ["close"]],
    "Request-started": HEAD,
    "Request-sent": [*HEAD, ["endheaders"]],
    "Unread-response": [request(), ["getresponse"]],
    "Request-started-unread-response": [request(), ["getresponse"], *HEAD],
    "Request-sent-unread-response": [request(), ["getresponse"], *HEAD, ["endheaders"]],
}

CALLS = {
    "request": ["request", "PUT", "/b", {"body": {"bytes": "b"}}],
    "putrequest": ["putrequest", "PUT", "/b"],
    "putheader": ["putheader", "Y", "2"],
    "endheaders": ["endheaders"],
    "endheaders with a body": ["endheaders", {"body": {"bytes": "b"}}],
    "send": ["send", {"bytes": "b"}],
    "getresponse": ["getresponse"],
    "connect": ["connect"],
}

# The calls that follow, which show whether a call that should have changed nothing did.
FOLLOWS = [["putheader", "Z", "3"], ["endheaders"], ["getresponse"], ["read"], ["getresponse"], ["read"], request("GET", "/last")]


def order():
    for (state, before), (name, call), closing in itertools.product(STATES.items(), CALLS.items(), [False, True]):
        if name in ("send", "endheaders with a body"):
            # A body that nothing delimits would make this project open another connection for the next request.
            before = [["putheader", "Transfer-Encoding", "chunked"] if step == HEAD[1] else step for step in before]
        calls = [*before, call, *FOLLOWS]
        yield Case(f"{state}: {name}{', the peer closing' if closing else ''}", calls, closing=closing, rule=order_rule(state, name, calls, len(before)))
    for state, before in STATES.items():
        calls = [*before, ["close"], *(call for call in FOLLOWS if call != ["read"])]
        rule = Rule("close", calls=[["close"] if call in HEAD else call for call in before] + calls[len(before):]) if "started" in state else None
        yield Case(f"{state}: close, and on", calls, rule=rule)


def order_rule(state, name, calls, place):
    if name == "send" and "Request-sent" not in state:
        return refused("order", "CannotSendRequest", calls, place)
    if name == "connect" and state != "Idle" and state != "Idle, closed":
        return Rule("connect", calls=calls[:place] + calls[place + 1 :], left_out=place)
    return None


FILES = {"refused": injections, "order": order}
