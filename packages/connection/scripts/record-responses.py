"""Records how http.client interprets a few thousand responses, as test vectors for this package.

Run it with the Python whose module is the reference (3.13, or at least 3.12). It writes src/testdata/*.json, one vector
per line, the same bytes on every run. With --check it writes nothing, and fails if a file would change.

A vector of one exchange:
  name, method (GET if absent), answer, calls (one "read" if absent): what is done
  end: the reference read the end of the stream, so the peer has to close after the response
  head (omitted: version 11, status 200, reason "OK", no length, not chunked, not closing), and one entry of results for
  each call: what it returned, the remaining length, and "closed" if the response is closed after it;
  or error, with the attributes of the error
In keepalive.json there are exchanges, and an outcome for each of them, with the standing of the connection: how many
were opened, its state, and "open" if it has a socket. A call or exchange that waits for more than the script contains
is the last one. A text is ISO-8859-1; if it contains a long run of one character, it is a list of texts and
[text, count].
"""

import response_cases
import response_runs
from recording import record, shorten


def one(name, method, answer, calls=("read",)):
    return {
        "name": name,
        **({} if method == "GET" else {"method": method}),
        "answer": shorten(answer),
        **({} if list(calls) == ["read"] else {"calls": list(calls)}),
        **response_runs.run_one(method, answer.encode("latin-1"), calls),
    }


def many(name, exchanges):
    outcomes = response_runs.run_many([(method, answer.encode("latin-1"), end, calls) for method, answer, end, calls in exchanges])
    return {
        "name": name,
        "exchanges": [
            {
                **({} if method == "GET" else {"method": method}),
                "answer": shorten(answer),
                **({"end": True} if end else {}),
                **({} if calls == ["read"] else {"calls": calls}),
            }
            for method, answer, end, calls in exchanges
        ],
        "outcomes": outcomes,
    }


record(
    {
        **{name: [one(*case) for case in cases()] for name, cases in response_cases.FILES.items()},
        "keepalive": [many(*case) for case in response_cases.keepalive()],
    }
)
