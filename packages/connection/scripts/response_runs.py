"""Runs http.client against a scripted peer, call by call."""

import http.client
import io

from recording import shorten

FAILURES = (Exception,)


class Waits(Exception):
    """The reference would wait for bytes that the script does not contain."""


class Raw(io.RawIOBase):
    """The receiving side of a socket."""

    def __init__(self, sock):
        self.sock = sock

    def readable(self):
        return True

    def readinto(self, target):
        sock = self.sock
        count = min(len(target), len(sock.arrived))
        if count == 0 and not sock.ended:
            raise Waits
        if count == 0:
            sock.peer.end_seen = True
        target[:count] = sock.arrived[:count]
        del sock.arrived[:count]
        return count


class Socket:
    """The parts of a socket that http.client uses. Each file made from it has its own buffer, as with a real one."""

    def __init__(self, peer):
        self.peer = peer
        self.arrived = bytearray()
        self.ended = False
        self.sent = b""

    def makefile(self, mode):
        return io.BufferedReader(Raw(self))

    def sendall(self, data):
        self.sent += data
        if self.sent.endswith(b"\r\n\r\n"):
            self.sent = b""
            self.peer.answer(self)

    def setsockopt(self, *args):
        pass

    def close(self):
        pass


class Peer:
    """Responds to requests by one script, whichever connection they arrive on."""

    def __init__(self, answers):
        self.answers = iter(answers)
        self.connections = 0
        self.end_seen = False

    def connect(self, *args):
        self.connections += 1
        return Socket(self)

    def answer(self, sock):
        if not sock.ended:
            data, ended = next(self.answers)
            sock.arrived += data
            sock.ended = ended


def text(data):
    return data.decode("latin-1")


def number(value):
    """JavaScript reads integers exactly up to 2**53 - 1; larger ones are written as text."""
    return value if value is None or -(2**53) < value < 2**53 else str(value)


def failure(error):
    """An error as its class and attributes; the message is not compared."""
    if isinstance(error, Waits):
        return {"waits": True}
    facts = {"error": type(error).__name__}
    if isinstance(error, http.client.IncompleteRead):
        facts["partial"] = text(error.partial)
        if error.expected is not None:
            facts["expected"] = number(error.expected)
    elif isinstance(error, http.client.RemoteDisconnected):
        pass
    elif isinstance(error, http.client.BadStatusLine):
        facts["line"] = shorten(error.line)
    elif isinstance(error, http.client.UnknownProtocol):
        facts["version"] = error.version
    elif isinstance(error, http.client.ImproperConnectionState) and error.args:
        facts["state"] = error.args[0]
    return facts


def call(response, words):
    """Makes one call of a program: the name of a method, and an amount if it takes one."""
    method, *amounts = words.split()
    amounts = [int(amount) for amount in amounts]
    if method == "readinto":
        target = bytearray(*amounts)
        return shorten(text(target[: response.readinto(target)]))
    if method == "lines":
        return {"lines": [shorten(text(line)) for line in response]}
    if method == "close":
        return response.close()
    return shorten(text(getattr(response, method)(*amounts)))


def head_of(response):
    return {
        **({} if response.version == 11 else {"version": response.version}),
        **({} if response.status == 200 else {"status": response.status}),
        **({} if response.reason == "OK" else {"reason": shorten(response.reason)}),
        "headers": [[shorten(name), shorten(value)] for name, value in response.getheaders()],
        **({"defects": len(response.headers.defects)} if response.headers.defects else {}),
        **({} if response.length is None else {"length": number(response.length)}),
        **({"chunked": True} if response.chunked else {}),
        **({"willClose": True} if response.will_close else {}),
        **({"closed": True} if response.isclosed() else {}),
    }


def exchange(connection, method, calls):
    """One request, its response, and a program of calls on it."""
    try:
        connection.request(method, "/")
        response = connection.getresponse()
    except FAILURES as error:
        return failure(error)
    outcome = {"head": head_of(response), "results": []}
    for words in calls:
        try:
            result = call(response, words)
        except FAILURES as error:
            result = failure(error)
        if isinstance(result, dict) and "waits" in result:
            outcome["results"].append(result)
            break
        outcome["results"].append([result, number(response.length), *(["closed"] if response.isclosed() else [])])
    return outcome


def connect(peer):
    connection = http.client.HTTPConnection("a")
    connection._create_connection = peer.connect
    return connection


def run_one(method, answer, calls):
    """A single exchange; the peer closes after its response."""
    peer = Peer([(answer, True)])
    outcome = exchange(connect(peer), method, calls)
    return {**({"end": True} if peer.end_seen else {}), **outcome}


def run_many(exchanges):
    """Exchanges on one connection: (method, answer, whether the peer then closes, calls)."""
    peer = Peer([(answer, ended) for _, answer, ended, _ in exchanges])
    connection = connect(peer)
    outcomes = []
    for method, _, _, calls in exchanges:
        outcome = exchange(connection, method, calls)
        standing = [peer.connections, connection._HTTPConnection__state, *(["open"] if connection.sock is not None else [])]
        outcomes.append({**outcome, "standing": standing})
        if "waits" in outcome or {"waits": True} in outcome.get("results", []):
            break
    return outcomes
