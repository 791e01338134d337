"""Python's http.server over a folder. Prints the ports that it listens on as JSON.

    python3 servers-python.py <folder> <keep-alive timeout of the brief port, in milliseconds>
"""

import http.server
import itertools
import json
import os
import sys
import threading

FOLDER, BRIEF = sys.argv[1:]
SERIALS = itertools.count(1)
BLOCK = 65536


class Steady(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    # Head and body leave in two writes: with Nagle's algorithm the second waits for a delayed acknowledgement.
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.serial = next(SERIALS)
        self.requests = 0

    def parse_request(self):
        self.requests += 1
        return super().parse_request()

    def end_headers(self):
        self.send_header('X-Connection', str(self.serial))
        self.send_header('X-Requests', str(self.requests))
        for name in ('Content-Length', 'Transfer-Encoding'):
            if name in self.headers:
                self.send_header('X-' + name, self.headers[name])
        super().end_headers()

    def handle_expect_100(self):
        if not self.path.startswith('/refused/'):
            return super().handle_expect_100()
        self.send_error(413)
        return False

    def do_GET(self):
        if self.path == '/broken':
            self.send_response(200)
            self.send_header('Content-Length', '100')
            self.end_headers()
            self.wfile.write(b'0123456789')
            self.close_connection = True
        elif self.path.startswith('/chunked/'):
            self.unsized(self.translate_path(self.path[len('/chunked'):]))
        else:
            if self.path.startswith('/close/'):
                self.path = self.path[len('/close'):]
                self.close_connection = True
            super().do_GET()

    def send_response(self, *args):
        super().send_response(*args)
        if self.close_connection and self.protocol_version == 'HTTP/1.1':
            self.send_header('Connection', 'close')

    def unsized(self, path):
        """A body of unknown length: in chunks, or for HTTP/1.0 up to the end of the connection."""
        chunked = self.protocol_version == 'HTTP/1.1'
        self.send_response(200)
        if chunked:
            self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        with open(path, 'rb') as file:
            for block in iter(lambda: file.read(BLOCK), b''):
                self.wfile.write(b'%x\r\n%b\r\n' % (len(block), block) if chunked else block)
        if chunked:
            self.wfile.write(b'0\r\n\r\n')

    def do_PUT(self):
        with open(FOLDER + self.path, 'wb') as file:
            if self.headers.get('Transfer-Encoding') == 'chunked':
                size = int(self.rfile.readline(), 16)
                while size > 0:
                    file.write(self.rfile.read(size))
                    self.rfile.readline()
                    size = int(self.rfile.readline(), 16)
                while self.rfile.readline() != b'\r\n':
                    pass
            else:
                left = int(self.headers['Content-Length'])
                while left > 0:
                    left -= file.write(self.rfile.read(min(left, BLOCK)))
        self.send_response(201)
        self.send_header('Content-Length', '0')
        self.end_headers()

    do_POST = do_PUT

    def log_message(self, *args):
        pass


class Brief(Steady):
    timeout = int(BRIEF) / 1000


class Old(Steady):
    protocol_version = 'HTTP/1.0'


def listen(handler):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


os.chdir(FOLDER)
print(json.dumps({'steady': listen(Steady), 'brief': listen(Brief), 'old': listen(Old)}), flush=True)
threading.Event().wait()
