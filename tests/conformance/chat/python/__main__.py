"""What the packages of Slack, Feishu and DingTalk sign, sent to `reaper serve --emulated`: slack_sdk 3.48.0,
lark-oapi 1.7.5 and DingtalkChatbot 1.5.7. Each request that should be taken is first held to the package's own check."""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse

from Crypto.Cipher import AES
from Crypto.PublicKey import RSA
from Crypto.Util.Padding import pad
from dingtalkchatbot.chatbot import DingtalkChatbot
from lark_oapi.card.action_handler import CardActionHandler
from lark_oapi.core.model import RawRequest
from lark_oapi.event.dispatcher_handler import EventDispatcherHandler
from slack_sdk.signature import Clock, SignatureVerifier

from chats import Chats, Service
from harness import Suite, equal

suite = Suite("chat/python")

SLACK_SECRET = "conformance-signing-secret"
FEISHU_KEY, FEISHU_TOKEN = "conformance-encrypt-key", "conformance-verification-token"
DINGTALK_SECRET = "SECconformance-app-secret"
PROD, ALICE, BOB = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9", "200000000000000101", "200000000000000102"

PEOPLE = ("vera:viewer", "olga:operator", "anna:approver", "arno:approver")
chats = Chats()


def people(of):
    return ",".join(f"{of}-{person.split(':')[0]}:{person}" for person in PEOPLE)


service = Service({
    "REAPER_CHAT_ANSWER_HOSTS": chats.origin,
    "REAPER_CHAT_SLACK_SIGNING_SECRETS": f"the-next-signing-secret,{SLACK_SECRET}",
    "REAPER_CHAT_SLACK_USERS": people("U"),
    "REAPER_CHAT_FEISHU_ENCRYPT_KEYS": FEISHU_KEY,
    "REAPER_CHAT_FEISHU_VERIFICATION_TOKENS": FEISHU_TOKEN,
    "REAPER_CHAT_FEISHU_USERS": people("F"),
    "REAPER_CHAT_FEISHU_APP_ID": "cli_1",
    "REAPER_CHAT_FEISHU_APP_SECRET": "conformance-app-secret",
    "REAPER_CHAT_FEISHU_API": chats.origin,
    "REAPER_CHAT_DINGTALK_APP_SECRETS": DINGTALK_SECRET,
    "REAPER_CHAT_DINGTALK_USERS": people("D"),
    "REAPER_CHAT_DINGTALK_CONVERSATIONS": "cid1",
    "REAPER_CHAT_COMMANDS_PER_MINUTE": "100000",
})
number = iter(range(1, 1_000_000))


def nothing_follows(send, status=401):
    """The request is refused, nothing is stored and nobody is answered."""
    before = service.commands()
    got, answer = send()
    equal(got, status)
    if status == 401:
        answer.pop("instance")
        equal(answer["type"], "/problems/unauthenticated")
        equal(sorted(answer), ["detail", "status", "title", "type"])
    equal(service.commands(), before)
    equal(chats.pending(), 0)
    return answer


# Slack


class At(Clock):
    def __init__(self, seconds):
        self.seconds = seconds

    def now(self):
        return self.seconds


def slack_form(who, text, trigger=None):
    trigger = trigger or f"t{next(number)}"
    return urllib.parse.urlencode({
        "user_id": f"U-{who}", "channel_id": "C1", "text": text, "trigger_id": trigger,
        "response_url": f"{chats.origin}/commands/{trigger}",
    })


def slack(body, sent=None, path="commands", secret=SLACK_SECRET, shift=0):
    """Signs a body, checks it with the package as of the time that it was signed at, and sends it or another one."""
    at = int(time.time()) + shift
    signer = SignatureVerifier(secret, At(at))
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": str(at),
        "x-slack-signature": signer.generate_signature(timestamp=str(at), body=body),
    }
    assert signer.is_valid_request(body, headers)
    return service.send("POST", f"/v1/chat/slack/{path}", headers, sent or body)


def slack_press(who, value):
    at = f"{next(number)}.5"
    payload = {
        "type": "block_actions", "user": {"id": f"U-{who}"}, "channel": {"id": "C1"},
        "actions": [{"action_id": "press-0", "value": value, "action_ts": at}],
        "response_url": f"{chats.origin}/actions/{at}",
    }
    return slack(urllib.parse.urlencode({"payload": json.dumps(payload)}), path="actions")


def slack_button(answer, label):
    elements = [e for block in answer["blocks"] for e in block.get("elements", [])]
    return next(e["value"] for e in elements if e.get("type") == "button" and e["text"]["text"].startswith(label))


@suite.case
def slack_a_command_is_taken_and_answered():
    status, answer = slack(slack_form("vera", "status alice"))
    equal((status, answer["text"]), (200, "Working on it."))
    assert "alice" in json.dumps(chats.next())


@suite.case
def slack_a_revocation_from_preview_to_result():
    slack(slack_form("anna", f"revoke bob {PROD}"))
    slack_press("anna", slack_button(chats.next(), "Request approval"))
    held = chats.next()
    assert "waiting for approval" in json.dumps(held)
    slack_press("anna", slack_button(held, "Approve"))
    assert "another person has to approve it" in json.dumps(chats.next())
    slack_press("arno", slack_button(held, "Approve"))
    assert "confirmed" in json.dumps(chats.next())
    equal(service.get(f"/v1/kubeconfigs/{PROD}/{BOB}")["status"], "Deleted")


@suite.case
def slack_a_private_key_that_is_pasted_is_warned_of_and_not_kept():
    key = RSA.generate(2048).export_key(pkcs=8).decode()
    for text in (f"inspect {key}", f"revoke bob all {key}", key.replace("\n", " ")):
        slack(slack_form("olga", text))
        assert "treat it as leaked" in json.dumps(chats.next())
    kept = json.dumps(service.get("/v1/events?type=ChatCommandReceived&limit=1000"))
    assert not any(line in kept for line in key.splitlines() if not line.startswith("-----"))


@suite.case
def slack_what_is_not_signed_well_is_refused():
    form = slack_form("olga", "help")
    nothing_follows(lambda: slack(form, secret="another-signing-secret"))
    nothing_follows(lambda: slack(form, shift=-301))
    nothing_follows(lambda: slack(form, shift=301))
    nothing_follows(lambda: slack(form, sent=slack_form("anna", "help")))
    nothing_follows(lambda: slack(form, sent=form + "&text=held"))
    nothing_follows(lambda: service.send("POST", "/v1/chat/slack/commands", {}, form))


@suite.case
def slack_a_replay_does_nothing():
    form = slack_form("olga", "help")
    slack(form)
    chats.next()
    service.settled()
    for _ in range(3):
        answer = nothing_follows(lambda: slack(form), status=200)
        assert "came before" in answer["text"]


# Feishu and Lark


def feishu_body(plain):
    iv = bytes(range(16))
    key = hashlib.sha256(FEISHU_KEY.encode()).digest()
    text = AES.new(key, AES.MODE_CBC, iv).encrypt(pad(json.dumps(plain).encode(), 16))
    return json.dumps({"encrypt": base64.b64encode(iv + text).decode()})


def feishu_message(who, text, event=None, token=FEISHU_TOKEN):
    event = event or f"e{next(number)}"
    return {
        "schema": "2.0",
        "header": {"event_id": event, "event_type": "im.message.receive_v1", "token": token, "create_time": "1", "app_id": "cli_1"},
        "event": {
            "sender": {"sender_id": {"open_id": f"F-{who}"}},
            "message": {"message_id": f"om_{event}", "chat_id": "oc_1", "message_type": "text",
                        "content": json.dumps({"text": text})},
        },
    }


def accepted_by_lark(headers, body, handler):
    request = RawRequest()
    request.uri, request.body, request.headers = "/", body.encode(), headers
    equal(handler.do(request).status_code, 200)


def feishu_sign(body, at, secret, kind):
    return kind(f"{at}nonce{secret}".encode() + body.encode()).hexdigest()


def feishu(plain, sent=None, secret=FEISHU_KEY, shift=0, check=True):
    body, at = feishu_body(plain), str(int(time.time()) + shift)
    headers = {
        "Content-Type": "application/json",
        "X-Lark-Request-Timestamp": at,
        "X-Lark-Request-Nonce": "nonce",
        "X-Lark-Signature": feishu_sign(body, at, secret, hashlib.sha256),
    }
    if check:
        handler = EventDispatcherHandler.builder(FEISHU_KEY, FEISHU_TOKEN)
        accepted_by_lark(headers, body, handler.register_p2_im_message_receive_v1(lambda _: None).build())
    return service.send("POST", "/v1/chat/feishu", headers, feishu_body(sent) if sent else body)


@suite.case
def feishu_an_encrypted_event_is_taken_and_answered():
    equal(feishu(feishu_message("vera", "status alice"))[0], 200)
    assert "alice" in json.dumps(chats.next())


@suite.case
def feishu_the_address_is_checked():
    challenge = {"type": "url_verification", "challenge": "c1", "token": FEISHU_TOKEN}
    equal(feishu(challenge), (200, {"challenge": "c1"}))
    nothing_follows(lambda: feishu({**challenge, "token": "another-verification-token"}, check=False))


@suite.case
def feishu_a_button_of_an_old_card_is_signed_otherwise():
    feishu(feishu_message("olga", f"revoke alice {PROD}"))
    sent = json.dumps(chats.next())
    assert "Revoke" in sent
    plain = {"open_id": "F-olga", "open_message_id": "om_1", "open_chat_id": "oc_1",
             "action": {"value": {"press": "not-a-button"}}}
    body, at = feishu_body(plain), str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Lark-Request-Timestamp": at,
        "X-Lark-Request-Nonce": "nonce",
        "X-Lark-Signature": feishu_sign(body, at, FEISHU_TOKEN, hashlib.sha1),
    }
    accepted_by_lark(headers, body, CardActionHandler.builder(FEISHU_KEY, FEISHU_TOKEN).register(lambda _: None).build())
    equal(service.send("POST", "/v1/chat/feishu/card", headers, body)[0], 200)
    assert "not one of yours" in json.dumps(chats.next())
    headers["X-Lark-Signature"] = feishu_sign(body, at, "another-token", hashlib.sha1)
    service.settled()
    nothing_follows(lambda: service.send("POST", "/v1/chat/feishu/card", headers, body))


@suite.case
def feishu_what_is_not_signed_well_is_refused():
    message = feishu_message("olga", "help")
    nothing_follows(lambda: feishu(message, secret="another-encrypt-key", check=False))
    nothing_follows(lambda: feishu(message, shift=-301))
    nothing_follows(lambda: feishu(message, shift=301))
    nothing_follows(lambda: feishu(message, sent=feishu_message("anna", "help")))
    nothing_follows(lambda: feishu(feishu_message("olga", "help", token="another-token"), check=False))


@suite.case
def feishu_a_replay_does_nothing():
    message = feishu_message("olga", "help")
    feishu(message)
    chats.next()
    service.settled()
    for _ in range(3):
        nothing_follows(lambda: feishu(message), status=200)


# DingTalk


def dingtalk_message(who, text, message=None, conversation="cid1"):
    message = message or f"m{next(number)}"
    return json.dumps({
        "msgtype": "text", "text": {"content": text}, "senderStaffId": f"D-{who}", "conversationId": conversation,
        "msgId": message, "sessionWebhook": f"{chats.origin}/robot/sendBySession?session={message}",
        "sessionWebhookExpiredTime": int(time.time() + 3600) * 1000,
    })


def dingtalk_headers(shift=0, secret=DINGTALK_SECRET):
    """Timestamp and signature as the package puts them on an address; the robot's own are made in the same way."""
    robot = DingtalkChatbot("https://oapi.dingtalk.com/robot/send?access_token=x", secret)
    robot.start_time = time.time() + shift + next(number) / 1000
    robot.update_webhook()
    signed = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(robot.webhook).query))
    return {"content-type": "application/json", "timestamp": signed["timestamp"], "sign": signed["sign"]}


def dingtalk(body, headers=None):
    return service.send("POST", "/v1/chat/dingtalk", headers or dingtalk_headers(), body)


@suite.case
def dingtalk_a_message_is_taken_and_answered():
    equal(dingtalk(dingtalk_message("vera", " status alice "))[0], 200)
    assert "alice" in json.dumps(chats.next())


@suite.case
def dingtalk_what_is_not_signed_well_is_refused():
    message = dingtalk_message("olga", "help")
    nothing_follows(lambda: dingtalk(message, dingtalk_headers(secret="SECanother-app-secret")))
    nothing_follows(lambda: dingtalk(message, dingtalk_headers(shift=-3700)))
    nothing_follows(lambda: dingtalk(message, dingtalk_headers(shift=3700)))
    nothing_follows(lambda: dingtalk(message, {"content-type": "application/json"}))


@suite.case
def dingtalk_strangers_are_refused_like_those_who_have_not_signed():
    nothing_follows(lambda: dingtalk(dingtalk_message("mallory", "help")))
    nothing_follows(lambda: dingtalk(dingtalk_message("olga", "help", conversation="cid2")))


@suite.case
def dingtalk_one_signature_is_good_for_one_body():
    message, headers = dingtalk_message("olga", "help"), dingtalk_headers()
    dingtalk(message, headers)
    chats.next()
    service.settled()
    nothing_follows(lambda: dingtalk(message, headers), status=200)
    nothing_follows(lambda: dingtalk(dingtalk_message("anna", f"revoke alice {PROD}"), headers), status=200)
    # DingTalk delivers a message again under a new signature.
    nothing_follows(lambda: dingtalk(message), status=200)


try:
    suite.run()
finally:
    service.stop()
