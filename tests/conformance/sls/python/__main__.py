"""Package aliyun-log-python-sdk 0.9.52 against the emulated log service."""

import socket
import time

from aliyun.log import GetLogsRequest, LogClient, LogException

from harness import EMULATOR, Suite, address, control, equal, fail_next, key_of

# The package puts the project in front of the host, so that an address in numbers does not do: every name below
# `sls.test` is this machine.
look_up = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: look_up(
    "127.0.0.1" if str(host).endswith("sls.test") else host, *rest, **named)

suite = Suite("sls/python")
PROD, _, DEV = (cluster["id"] for cluster in EMULATOR["clusters"])
ID = {identity["name"]: identity["id"] for identity in EMULATOR["identities"]}
PORT = address("sls").rpartition(":")[2]
PROJECT, STORE = f"k8s-log-{PROD}", f"audit-{PROD}"


def client_as(owner="reaper", **changed):
    key = key_of(owner)
    settings = {"accessKeyId": key["access_key_id"], "accessKey": key["access_key_secret"],
                "securityToken": key.get("security_token"), **changed}
    return LogClient(f"http://sls.test:{PORT}", **settings)


def logs(query, by=None, project=PROJECT, store=STORE, days=60, **how):
    now = int(time.time()) + 60
    return (by or client_as()).get_log(project, store, now - days * 86400, now, query=query, **how)


def refused(status, code, function, *arguments, **named):
    try:
        function(*arguments, **named)
    except LogException as error:
        equal((error.resp_status, error.get_error_code()), (status, code))
        return
    raise AssertionError("not refused")


@suite.case
def users_and_roles_are_let_in():
    for owner in ("root", "bob", "reaper"):
        equal(logs("*", client_as(owner), size=1).is_completed(), True)


@suite.case
def signatures_of_version_1_and_4():
    from aliyun.log.auth import AUTH_VERSION_1, AUTH_VERSION_4

    for version in (AUTH_VERSION_1, AUTH_VERSION_4):
        found = logs("*", client_as(auth_version=version, region=EMULATOR["region"]), size=1)
        equal(found.get_count(), 1)


@suite.case
def the_last_access_of_a_user():
    found = logs(f"user.username: {ID['alice']}*", reverse=True, size=1)
    equal(found.get_count(), 1)
    content = found.get_logs()[0].get_contents()
    assert any(ID["alice"] in value for value in content.values()), content
    equal(logs(f"user.username: {ID['alice']}*", days=7).get_count(), 0)


@suite.case
def a_query_with_an_aggregation():
    found = logs(f"user.username: {ID['bob']}* | select count(1) as n")
    equal(int(found.get_logs()[0].get_contents()["n"]) > 0, True)


@suite.case
def an_incomplete_answer_is_asked_for_again():
    control("DELETE", "/calls")
    control("POST", "/knobs", {"incomplete_log_queries": 1})
    equal(logs("*", size=1).is_completed(), True)
    equal(len([call for call in control("GET", "/calls") if call["service"] == "sls"]), 2)


@suite.case
def requests_of_the_older_form():
    now = int(time.time()) + 60
    request = GetLogsRequest(PROJECT, STORE, now - 86400 * 60, now, query="*", line=1)
    equal(client_as().get_logs(request).get_count(), 1)


@suite.case
def what_is_not_there():
    refused(404, "ProjectNotExist", logs, "*", project="nothing")
    refused(404, "ProjectNotExist", logs, "*", project=f"k8s-log-{DEV}", store=f"audit-{DEV}")
    refused(404, "LogStoreNotExist", logs, "*", store="nothing")


@suite.case
def a_query_that_is_none():
    refused(400, "ParameterInvalid", logs, "* | select")
    refused(400, "ParameterInvalid", client_as().get_log, PROJECT, STORE, 10, 5)


@suite.case
def who_is_not_let_in():
    refused(403, "SignatureNotMatch", logs, "*", client_as("root", accessKey="wrong"))
    refused(401, "Unauthorized", logs, "*", client_as("root", accessKeyId="nobody"))
    refused(403, "SecurityTokenInvalid", logs, "*", client_as("reaper", securityToken="another"))


@suite.case
def errors_arrive_with_status_and_code():
    for status, code in ((401, "Unauthorized"), (403, "ReadQuotaExceed")):
        fail_next("GetLogsV2", status, code)
        refused(status, code, logs, "*")


suite.run()
