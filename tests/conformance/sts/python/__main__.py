"""Package alibabacloud-sts20150401 1.2.0 against the emulated Security Token Service."""

import alibabacloud_sts20150401 as package
import alibabacloud_sts20150401.client  # noqa: F401
from alibabacloud_sts20150401 import models

from harness import EMULATOR, Suite, control, equal
from openapi import check_gateway, client_of, refused

suite = Suite("sts/python")
ACCOUNT = EMULATOR["account_id"]
ID = {identity["name"]: identity["id"] for identity in EMULATOR["identities"]}


def arn(role):
    return f"acs:ram::{ACCOUNT}:role/{role}"


def assume(role, by="bob", **how):
    request = models.AssumeRoleRequest(role_arn=arn(role), role_session_name="conformance", **how)
    return client_of(package, "sts", by).assume_role(request).body


def as_session(credentials):
    return client_of(package, "sts", access_key_id=credentials.access_key_id,
                     access_key_secret=credentials.access_key_secret, security_token=credentials.security_token)


check_gateway(suite, package, "sts", "GetCallerIdentity", lambda by: by.get_caller_identity())


@suite.case
def everybody_learns_who_they_are():
    found = {owner: client_of(package, "sts", owner).get_caller_identity().body for owner in ("root", "bob", "reaper")}
    equal({owner: body.identity_type for owner, body in found.items()},
          {"root": "Account", "bob": "RAMUser", "reaper": "AssumedRoleUser"})
    equal({body.account_id for body in found.values()}, {ACCOUNT})
    equal((found["bob"].user_id, found["reaper"].role_id), (ID["bob"], ID["reaper"]))
    equal(found["reaper"].arn, f"acs:ram::{ACCOUNT}:assumed-role/reaper/reaper")


@suite.case
def a_role_is_assumed_until_its_session_ends():
    body = assume("ci-deployer", duration_seconds=900)
    equal(body.assumed_role_user.assumed_role_id, f"{ID['ci-deployer']}:conformance")
    session = as_session(body.credentials)
    equal(session.get_caller_identity().body.role_id, ID["ci-deployer"])
    control("POST", "/clock", {"advance_seconds": 901})
    refused(400, "InvalidSecurityToken.Expired", session.get_caller_identity)


@suite.case
def a_session_that_cannot_be():
    refused(404, "EntityNotExist.Role", assume, "nobody")
    refused(404, "EntityNotExist.Role", assume, "legacy-ci")
    refused(400, "InvalidParameter.DurationSeconds", lambda: assume("ci-deployer", duration_seconds=899))


suite.run()
