"""A program in the place of vLLM's Python: it takes the same flags, and is ready at once.

It has a child, as vLLM has its engine, which ignores SIGTERM and goes on when its parent is gone. Flags of its own:
`--say text` writes a line to the log, `--exit code` ends it, `--deaf` never answers, `--stubborn` ignores SIGTERM.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ENGINE = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.headers.get("Authorization") == f"Bearer {os.environ['VLLM_API_KEY']}"
        self.send_response(200 if known or self.path == "/health" else 401)
        self.end_headers()
        self.wfile.write(f"{os.getpid()}".encode())

    def log_message(self, *_):
        pass


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--port", type=int)
    parser.add_argument("--say", default="")
    parser.add_argument("--exit", type=int)
    parser.add_argument("--deaf", action="store_true")
    parser.add_argument("--stubborn", action="store_true")
    return parser.parse_known_args()[0]


def main():
    given = options()
    sys.stderr.write(f"INFO 11-23 06:38:57 [server.py:1] starting\n{given.say}\n")
    if given.exit is not None:
        sys.exit(given.exit)
    if given.stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    engine = subprocess.Popen([sys.executable, "-S", "-c", ENGINE])
    Path("engine.pid").write_text(str(engine.pid))
    if given.deaf:
        time.sleep(600)
    HTTPServer(("127.0.0.1", given.port), Answers).serve_forever()


main()
