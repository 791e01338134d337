"""Records what http.client sends, call by call, as test vectors for this package.

Run it with the Python whose module is the reference (3.13, or at least 3.12). It writes src/testdata/requests-*.json,
one vector per line, the same bytes on every run. With --check it writes nothing, and fails if a file would change.

A vector:
  name, connection (the arguments of the constructor, ["a"] if absent), blockSize, calls: what is done
  closing: whether the peer announces that it closes after its response (false if absent)
  refused: the constructor's exception; or
  wire: what was sent, one text for each connection that was opened ([] if absent)
  errors: the exceptions of calls, by the index of the call
  rule: if this project differs on purpose, the name of the rule, and the wire, errors or refusal that follow from it
A text is ISO-8859-1; if it contains a long run of one character, it is a list of texts and [text, count].
"""

import http.client
import io
from array import array

import request_cases
from recording import record, shorten

ANSWERS = {
    False: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    True: b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
}


class Socket:
    """The parts of a socket that http.client uses: it records what is sent, and holds a response to read."""

    def __init__(self, answer):
        self.answer = answer
        self.sent = bytearray()

    def sendall(self, data):
        with memoryview(data) as view:
            self.sent += view.cast("B") if view.nbytes else b""

    def makefile(self, mode):
        return io.BufferedReader(io.BytesIO(self.answer))

    def setsockopt(self, *args):
        pass

    def close(self):
        pass


def latin1(text):
    return text.encode("latin-1")


BODIES = {
    "text": str,
    "bytes": latin1,
    "bytearray": lambda text: bytearray(latin1(text)),
    "memoryview": lambda text: memoryview(b"<" + latin1(text) + b">")[1:-1],
    "array": lambda text: array("H", list(latin1(text))),
    "iterable": lambda blocks: [latin1(block) for block in blocks],
    "generator": lambda blocks: (latin1(block) for block in blocks),
    "texts": list,
    "file": lambda text: io.BytesIO(latin1(text)),
    "textfile": io.StringIO,
}


def body_of(body):
    if not isinstance(body, dict):
        return body
    [(kind, content)] = body.items()
    return BODIES[kind](content)


def value_of(value):
    return latin1(value["bytes"]) if isinstance(value, dict) else value


class Fields:
    """A mapping, as `request` expects, that may contain a name twice."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __iter__(self):
        return (name for name, _ in self.pairs)

    def items(self):
        return [(name, value_of(value)) for name, value in self.pairs]


class Client:
    """One connection, and the last of its responses."""

    def __init__(self, arguments, block_size, closing):
        options = {} if block_size is None else {"blocksize": block_size}
        self.connection = http.client.HTTPConnection(*arguments, **options)
        self.connection._create_connection = self.open
        self.closing = closing
        self.sockets = []
        self.response = None

    def open(self, *args):
        self.sockets.append(Socket(ANSWERS[self.closing]))
        return self.sockets[-1]

    def call(self, name, *args):
        *args, options = args if args and isinstance(args[-1], dict) and name != "send" else (*args, {})
        chunked = {"encode_chunked": options["chunked"]} if "chunked" in options else {}
        if name == "request":
            headers = Fields(options.get("headers", []))
            self.connection.request(*args, body_of(options.get("body")), headers, **chunked)
        elif name == "putrequest":
            skips = {"skip_host": "skipHost", "skip_accept_encoding": "skipAcceptEncoding"}
            self.connection.putrequest(*args, **{name: options.get(word, False) for name, word in skips.items()})
        elif name == "putheader":
            field, *values = args
            self.connection.putheader(field, *map(value_of, values), *([value_of(options)] if options else []))
        elif name == "endheaders":
            self.connection.endheaders(body_of(options.get("body")), **chunked)
        elif name == "send":
            self.connection.send(*map(body_of, args))
        elif name == "getresponse":
            self.response = self.connection.getresponse()
        elif name == "read":
            if self.response is not None:
                self.response.read()
        else:
            {"close": self.connection.close, "connect": self.connection.connect}[name]()


def run(case, connection, calls):
    try:
        client = Client(connection, case.block_size, case.closing)
    except Exception as error:
        return {"refused": type(error).__name__}
    errors = {}
    for place, call in enumerate(calls):
        try:
            client.call(*call)
        except Exception as error:
            errors[str(place)] = type(error).__name__
    return outcome([shorten(sock.sent.decode("latin-1")) for sock in client.sockets], errors)


def outcome(wire, errors):
    return {**({"wire": wire} if wire else {}), **({"errors": errors} if errors else {})}


def by_rule(case, recorded):
    """What follows from a rule: what the reference does with the calls it declares equivalent, and a refusal."""
    rule = case.rule
    if rule is None:
        return {}
    if rule.refuses is not None:
        followed = {"refused": rule.refuses}
    else:
        followed = run(case, rule.connection or case.connection, case.calls if rule.calls is None else rule.calls)
        errors = followed.get("errors", {})
        if rule.left_out is not None:
            errors = {str(int(place) + (int(place) >= rule.left_out)): error for place, error in errors.items()}
        followed = outcome(followed.get("wire", []), {**errors, **rule.errors})
    return {} if followed == recorded else {"rule": {"name": rule.name, **followed}}


def short_body(part):
    """Shortens the long runs in a body."""
    if not isinstance(part, dict):
        return part
    if "body" in part:
        return {**part, "body": short_body(part["body"])}
    return {kind: [shorten(block) for block in content] if isinstance(content, list) else shorten(content) for kind, content in part.items()} if BODIES.keys() & part.keys() else part


def vector(case):
    recorded = run(case, case.connection, case.calls)
    return {
        "name": case.name,
        **({} if case.connection == ["a"] else {"connection": case.connection}),
        **({} if case.block_size is None else {"blockSize": case.block_size}),
        **({"closing": True} if case.closing else {}),
        "calls": [[short_body(part) for part in call] for call in case.calls],
        **recorded,
        **by_rule(case, recorded),
    }


record({f"requests-{name}": [vector(case) for case in cases()] for name, cases in request_cases.FILES.items()})
