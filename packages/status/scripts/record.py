"""Records the status codes of Python's http module, for the tests to compare with.

Run it with the version of Python to be recorded; it writes src/testdata/python-<version>.json.
"""

import argparse
import http
import http.client
import json
import pathlib
import sys

argparse.ArgumentParser().parse_args()  # It takes no arguments, and writes files.

version = "{}.{}".format(*sys.version_info)
recording = {
    "python": "{}.{}.{}".format(*sys.version_info),
    # Including the older names, which are aliases in Python too.
    "HTTPStatus": {name: int(status) for name, status in http.HTTPStatus.__members__.items()},
    "responses": {str(int(code)): phrase for code, phrase in http.client.responses.items()},
}
path = pathlib.Path(__file__).parent.parent / "src" / "testdata" / f"python-{version}.json"
path.write_text(json.dumps(recording, indent=2) + "\n", encoding="utf-8")
