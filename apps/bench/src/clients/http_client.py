"""CPython's http.client, driven like the other clients: the job is the argument, each line of standard input a count."""

import http.client
import json
import os
import resource
import sys
import time

BLOCK = 65_536
job = json.loads(sys.argv[1])
task = job["task"]


def blocks(size):
    block = bytes(BLOCK)
    for at in range(0, size, BLOCK):
        yield block[: size - at]


def connect():
    kind = http.client.HTTPSConnection if task["secure"] else http.client.HTTPConnection
    return kind("127.0.0.1", job["port"])


def exchange(connection):
    body = task.get("body")
    if isinstance(body, int):
        connection.request(task["method"], "/", blocks(body), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    else:
        connection.request(task["method"], "/", body)
    response = connection.getresponse()
    fields = task["fields"]
    if task["take"] == "fields":
        fields = sum(1 for name, value in response.getheaders() if name and value)
    if task["take"] == "blocks":
        length = 0
        while count := response.readinto(target):
            length += count
    else:
        length = len(response.read())
    if response.status != 200 or length != task["bytes"] or fields < task["fields"]:
        raise ValueError(f"wrong response: status {response.status}, {length} bytes, {fields} fields")


def rss():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def say(message):
    try:
        print(json.dumps(message), flush=True)
    except BrokenPipeError:
        # The process that asked has ended. At a regular exit, Python would complain that it cannot flush.
        os._exit(0)


target = bytearray(BLOCK)
connection = connect()
before = rss()
say({"version": sys.version.split()[0]})
for line in sys.stdin:
    count = json.loads(line)
    began, cpu = time.perf_counter(), time.process_time()
    try:
        for _ in range(count):
            exchange(connection)
    except Exception as error:
        say({"error": f"{type(error).__name__}: {error}"})
        break
    say(
        {
            "cpu": (time.process_time() - cpu) * 1e3,
            "wall": (time.perf_counter() - began) * 1e3,
            "memory": rss() - before,
        }
    )
