"""Package standardwebhooks 1.1.0 checks what the program `reaper` sends."""

import http.server
import os
import subprocess
import tempfile
import threading

from standardwebhooks import Webhook, WebhookVerificationError

from harness import EMULATOR, Suite, equal, key_of

suite = Suite("notify/python")
KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_KEY = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
FOREIGN_KEY = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps the headers and bytes of every message."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Take)
        self.messages = []
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self.server_address[1]}"


class Take(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.messages.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def reaper(*arguments, secrets=KEY):
    """Runs the program with a webhook that is here; answers what came."""
    receiver = Receiver()
    settings = {
        "REAPER_NOTIFY_WEBHOOK_URL": receiver.origin + "/hook",
        "REAPER_NOTIFY_WEBHOOK_SECRETS": secrets,
        "REAPER_NOTIFY_PRIVATE_HOSTS": receiver.origin,
    }
    for service in ["cs", "ram", "ims", "sts", "sls", "actiontrail"]:
        settings[f"REAPER_CLOUD_ENDPOINTS_{service.upper()}"] = EMULATOR["endpoints"][service]
    credentials = key_of("reaper")
    settings["ALIBABA_CLOUD_ACCESS_KEY_ID"] = credentials["access_key_id"]
    settings["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = credentials["access_key_secret"]
    settings["ALIBABA_CLOUD_SECURITY_TOKEN"] = credentials["security_token"]
    with tempfile.TemporaryDirectory() as folder:
        ended = subprocess.run([os.environ["REAPER"], *arguments], cwd=folder, env={"HOME": folder, **settings},
                               capture_output=True, text=True, timeout=120)
    receiver.shutdown()
    if ended.returncode not in (0, 3):
        raise AssertionError(f"{ended.returncode}: {ended.stderr}")
    return receiver.messages


@suite.case
def a_test_message_is_taken_by_the_package():
    [(headers, body)] = reaper("notify", "test", "webhook")
    message = Webhook(KEY).verify(body, headers)
    equal(message["type"], "reaper.test")


@suite.case
def both_secrets_of_a_rotation_are_good():
    [(headers, body)] = reaper("notify", "test", secrets=f"{KEY},{OLD_KEY}")
    for key in [KEY, OLD_KEY]:
        equal(Webhook(key).verify(body, headers)["type"], "reaper.test")


@suite.case
def another_body_id_time_or_secret_is_refused():
    [(headers, body)] = reaper("notify", "test")
    headers = {name.lower(): value for name, value in headers.items()}
    wrong = [
        (KEY, headers, body.replace(b"test", b"held")),
        (KEY, {**headers, "webhook-id": "msg_other"}, body),
        (KEY, {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}, body),
        (FOREIGN_KEY, headers, body),
    ]
    for key, changed, content in wrong:
        try:
            Webhook(key).verify(content, changed)
        except WebhookVerificationError:
            continue
        raise AssertionError(f"taken: {changed} {content}")


@suite.case
def what_a_sweep_tells_is_taken_each_under_an_id_of_its_own():
    messages = reaper("sweep")
    told = [Webhook(KEY).verify(body, headers) for headers, body in messages]
    ids = {headers["webhook-id"] for headers, _ in messages}
    equal(len(ids), len(messages))
    kinds = {message["type"] for message in told}
    if not {"reaper.confirmed", "reaper.held"} <= kinds:
        raise AssertionError(f"told of {kinds} only")


suite.run()
