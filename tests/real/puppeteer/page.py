# SPDX-License-Identifier: MIT
"""page.py - the page that the browsers visit, served on loopback."""
import contextlib
import http.server
import threading

PAGE = b"<!doctype html><title>sexton</title><h1>Nobody is left behind</h1>"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path == "/"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE) if found else 0))
        self.end_headers()
        self.wfile.write(PAGE if found else b"")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Browsers are killed here: who reads no answer is no error."""


@contextlib.contextmanager
def served():
    """Its address, while it is served."""
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
