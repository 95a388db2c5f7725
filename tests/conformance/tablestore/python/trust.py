"""Signatures, checksums, and every error that the service may answer with."""

import base64
import datetime
import hashlib

import tablestore.utils
from tablestore import Condition, OTSClientError, Row
from tablestore.plainbuffer import plain_buffer_builder
from tablestore.retry import DefaultRetryPolicy

from harness import EMULATOR, calls, control, equal, fail_next, key_of
from client import IGNORE, client, client_as, create, get, key, knobs, put, refused
from suite import suite

DENIED = (403, "OTSAuthFailed")
INVALID = "OTSParameterInvalid"
TRUST = "trust"

knobs()
create(TRUST)


class NoDelay(DefaultRetryPolicy):
    """The package's own retries, at once."""

    def get_retry_delay(self, retry_times, exception, api_name):
        return 0


def reads(with_client):
    """One call with a client."""
    return with_client.get_row(TRUST, key("a", 1), max_version=1)


def altered(operation="GetRow", body=None, headers=(), without=(), sign=True, with_client=client):
    """Sends a request of the package with something in it changed, and reads the answer as the package does."""
    from tablestore.auth import RequestContext

    context = RequestContext(with_client.credentials_provider.get_credentials())
    signer = with_client._signer
    query, sent, content = with_client.protocol.make_request(
        "GetRow", signer, context, TRUST, key("a", 1), None, None, 1, None, None, None, None, None)
    query, content = "/" + operation, content if body is None else body
    if sign:
        sent = {name: value for name, value in sent.items() if not name.startswith("x-ots-signature")}
        sent["x-ots-contentmd5"] = base64.b64encode(hashlib.md5(content).digest()).decode()
    sent.update(headers)
    for name in without:
        del sent[name]
    if sign:
        signer.make_request_signature_and_add_headers(query, sent, context)
    status, reason, back, answer = with_client.connection.send_receive(query, sent, content)
    with_client.protocol.handle_error("GetRow", query, status, reason, back, answer, signer, context)


@suite.case
def signatures_of_version_2_and_4_are_accepted_from_users_and_roles():
    for owner in ("root", "bob", "reaper"):
        for region in (None, EMULATOR["region"]):
            reads(client_as(owner, region))


@suite.case
def rows_are_read_alike_with_and_without_the_native_parser():
    for native in (True, False):
        other = client_as(enable_native=native)
        columns = [("s", "x"), ("i", 1), ("d", 1.5), ("b", True), ("raw", bytearray(b"\x01"))]
        other.put_row(TRUST, Row(key("native", int(native)), columns), IGNORE)
        _, row, _ = other.get_row(TRUST, key("native", int(native)), max_version=1)
        equal(sorted(column[:2] for column in row.attribute_columns), sorted(columns))


@suite.case
def a_wrong_secret_is_denied():
    for region in (None, EMULATOR["region"]):
        wrong = client_as("root", region, access_key_secret="wrong")
        refused(*DENIED, "Signature mismatch.", reads, wrong)
    refused(*DENIED, "Signature mismatch.", reads, client_as(region="cn-elsewhere"))


@suite.case
def a_changed_header_is_denied():
    refused(*DENIED, "Signature mismatch.", altered, headers={"x-ots-instancename": "other"}, sign=False)
    refused(*DENIED, "Signature mismatch.", altered, headers={"x-ots-new": "1"}, sign=False)
    refused(*DENIED, "Signature mismatch.", altered, headers={"x-ots-signature": "nonsense"}, sign=False)


@suite.case
def unknown_keys_tokens_and_instances_are_denied():
    from tablestore import OTSClient

    def other(key_id, secret, instance=EMULATOR["tablestore_instance"], token=None):
        return OTSClient(EMULATOR["endpoints"]["tablestore"], key_id, secret, instance, sts_token=token)

    root, role = key_of("root"), key_of("reaper")
    secret = "access_key_secret"
    refused(*DENIED, "The AccessKeyID does not exist.", reads, other("nobody", "x"))
    refused(*DENIED, "The instance is not found.", reads, other(root["access_key_id"], root[secret], "another"))
    refused(*DENIED, "The STS token is invalid.", reads, other(role["access_key_id"], role[secret]))
    refused(*DENIED, "The STS token is invalid.", reads,
            other(role["access_key_id"], role[secret], token="another"))


@suite.case
def a_date_that_is_far_off_is_denied():
    for minutes, fine in ((-14, True), (14, True), (-16, False), (16, False)):
        at = tablestore.utils.get_now_utc_datetime() + datetime.timedelta(minutes=minutes)
        date = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if fine:
            altered(headers={"x-ots-date": date})
        else:
            refused(*DENIED, f"Mismatch between system time and x-ots-date: {date}.",
                    altered, headers={"x-ots-date": date})
    refused(400, INVALID, "Invalid date format: yesterday.", altered, headers={"x-ots-date": "yesterday"})


@suite.case
def a_wrong_digest_of_the_body_is_denied():
    refused(*DENIED, "Mismatch between MD5 value of request body and x-ots-contentmd5 in header.",
            altered, headers={"x-ots-contentmd5": base64.b64encode(bytes(16)).decode()})


@suite.case
def every_header_is_needed():
    for name in ("x-ots-date", "x-ots-apiversion", "x-ots-accesskeyid", "x-ots-instancename", "x-ots-contentmd5"):
        refused(400, INVALID, f"Missing header: {name}.", altered, without=[name])
    refused(400, INVALID, "Missing header: x-ots-signature.", altered, without=["x-ots-signature"], sign=False)


@suite.case
def unknown_operations_and_broken_messages():
    refused(400, INVALID, "Unsupported operation: 'Nothing'.", altered, operation="Nothing")
    refused(400, INVALID, "Parse PBMessage from RawString failed.", altered, body=b"\xff\xff\xff")


@suite.case
def a_checksum_that_does_not_fit_is_found():
    from tablestore.protobuf import table_store_pb2 as pb

    good = bytes(plain_buffer_builder.PlainBufferBuilder.serialize_for_put_row(key("sum", 1), [("v", "x")]))

    def send(row):
        message = pb.PutRowRequest(table_name=TRUST, row=row)
        message.condition.row_existence = pb.IGNORE
        altered("PutRow", message.SerializeToString())

    send(good)
    mismatch = "Cell data broken, checksum is mismatch…"
    cell, whole = len(good) - 3, len(good) - 1
    for place in (cell, whole):
        bad = bytearray(good)
        bad[place] ^= 1
        refused(400, INVALID, mismatch, send, bytes(bad))
    value = bytearray(good)
    value[good.rindex(b"x")] ^= 1
    refused(400, INVALID, mismatch, send, bytes(value))
    header = b"\x76" + good[1:]
    refused(400, INVALID, "Cell data broken, mismatch header, actual: 118, expect: 117.", send, header)
    refused(400, INVALID, "Input encoded PK broken, length is shorter than expect.", send, good[:-1])
    refused(400, INVALID, "Cell data broken, has more data in cell, but they can't be parsed.", send, good + b"\x00")


@suite.case
def a_delete_without_its_marker_and_a_put_with_one():
    from tablestore.protobuf import table_store_pb2 as pb

    builder = plain_buffer_builder.PlainBufferBuilder
    plain, marked = builder.serialize_primary_key(key("a", 1)), builder.serialize_for_delete_row(key("a", 1))
    delete = pb.DeleteRowRequest(table_name=TRUST, primary_key=bytes(plain))
    delete.condition.row_existence = pb.IGNORE
    refused(400, INVALID, "Invalid request of delete row: missing RowDeleteMarker in request.",
            altered, "DeleteRow", delete.SerializeToString())
    write = pb.PutRowRequest(table_name=TRUST, row=bytes(marked))
    write.condition.row_existence = pb.IGNORE
    refused(400, INVALID, "Invalid request of put/update row: unexpected RowDeleteMarker in request.",
            altered, "PutRow", write.SerializeToString())


@suite.case
def every_error_of_the_table_is_answered_as_it_stands_there():
    codes = {
        "OTSServerBusy": 503, "OTSPartitionUnavailable": 503, "OTSTimeout": 503, "OTSServerUnavailable": 503,
        "OTSInternalServerError": 500, "OTSRowOperationConflict": 409, "OTSNotEnoughCapacityUnit": 403,
        "OTSQuotaExhausted": 403, "OTSCapacityUnitExhausted": 403, "OTSFlowControl": 429, "OTSTableNotReady": 404,
        "OTSOutOfRowSizeLimit": 400, "OTSOutOfColumnCountLimit": 400, "OTSMethodNotAllowed": 405,
        "OTSOperationThrottled": 503, "OTSOperationConflict": 409,
    }
    for code, status in codes.items():
        fail_next("PutRow", status, code)
        refused(status, code, "…", put, TRUST, "errors", 1, v=1)
    equal(get(TRUST, "errors", 1), None)


@suite.case
def what_may_be_repeated_is_repeated_by_the_package():
    patient = client_as(retry=NoDelay())
    for status, code in ((503, "OTSServerBusy"), (403, "OTSNotEnoughCapacityUnit"), (404, "OTSTableNotReady"),
                         (403, "OTSQuotaExhausted")):
        control("DELETE", "/calls")
        fail_next("PutRow", status, code, times=2)
        patient.put_row(TRUST, Row(key("patient", 1), [("v", code)]), IGNORE)
        equal(len(calls("PutRow")), 3)
    fail_next("PutRow", 503, "OTSTimeout")
    refused(503, "OTSTimeout", "Operation timeout.",
            patient.put_row, TRUST, Row(key("patient", 1), [("v", 1)]), IGNORE)
    fail_next("GetRow", 503, "OTSTimeout")
    reads(patient)


@suite.case
def a_write_that_timed_out_may_have_been_made():
    knobs(timeout_rate=1.0)
    timeout = (503, "OTSTimeout", "Operation timeout.")
    refused(*timeout, client.put_row, TRUST, Row(key("late", 1), [("v", 1)]), Condition("EXPECT_NOT_EXIST"))
    knobs()
    equal(get(TRUST, "late", 1), {"v": 1})


@suite.case
def an_answer_that_is_lost_leaves_the_write_made():
    import urllib3

    for outcome, expected in (("lostResponse", {"v": "lostResponse"}), ("lostRequest", None)):
        control("POST", "/failures", {"operation": "PutRow", "outcome": outcome})
        try:
            put(TRUST, outcome, 1, v=outcome)
        except (urllib3.exceptions.HTTPError, OTSClientError):
            equal(get(TRUST, outcome, 1), expected)
        else:
            raise AssertionError("there was an answer")


@suite.case
def shares_of_the_calls_are_throttled_or_busy():
    for share, code, status in (
        ("throttling_rate", "OTSNotEnoughCapacityUnit", 403), ("error_rate", "OTSServerBusy", 503)):
        control("POST", "/knobs", {"operations": {"PutRow": {share: 1.0}}})
        refused(status, code, "…", put, TRUST, "share", 1, v=1)
    control("POST", "/knobs", {"operations": {}})
    put(TRUST, "share", 1, v=1)


@suite.case
def one_append_is_one_request():
    control("DELETE", "/calls")
    put(TRUST, "once", 1, Condition("EXPECT_NOT_EXIST"), v=1)
    made = control("GET", "/calls")
    equal([(c["service"], c["operation"], c["target"]) for c in made],
          [("tablestore", "PutRow", [["table", TRUST]])])

