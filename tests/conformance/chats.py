"""A Reaper on an emulated cloud, and the chat systems as far as they take answers."""

import hashlib
import json
import os
import queue
import subprocess
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "conformance-viewer-token"

# How long something that has to happen may take, in seconds.
PATIENCE = 60


class Chats:
    """Takes every answer."""

    def __init__(self):
        answers = self.answers = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                taken = {"code": 0, "errcode": 0}
                if self.path.endswith("/tenant_access_token/internal"):
                    taken["tenant_access_token"] = "t-1"
                else:
                    answers.put(body)
                text = json.dumps(taken).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{server.server_port}"

    def next(self):
        """The next answer."""
        return self.answers.get(timeout=PATIENCE)

    def pending(self):
        """Answers that nobody waits for."""
        return self.answers.qsize()


class Service:
    """`reaper serve --emulated`, after its first sweep."""

    def __init__(self, variables):
        tokens = f"auditor:viewer:{hashlib.sha256(TOKEN.encode()).hexdigest()}"
        own = {name: text for name, text in os.environ.items() if not name.startswith(("REAPER", "RUST_"))}
        self.process = subprocess.Popen(
            [os.environ["REAPER"], "serve", "--emulated", "--listen", "127.0.0.1:0"],
            env={
                **own, **variables, "REAPER_API_TOKENS": tokens,
                # Far more than in use is asked here, and far more is refused.
                "REAPER_API_REQUESTS_PER_MINUTE": "100000", "REAPER_API_UNAUTHENTICATED_PER_MINUTE": "100000",
            },
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        line = self.process.stdout.readline()
        self.address = next(word for word in line.replace(",", " ").split() if word.startswith("http://"))
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        self.until(lambda: self.get("/v1/overview")["swept_everything"])

    def until(self, is_so):
        """Waits for something that has to happen."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            if time.monotonic() > end:
                raise AssertionError("it did not happen")
            time.sleep(0.05)

    def send(self, method, path, headers, body=None):
        """The status and what came back."""
        data = None if body is None else body.encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def get(self, path):
        """Reads as a viewer."""
        return self.send("GET", path, {"authorization": f"Bearer {TOKEN}"})[1]

    def commands(self):
        """How many commands were stored."""
        return len(self.get("/v1/events?type=ChatCommandReceived&limit=1000")["events"])

    def settled(self):
        """Until every stored command is answered: an answer is given before the log says so."""
        answered = lambda: len(self.get("/v1/events?type=ChatCommandAnswered&limit=1000")["events"])
        self.until(lambda: answered() == self.commands())

    def stop(self):
        """Ends it."""
        self.process.terminate()
        self.process.wait()
