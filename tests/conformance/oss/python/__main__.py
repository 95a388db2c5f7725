"""Package oss2 2.19.1 against the emulated Object Storage Service."""

import datetime
import socket

import oss2
import oss2.auth
import oss2.models
from oss2.credentials import StaticCredentialsProvider

from harness import EMULATOR, Suite, address, calls, control, equal, fail_next, key_of

# The package puts the bucket in front of a name: every name below `oss.test` is this machine.
look_up = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: look_up(
    "127.0.0.1" if str(host).endswith("oss.test") else host, *rest, **named)

suite = Suite("oss/python")
BUCKET = EMULATOR["buckets"][0]
PORT = address("oss").rpartition(":")[2]
BY_PATH, BY_HOST = f"http://127.0.0.1:{PORT}", f"http://oss.test:{PORT}"
TEXT = "region = 'cn-hangzhou' # käse\n".encode()


def bucket_as(owner="reaper", endpoint=BY_PATH, bucket=BUCKET, region=None, **changed):
    key = {**key_of(owner), **changed}
    provider = StaticCredentialsProvider(
        key["access_key_id"], key["access_key_secret"], key.get("security_token"))
    return oss2.Bucket(oss2.ProviderAuthV4(provider), endpoint, bucket, region=region or EMULATOR["region"])


def refused(status, code, function, *arguments):
    try:
        function(*arguments)
    except oss2.exceptions.OssError as error:
        equal((error.status, error.code), (status, code))
        assert error.request_id, "no request id"
        return
    raise AssertionError("not refused")


@suite.case
def what_is_put_is_got_by_either_kind_of_address():
    for number, endpoint in enumerate((BY_PATH, BY_HOST)):
        bucket = bucket_as(endpoint=endpoint)
        text = TEXT * (number + 1)
        equal(bucket.put_object("settings/reaper.toml", text).status, 200)
        equal(bucket.get_object("settings/reaper.toml").read(), text)


@suite.case
def names_that_have_to_be_encoded():
    bucket = bucket_as(endpoint=BY_HOST)
    for name in ("a b+c", "käse/ä.toml", "per%cent"):
        bucket.put_object(name, name)
        equal(bucket.get_object(name).read().decode(), name)


@suite.case
def the_package_checks_what_it_has_sent_and_read():
    result = bucket_as().put_object("checked", TEXT)
    assert result.crc, "no CRC"
    equal(bucket_as().get_object("checked").server_crc, result.crc)


@suite.case
def an_empty_object():
    bucket_as().put_object("empty", b"")
    equal(bucket_as().get_object("empty").read(), b"")


@suite.case
def who_has_a_security_token_and_who_has_none():
    assert key_of("reaper")["security_token"]
    for owner in ("root", "bob", "reaper"):
        equal(bucket_as(owner).put_object(f"of/{owner}", owner).status, 200)


@suite.case
def what_is_not_there():
    try:
        bucket_as().get_object("missing")
        raise AssertionError("found")
    except oss2.exceptions.NoSuchKey as error:
        equal(error.status, 404)
    refused(404, "NoSuchBucket", bucket_as(bucket="nowhere-bucket").get_object, "missing")
    refused(404, "NoSuchBucket", bucket_as(bucket="nowhere-bucket").put_object, "missing", b"")


@suite.case
def a_wrong_secret_key_or_token():
    get = lambda **changed: bucket_as(**changed).get_object
    refused(403, "SignatureDoesNotMatch", get(access_key_secret="wrong"), "checked")
    refused(403, "InvalidAccessKeyId", get(access_key_id="LTAI5tNobody"), "checked")
    refused(403, "InvalidSecurityToken", get(security_token="wrong"), "checked")
    refused(403, "InvalidSecurityToken", get(security_token=None), "checked")


@suite.case
def a_signature_of_another_region():
    refused(400, "InvalidArgument", bucket_as(region="cn-beijing").get_object, "checked")


@suite.case
def a_date_that_is_too_far_away():
    real = oss2.auth.datetime

    class Late(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return real.utcnow() - datetime.timedelta(minutes=16)

    oss2.auth.datetime = Late
    try:
        refused(403, "RequestTimeTooSkewed", bucket_as().get_object, "checked")
    finally:
        oss2.auth.datetime = real


@suite.case
def signatures_of_version_1_and_2_are_not_taken():
    key = key_of("bob")
    for auth in (oss2.Auth, oss2.AuthV2):
        old = auth(key["access_key_id"], key["access_key_secret"])
        refused(400, "InvalidArgument", oss2.Bucket(old, BY_PATH, BUCKET).get_object, "checked")


@suite.case
def a_failure_that_was_ordered():
    control("DELETE", "/calls")
    fail_next("GetObject", 503, "ServiceUnavailable")
    refused(503, "ServiceUnavailable", bucket_as().get_object, "checked")
    equal(bucket_as().get_object("checked").read(), TEXT)
    equal([call["status"] for call in calls("GetObject")], [503, 200])


suite.run()
