"""Many rows: GetRange both ways, BatchGetRow, BatchWriteRow, local transactions."""

from tablestore import (
    INF_MAX,
    INF_MIN,
    BatchGetRowRequest,
    BatchWriteRowRequest,
    CapacityUnit,
    ComparatorType,
    Condition,
    DeleteRowItem,
    PutRowItem,
    Row,
    SingleColumnCondition,
    TableInBatchGetRowItem,
    TableInBatchWriteRowItem,
    UpdateRowItem,
)

from harness import control, equal
from client import ABSENT, IGNORE, PRESENT, client, create, get, key, knobs, put, refused
from suite import suite

INVALID = "OTSParameterInvalid"
RANGES, BATCHES = "ranges", "batches"

knobs()
create(RANGES)
create(BATCHES)


def page(start, end, direction="FORWARD", limit=None, **how):
    """The sequence numbers of one page, and where the next one starts."""
    _, after, rows, _ = client.get_range(RANGES, direction, start, end, limit=limit, max_version=1, **how)
    return [row.primary_key[1][1] for row in rows], after


def fill(pk, numbers):
    items = [PutRowItem(Row(key(pk, n), [("n", n), ("odd", n % 2 == 1)]), IGNORE) for n in numbers]
    for start in range(0, len(items), 200):
        written = write(RANGES, *items[start:start + 200])
        assert written.is_all_succeed()


def write(table, *items):
    request = BatchWriteRowRequest()
    request.add(TableInBatchWriteRowItem(table, list(items)))
    return client.batch_write_row(request)


@suite.case
def a_range_is_read_in_the_order_of_its_keys_and_against_it():
    fill("order", [3, 1, 2, -1])
    first, last = key("order", INF_MIN), key("order", INF_MAX)
    equal(page(first, last), ([-1, 1, 2, 3], None))
    equal(page(last, first, "BACKWARD"), ([3, 2, 1, -1], None))
    equal(page(key("order", 1), key("order", 3)), ([1, 2], None))
    equal(page(key("order", 3), key("order", 1), "BACKWARD"), ([3, 2], None))


@suite.case
def a_range_goes_over_partitions():
    fill("p1", [1, 2])
    fill("p2", [1])
    _, _, rows, _ = client.get_range(RANGES, "FORWARD", key("p1", 2), key("p2", INF_MAX), max_version=1)
    equal([[value for _, value in row.primary_key] for row in rows], [["p1", 2], ["p2", 1]])


@suite.case
def pages_follow_each_other_both_ways():
    fill("pages", range(10))
    for direction, start, end in (
        ("FORWARD", key("pages", INF_MIN), key("pages", INF_MAX)),
        ("BACKWARD", key("pages", INF_MAX), key("pages", INF_MIN)),
    ):
        found, sizes = [], []
        while start is not None:
            numbers, start = page(start, end, direction, limit=4)
            found += numbers
            sizes.append(len(numbers))
        equal(sizes, [4, 4, 2])
        equal(sorted(found, reverse=direction == "BACKWARD"), found)
        equal(sorted(found), list(range(10)))


@suite.case
def a_full_last_page_has_no_next_key():
    fill("exact", range(4))
    numbers, after = page(key("exact", INF_MIN), key("exact", INF_MAX), limit=4)
    equal((numbers, after), ([0, 1, 2, 3], None))


@suite.case
def a_filtered_page_can_be_empty_and_not_the_last():
    fill("sparse", range(30))
    last = SingleColumnCondition("n", 29, ComparatorType.EQUAL)
    knobs(scanned_rows=10)
    start, pages = key("sparse", INF_MIN), []
    while start is not None:
        numbers, start = page(start, key("sparse", INF_MAX), column_filter=last)
        pages.append(numbers)
    knobs()
    equal(pages, [[], [], [29]])


@suite.case
def one_call_looks_at_5000_rows():
    fill("much", range(5001))
    numbers, after = page(key("much", INF_MIN), key("much", INF_MAX))
    equal((len(numbers), after), (5000, key("much", 5000)))
    found = client.xget_range(
        RANGES, "BACKWARD", key("much", INF_MAX), key("much", INF_MIN), CapacityUnit(0, 0), max_version=1)
    equal([row.primary_key[1][1] for row in found], list(range(5000, -1, -1)))


@suite.case
def one_call_looks_at_4_megabytes():
    for number in range(5):
        put(RANGES, "wide", number, v="x" * 1_000_000)
    numbers, after = page(key("wide", INF_MIN), key("wide", INF_MAX), columns_to_get=["seq"])
    equal((numbers, after), ([0, 1, 2, 3], key("wide", 4)))


@suite.case
def ranges_that_cannot_be():
    small, large = key("wrong", 1), key("wrong", 2)
    refused(400, INVALID, "Begin key must less than end key in FORWARD", page, large, small)
    refused(400, INVALID, "Begin key must less than end key in FORWARD", page, small, small)
    refused(400, INVALID, "Begin key must more than end key in BACKWARD", page, small, large, "BACKWARD")
    refused(400, INVALID, "The limit must be greater than 0.", page, small, large, limit=-1)
    refused(400, "OTSInvalidPK", "Validate PK size fail. Input: 1, Meta: 2.",
            page, [("pk", "a")], [("pk", "b")])
    refused(404, "OTSObjectNotExist", "Requested table does not exist.",
            client.get_range, "nowhere", "FORWARD", small, large, max_version=1)


def read(*keys, table=BATCHES, **how):
    request = BatchGetRowRequest()
    request.add(TableInBatchGetRowItem(table, list(keys), max_version=1, **how))
    return client.batch_get_row(request).get_result_by_table(table)


@suite.case
def rows_are_read_together_each_with_its_result():
    put(BATCHES, "read", 1, a=1, b=2)
    put(BATCHES, "read", 2, a=3)
    found = read(key("read", 1), key("read", 9), key("read", 2), [("pk", "x")], columns_to_get=["a"])
    equal([item.is_ok for item in found], [True, True, True, False])
    rows = [item.row and [c[:2] for c in item.row.attribute_columns or []] for item in found[:3]]
    equal(rows[0], [("a", 1)])
    equal(rows[2], [("a", 3)])
    equal(found[1].row, None)
    equal((found[3].error_code, found[3].error_message),
          ("OTSInvalidPK", "Validate PK size fail. Input: 1, Meta: 2."))
    missing = read(key("read", 1), table="nowhere")
    equal([(item.is_ok, item.error_code) for item in missing], [(False, "OTSObjectNotExist")])


@suite.case
def rows_of_several_tables_are_read_together():
    create("batches_two")
    put(BATCHES, "two", 1, v=1)
    put("batches_two", "two", 1, v=2)
    request = BatchGetRowRequest()
    for table in (BATCHES, "batches_two"):
        request.add(TableInBatchGetRowItem(table, [key("two", 1)], max_version=1))
    response = client.batch_get_row(request)
    values = [response.get_result_by_table(t)[0].row.attribute_columns[0][1] for t in (BATCHES, "batches_two")]
    equal(values, [1, 2])


@suite.case
def a_batch_reads_at_most_100_rows():
    equal(len(read(*[key("read", n) for n in range(100)])), 100)
    refused(400, INVALID, "Rows count exceeds the upper limit: 100.", read, *[key("read", n) for n in range(101)])
    refused(400, INVALID, "No row specified in the request of BatchGetRow.",
            client.batch_get_row, BatchGetRowRequest())


@suite.case
def some_rows_of_a_batch_fail_and_the_others_are_written():
    put(BATCHES, "partial", 1, v="there")
    written = write(
        BATCHES,
        PutRowItem(Row(key("partial", 1), [("v", "new")]), ABSENT),
        PutRowItem(Row(key("partial", 2), [("v", "new")]), ABSENT),
        UpdateRowItem(Row(key("partial", 3), {"put": [("v", 1)]}), PRESENT),
        DeleteRowItem(Row(key("partial", 9)), PRESENT),
        PutRowItem(Row([("pk", "x")], [("v", 1)]), IGNORE),
    )
    assert not written.is_all_succeed()
    done, failed = written.get_put()
    equal([item.is_ok for item in done], [True])
    equal([(item.error_code, item.error_message) for item in failed], [
        ("OTSConditionCheckFail", "Condition check failed."),
        ("OTSInvalidPK", "Validate PK size fail. Input: 1, Meta: 2."),
    ])
    equal([item.error_code for item in written.get_update()[1]], ["OTSConditionCheckFail"])
    equal([item.error_code for item in written.get_delete()[1]], ["OTSConditionCheckFail"])
    equal([get(BATCHES, "partial", n) for n in (1, 2, 3)], [{"v": "there"}, {"v": "new"}, None])
    missing = write("nowhere", PutRowItem(Row(key("a", 1), [("v", 1)]), IGNORE))
    equal([item.error_code for item in missing.get_put()[1]], ["OTSObjectNotExist"])


@suite.case
def the_same_row_twice_is_written_in_order_if_nothing_is_expected():
    row = key("twice", 1)
    written = write(BATCHES, PutRowItem(Row(row, [("v", 1)]), IGNORE),
                    UpdateRowItem(Row(row, {"put": [("w", 2)]}), IGNORE))
    assert written.is_all_succeed()
    equal(get(BATCHES, "twice", 1), {"v": 1, "w": 2})
    refused(400, INVALID, "Repeated rows do not support row exist expectation check in BatchModify.", write, BATCHES,
            PutRowItem(Row(row, [("v", 1)]), PRESENT), DeleteRowItem(Row(row), IGNORE))
    condition = Condition("IGNORE", SingleColumnCondition("v", 1, ComparatorType.EQUAL))
    refused(400, INVALID, "Repeated rows do not support row condition check in BatchModify.", write, BATCHES,
            PutRowItem(Row(row, [("v", 1)]), condition), DeleteRowItem(Row(row), IGNORE))


@suite.case
def a_batch_writes_at_most_200_rows_and_4_megabytes():
    item = lambda n, size=1: PutRowItem(Row(key("limit", n), [("v", "x" * size)]), IGNORE)
    assert write(BATCHES, *[item(n) for n in range(200)]).is_all_succeed()
    refused(400, INVALID, "Rows count exceeds the upper limit: 200.", write, BATCHES, *[item(n) for n in range(201)])
    refused(400, INVALID, "The total data size of BatchWriteRow request exceeds the limit, limit size: 4194304…",
            write, BATCHES, *[item(n, 1_100_000) for n in range(4)])
    refused(400, INVALID, "No row is specified in BatchWriteRow.", client.batch_write_row, BatchWriteRowRequest())
    refused(400, INVALID, "No operation is specified for table: 'batches'.", write, BATCHES)
    refused(400, INVALID, "Invalid column name: '1'.", write, BATCHES, item(1),
            PutRowItem(Row(key("limit", 1), [("1", 1)]), IGNORE))


def start(pk):
    return client.start_local_transaction(BATCHES, [("pk", pk)])


@suite.case
def a_transaction_needs_a_table_made_for_it():
    message = "Try to call method using explicit transaction on explicit-transaction-disabled table."
    refused(400, INVALID, message, start, "local")


@suite.case
def a_transaction_is_seen_by_others_when_it_is_committed():
    knobs(transactions_everywhere=True)
    put(BATCHES, "local", 1, v="old")
    conflict = (409, "OTSRowOperationConflict", "Data is being modified by the other request.")
    for end, expected in ((client.abort_transaction, "old"), (client.commit_transaction, "new")):
        transaction = start("local")
        client.put_row(BATCHES, Row(key("local", 1), [("v", "new")]), IGNORE, None, transaction)
        own, other = get(BATCHES, "local", 1, transaction_id=transaction), get(BATCHES, "local", 1)
        equal((own, other), ({"v": "new"}, {"v": "old"}))
        refused(*conflict, put, BATCHES, "local", 2, v=1)
        refused(*conflict, start, "local")
        put(BATCHES, "elsewhere", 1, v=1)
        end(transaction)
        equal(get(BATCHES, "local", 1), {"v": expected})
        refused(400, INVALID, "TransactionID is invalid.", end, transaction)
    knobs()


@suite.case
def a_transaction_has_batches_ranges_and_deletes():
    knobs(transactions_everywhere=True)
    put(BATCHES, "whole", 1, v=1)
    transaction = start("whole")
    client.delete_row(BATCHES, Row(key("whole", 1)), IGNORE, transaction_id=transaction)
    request = BatchWriteRowRequest()
    items = [PutRowItem(Row(key("whole", n), [("v", n)]), ABSENT) for n in (2, 3)]
    elsewhere = PutRowItem(Row(key("else", 1), [("v", 1)]), IGNORE)
    request.add(TableInBatchWriteRowItem(BATCHES, items + [elsewhere]))
    request.set_transaction_id(transaction)
    done, failed = client.batch_write_row(request).get_put()
    equal((len(done), [item.error_code for item in failed]), (2, [INVALID]))

    def numbers(**how):
        _, _, rows, _ = client.get_range(
            BATCHES, "FORWARD", key("whole", INF_MIN), key("whole", INF_MAX), max_version=1, **how)
        return [row.primary_key[1][1] for row in rows]

    equal((numbers(transaction_id=transaction), numbers()), ([2, 3], [1]))
    client.commit_transaction(transaction)
    equal(numbers(), [2, 3])
    knobs()


@suite.case
def a_transaction_ends_after_a_minute():
    knobs(transactions_everywhere=True)
    transaction = start("minute")
    control("POST", "/clock", {"advance_seconds": 61})
    put(BATCHES, "minute", 1, v=1)
    refused(400, INVALID, "TransactionID is invalid.", client.commit_transaction, transaction)
    refused(400, INVALID, "TransactionID is invalid.", get, BATCHES, "minute", 1, transaction_id="nonsense")
    knobs()
