"""Single rows: GetRow, PutRow, UpdateRow, DeleteRow, their conditions, filters and limits."""

import time

from tablestore import (
    INF_MAX,
    PK_AUTO_INCR,
    ComparatorType,
    CompositeColumnCondition,
    Condition,
    LogicalOperator,
    ReturnType,
    Row,
    SingleColumnCondition,
    TableOptions,
)

from harness import calls, control, equal
from client import ABSENT, IGNORE, PRESENT, client, create, get, key, knobs, put, refused
from suite import suite

INVALID = "OTSParameterInvalid"
CONDITION = (403, "OTSConditionCheckFail", "Condition check failed.")
ROWS = "rows"

knobs()
create(ROWS)


def update(pk, seq, condition=IGNORE, return_type=None, **edits):
    return client.update_row(ROWS, Row(key(pk, seq), edits), condition, return_type)


def delete(pk, seq, condition=IGNORE):
    return client.delete_row(ROWS, Row(key(pk, seq)), condition)


@suite.case
def a_row_comes_back_with_every_type():
    columns = {
        "text": "x", "empty": "", "chinese": "事件", "number": -(1 << 63), "most": (1 << 63) - 1,
        "double": 3.25, "yes": True, "no": False, "raw": bytearray(b"\x00\xff"),
    }
    put(ROWS, "types", 1, **columns)
    equal(get(ROWS, "types", 1), columns)


@suite.case
def every_type_of_key_comes_back():
    create("keys", [("s", "STRING"), ("i", "INTEGER"), ("b", "BINARY")])
    whole = [("s", "事"), ("i", -5), ("b", bytearray(b"\x00\x01"))]
    client.put_row("keys", Row(whole, [("v", 1)]), IGNORE)
    _, row, _ = client.get_row("keys", whole, max_version=1)
    equal(row.primary_key, whole)


@suite.case
def a_row_that_is_not_there_is_nothing():
    consumed, row, _ = client.get_row(ROWS, key("nobody", 1), max_version=1)
    equal((row, consumed.read, consumed.write), (None, 1, 0))


@suite.case
def a_put_replaces_the_whole_row():
    put(ROWS, "replaced", 1, a=1, b=2)
    put(ROWS, "replaced", 1, b=3)
    equal(get(ROWS, "replaced", 1), {"b": 3})


@suite.case
def the_first_of_two_appends_wins():
    control("DELETE", "/calls")
    put(ROWS, "stream", 1, ABSENT, event="first")
    refused(*CONDITION, put, ROWS, "stream", 1, ABSENT, event="second")
    equal(get(ROWS, "stream", 1), {"event": "first"})
    equal([call["status"] for call in calls("PutRow")], [200, 403])
    equal([call["action"] for call in calls("PutRow")], ["ots:PutRow"] * 2)


@suite.case
def existence_is_checked_for_every_kind_of_write():
    refused(*CONDITION, put, ROWS, "exist", 1, PRESENT, v=1)
    refused(*CONDITION, update, "exist", 1, PRESENT, put=[("v", 1)])
    refused(*CONDITION, delete, "exist", 1, PRESENT)
    put(ROWS, "exist", 1, v=1)
    put(ROWS, "exist", 1, PRESENT, v=2)
    update("exist", 1, PRESENT, put=[("v", 3)])
    delete("exist", 1, PRESENT)
    equal(get(ROWS, "exist", 1), None)
    delete("exist", 1)


@suite.case
def a_column_condition_is_checked_with_the_write():
    put(ROWS, "version", 1, ver=3, v="old")
    is_version = lambda number: Condition(
        "EXPECT_EXIST", SingleColumnCondition("ver", number, ComparatorType.EQUAL, pass_if_missing=False))
    refused(*CONDITION, put, ROWS, "version", 1, is_version(2), ver=4)
    put(ROWS, "version", 1, is_version(3), ver=4)
    equal(get(ROWS, "version", 1), {"ver": 4})
    missing = lambda passes: Condition(
        "EXPECT_EXIST", SingleColumnCondition("absent", 1, ComparatorType.EQUAL, pass_if_missing=passes))
    refused(*CONDITION, put, ROWS, "version", 1, missing(False), ver=5)
    put(ROWS, "version", 1, missing(True), ver=5)


@suite.case
def every_comparison():
    put(ROWS, "compare", 1, n=5)
    true = {
        ComparatorType.EQUAL: [5], ComparatorType.NOT_EQUAL: [4, 6], ComparatorType.GREATER_THAN: [4],
        ComparatorType.GREATER_EQUAL: [4, 5], ComparatorType.LESS_THAN: [6], ComparatorType.LESS_EQUAL: [5, 6],
    }
    for comparator, numbers in true.items():
        for number in (4, 5, 6):
            found = get(ROWS, "compare", 1, column_filter=SingleColumnCondition("n", number, comparator))
            equal(found is not None, number in numbers)
    other_type = SingleColumnCondition("n", "5", ComparatorType.EQUAL)
    equal(get(ROWS, "compare", 1, column_filter=other_type), None)


@suite.case
def filters_are_composed():
    put(ROWS, "compose", 1, a=1, b=2)
    is_a = SingleColumnCondition("a", 1, ComparatorType.EQUAL)
    is_b = SingleColumnCondition("b", 9, ComparatorType.EQUAL)

    def composed(operator, *parts):
        whole = CompositeColumnCondition(operator)
        for part in parts:
            whole.add_sub_condition(part)
        return whole

    both = composed(LogicalOperator.AND, is_a, is_b)
    either = composed(LogicalOperator.OR, is_a, is_b)
    neither = composed(LogicalOperator.NOT, both)
    found = [get(ROWS, "compose", 1, column_filter=f) is not None for f in (both, either, neither)]
    equal(found, [False, True, True])
    deep = composed(LogicalOperator.NOT, composed(LogicalOperator.NOT, either))
    assert get(ROWS, "compose", 1, column_filter=deep)
    two = composed(LogicalOperator.NOT, is_a, is_b)
    refused(400, INVALID, "Invalid NOT operator: the number of sub-filters must be 1.",
            get, ROWS, "compose", 1, column_filter=two)
    one = composed(LogicalOperator.AND, is_a)
    refused(400, INVALID, "Invalid AND/OR operator: the number of sub-filters must be 2.",
            get, ROWS, "compose", 1, column_filter=one)
    ten = composed(LogicalOperator.AND, *[is_a] * 10)
    equal(get(ROWS, "compose", 1, column_filter=ten), {"a": 1, "b": 2})
    eleven = composed(LogicalOperator.AND, *[is_a] * 11)
    refused(400, INVALID, "The count of filter exceeds the max:10.", get, ROWS, "compose", 1, column_filter=eleven)
    much = is_a
    for _ in range(25):
        much = composed(LogicalOperator.NOT, much)
    refused(400, INVALID, "The count of filter exceeds the max:10.", get, ROWS, "compose", 1, column_filter=much)


@suite.case
def some_columns_of_a_row():
    put(ROWS, "some", 1, a=1, b=2, c=3, d=4)
    equal(get(ROWS, "some", 1, columns_to_get=["a", "c", "z"]), {"a": 1, "c": 3})
    equal(get(ROWS, "some", 1, columns_to_get=["z"]), None)
    equal(get(ROWS, "some", 1, start_column="b", end_column="d"), {"b": 2, "c": 3})
    hidden = SingleColumnCondition("a", 1, ComparatorType.EQUAL, pass_if_missing=False)
    equal(get(ROWS, "some", 1, columns_to_get=["b"], column_filter=hidden), None)
    many = [f"c{number}" for number in range(129)]
    refused(400, INVALID, "The number of columns from the request exceeds the limit, limit count: 128…",
            get, ROWS, "some", 1, columns_to_get=many)


@suite.case
def versions_are_chosen_by_their_time():
    now = int(time.time() * 1000)
    client.put_row(ROWS, Row(key("times", 1), [("v", 1, now), ("w", 2, now - 5)]), IGNORE)

    def at(time_range):
        _, row, _ = client.get_row(ROWS, key("times", 1), time_range=time_range, max_version=None)
        return row and [column[:2] for column in row.attribute_columns]

    equal(at((now, now + 1)), [("v", 1)])
    equal(at((now - 5, now + 1)), [("v", 1), ("w", 2)])
    equal(at(now - 5), [("w", 2)])
    equal(at((0, 1)), None)
    _, row, _ = client.get_row(ROWS, key("times", 1), max_version=1)
    equal([column[2] for column in row.attribute_columns], [now, now - 5])


@suite.case
def a_version_is_near_the_present():
    long_ago = Row(key("old", 1), [("v", 1, 1_000_000)])
    refused(400, INVALID, "Invalid timestamp. Cell:'v'.", client.put_row, ROWS, long_ago, IGNORE)


@suite.case
def an_update_changes_what_it_names():
    update("update", 1, put=[("a", 1), ("b", 2)])
    update("update", 1, put=[("c", 3)], delete_all=["a"])
    equal(get(ROWS, "update", 1), {"b": 2, "c": 3})
    update("update", 1, delete_all=["b", "c"])
    equal(get(ROWS, "update", 1), {})
    update("update", 2, delete_all=["a"])
    equal(get(ROWS, "update", 2), None)


@suite.case
def one_version_is_deleted_by_its_time():
    now = int(time.time() * 1000)
    client.put_row(ROWS, Row(key("versions", 1), [("v", 1, now)]), IGNORE)
    update("versions", 1, delete=[("v", None, now - 1)])
    equal(get(ROWS, "versions", 1), {"v": 1})
    update("versions", 1, delete=[("v", None, now)])
    equal(get(ROWS, "versions", 1), {})


@suite.case
def a_counter_is_incremented():
    update("counter", 1, increment=[("n", 5)])
    update("counter", 1, increment=[("n", -2)])
    equal(get(ROWS, "counter", 1), {"n": 3})
    put(ROWS, "counter", 2, n="text")
    refused(400, INVALID, "Column 'n' is STRING, not INTEGER.", update, "counter", 2, increment=[("n", 1)])


@suite.case
def a_write_shows_the_key_if_it_is_asked_to():
    _, row = client.put_row(ROWS, Row(key("shown", 1), [("v", 1)]), IGNORE, ReturnType.RT_PK)
    equal((row.primary_key, row.attribute_columns), (key("shown", 1), []))
    _, row = update("shown", 1, return_type=ReturnType.RT_PK, put=[("v", 2)])
    equal(row.primary_key, key("shown", 1))
    _, row = put(ROWS, "shown", 1, v=3)
    equal(row, None)


@suite.case
def a_key_column_is_filled_in():
    create("numbered", [("pk", "STRING"), ("seq", "INTEGER", PK_AUTO_INCR)])
    given = []
    for _ in range(3):
        row = Row([("pk", "a"), ("seq", PK_AUTO_INCR)], [("v", 1)])
        _, row = client.put_row("numbered", row, IGNORE, ReturnType.RT_PK)
        given.append(row.primary_key[1][1])
    assert given == sorted(set(given)), given
    row = Row([("pk", "a"), ("seq", PK_AUTO_INCR)], [("v", 1)])
    refused(400, INVALID, "Invalid expect:EXPECT_NOT_EXIST when modify row with pk auto increment.",
            client.put_row, "numbered", row, ABSENT)
    refused(400, INVALID, "Invalid row to delete which with pk auto increment.",
            client.delete_row, "numbered", Row(row.primary_key), IGNORE)
    refused(400, INVALID, "PKAutoIncr can't be used for read operations.",
            client.get_row, "numbered", row.primary_key, max_version=1)
    refused(400, INVALID, "First primary key can't be auto increment, table: first.",
            create, "first", [("pk", "INTEGER", PK_AUTO_INCR)])
    refused(400, INVALID, "AUTO_INCREMENT primary key must be integer.",
            create, "first", [("pk", "STRING"), ("x", "STRING", PK_AUTO_INCR)])


@suite.case
def keys_that_do_not_fit_the_table():
    def wrong(message, *columns, code="OTSInvalidPK"):
        refused(400, code, message, client.get_row, ROWS, list(columns), max_version=1)
        row = Row(list(columns), [("v", 1)])
        refused(400, code, message, client.put_row, ROWS, row, IGNORE)

    wrong("Validate PK size fail. Input: 1, Meta: 2.", ("pk", "a"))
    wrong("Validate PK size fail. Input: 3, Meta: 2.", ("pk", "a"), ("seq", 1), ("x", 1))
    wrong("Validate PK name fail. Input: seq, Meta: pk.", ("seq", 1), ("pk", "a"))
    wrong("Validate PK type fail. Input: INTEGER, Meta: STRING.", ("pk", 1), ("seq", 1))
    refused(400, "OTSInvalidPK", "INF_MIN and INF_MAX are for ranges only.",
            client.get_row, ROWS, [("pk", "a"), ("seq", INF_MAX)], max_version=1)


@suite.case
def values_that_are_too_large():
    put(ROWS, "k" * 1024, 1, v=1)
    refused(400, INVALID, "The length of primary key column: 'pk' exceeds the MaxLength: 1024 with CurrentLength: 1025.",
            put, ROWS, "k" * 1025, 1, v=1)
    most = 2 * 1024 * 1024
    put(ROWS, "large", 1, v="x" * most)
    refused(400, INVALID, f"The length of attribute column: 'v' exceeded the MaxLength:{most} with Current Length:{most + 1}.",
            put, ROWS, "large", 2, v="x" * (most + 1))
    refused(400, INVALID, "The total data size of PutRow request exceeds the limit, limit size: 4194304…",
            put, ROWS, "large", 3, v="x" * most, w="x" * most)
    refused(413, "OTSRequestBodyTooLarge", "The size of POST data is too large.",
            put, ROWS, "large", 4, a="x" * most, b="x" * most, c="x" * most)


@suite.case
def names_and_numbers_of_columns():
    columns = {f"c{number}": 1 for number in range(1024)}
    put(ROWS, "many", 1, **columns)
    equal(get(ROWS, "many", 1), columns)
    refused(400, INVALID, "The number of attribute columns exceeds the limit, limit count: 1024, column count: 1025.",
            put, ROWS, "many", 1, **columns, more=1)
    refused(400, INVALID, "Invalid column name: 'a-b'.", put, ROWS, "many", 1, **{"a-b": 1})
    refused(400, INVALID, "Duplicated attribute column name with primary key column: 'seq'.",
            client.put_row, ROWS, Row(key("many", 1), [("seq", 1)]), IGNORE)
    put(ROWS, "many", 2)
    equal(get(ROWS, "many", 2), {})


@suite.case
def capacity_units_are_counted_by_4_kilobytes():
    unit = lambda consumed: (consumed.read, consumed.write)
    consumed, _ = put(ROWS, "units", 1, v="x" * 7600)
    equal(unit(consumed), (0, 2))
    consumed, _ = put(ROWS, "units", 2, ABSENT, v="x")
    equal(unit(consumed), (1, 1))
    consumed, _, _ = client.get_row(ROWS, key("units", 1), max_version=1)
    equal(unit(consumed), (2, 0))
    consumed, _ = delete("units", 1)
    equal(unit(consumed), (0, 1))


@suite.case
def a_table_can_forbid_updates():
    create("fixed", options=TableOptions(-1, 1, 86400, False))
    put("fixed", "a", 1, v=1)
    refused(400, INVALID, "Updates are not allowed on this table.",
            client.update_row, "fixed", Row(key("a", 1), {"put": [("v", 2)]}), IGNORE)
