"""Clients of package tablestore against the emulator, and shorthands for what the cases write often."""

import tablestore
from tablestore import (
    CapacityUnit,
    Condition,
    OTSClient,
    OTSServiceError,
    ReservedThroughput,
    Row,
    TableMeta,
    TableOptions,
)
from tablestore.retry import NoRetryPolicy

from harness import EMULATOR, control, equal, key_of

INSTANCE = EMULATOR["tablestore_instance"]


def client_as(owner="root", region=None, retry=None, **other):
    """A client with the key of an identity; it signs with version 4 if it has a region."""
    key = key_of(owner)
    arguments = {
        "sts_token": key.get("security_token"),
        "retry_policy": retry or NoRetryPolicy(),
        "region": region,
        "access_key_secret": key["access_key_secret"],
        "instance_name": INSTANCE,
        "native_fallback": False,
        **other,
    }
    return OTSClient(EMULATOR["endpoints"]["tablestore"], key["access_key_id"], **arguments)


client = client_as()


def knobs(**turned):
    """Turns knobs of Tablestore; the others are as they start, but for the number of table operations."""
    control("POST", "/knobs", {"tablestore": {"table_operations_per_second": 0, **turned}})


def create(name, key=(("pk", "STRING"), ("seq", "INTEGER")), defined=(), indexes=(), options=None):
    """Makes a table."""
    meta = TableMeta(name, list(key), list(defined))
    throughput = ReservedThroughput(CapacityUnit(0, 0))
    client.create_table(meta, options or TableOptions(), throughput, list(indexes))


def key(pk, seq):
    return [("pk", pk), ("seq", seq)]


IGNORE = Condition("IGNORE")
ABSENT = Condition("EXPECT_NOT_EXIST")
PRESENT = Condition("EXPECT_EXIST")


def put(name, pk, seq, condition=IGNORE, **columns):
    return client.put_row(name, Row(key(pk, seq), list(columns.items())), condition)


def get(name, pk, seq, **how):
    """The columns of a row, or nothing."""
    _, row, _ = client.get_row(name, key(pk, seq), max_version=1, **how)
    return None if row is None else {column[0]: column[1] for column in row.attribute_columns}


def refused(status, code, message, function, *arguments, **named):
    """Expects an error of the service; a message that ends in an ellipsis is a beginning."""
    try:
        found = function(*arguments, **named)
    except OTSServiceError as error:
        equal((error.get_http_status(), error.get_error_code()), (status, code))
        text = error.get_error_message()
        if message.endswith("…"):
            assert text.startswith(message[:-1]), text
        else:
            equal(text, message)
        assert error.get_request_id()
        return
    raise AssertionError(f"not refused: {found!r}")


assert tablestore.__version__ == "6.4.8", tablestore.__version__
