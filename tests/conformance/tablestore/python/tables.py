"""Tables and indexes: CreateTable, DescribeTable, ListTable, UpdateTable, DeleteTable, CreateIndex, DropIndex."""

from tablestore import (
    INF_MAX,
    INF_MIN,
    CapacityUnit,
    Condition,
    ReservedThroughput,
    Row,
    SecondaryIndexMeta,
    SecondaryIndexType,
    TableOptions,
)

from harness import control, equal
from client import IGNORE, client, create, get, key, knobs, put, refused
from suite import suite

INVALID = "OTSParameterInvalid"
NO_TABLE = (404, "OTSObjectNotExist", "Requested table does not exist.")
DEFINED = [("kind", "STRING"), ("at", "INTEGER"), ("score", "DOUBLE"), ("done", "BOOLEAN"), ("raw", "BINARY")]


def entries(index, *columns):
    """The entries of an index, by the key columns that are asked for."""
    start, end = [(c, INF_MIN) for c in columns], [(c, INF_MAX) for c in columns]
    _, _, rows, _ = client.get_range(index, "FORWARD", start, end, max_version=1)
    return [tuple(value for _, value in row.primary_key) for row in rows]


@suite.case
def a_created_table_is_described_as_it_was_asked_for():
    create("described", [("a", "STRING"), ("b", "INTEGER"), ("c", "BINARY")], DEFINED)
    found = client.describe_table("described")
    equal(found.table_meta.schema_of_primary_key, [("a", "STRING"), ("b", "INTEGER"), ("c", "BINARY")])
    equal(found.table_meta.defined_columns, DEFINED)
    options = found.table_options
    equal((options.time_to_live, options.max_version, options.max_time_deviation), (-1, 1, 86400))
    unit = found.reserved_throughput_details.capacity_unit
    equal((unit.read, unit.write), (0, 0))
    assert "described" in client.list_table()


@suite.case
def an_updated_table_keeps_what_was_not_named():
    create("updated")
    options = TableOptions(-1, 1, 172800)
    client.update_table("updated", options, ReservedThroughput(CapacityUnit(1, 2)))
    found = client.describe_table("updated")
    equal(found.table_options.max_time_deviation, 172800)
    unit = found.reserved_throughput_details.capacity_unit
    equal((unit.read, unit.write), (1, 2))


@suite.case
def a_deleted_table_is_gone_with_its_rows():
    create("deleted")
    put("deleted", "a", 1, v=1)
    client.delete_table("deleted")
    assert "deleted" not in client.list_table()
    refused(*NO_TABLE, client.describe_table, "deleted")
    refused(*NO_TABLE, client.delete_table, "deleted")
    refused(*NO_TABLE, client.update_table, "deleted", TableOptions())
    refused(*NO_TABLE, get, "deleted", "a", 1)
    refused(*NO_TABLE, put, "deleted", "a", 1, v=1)
    create("deleted")
    equal(get("deleted", "a", 1), None)


@suite.case
def a_name_is_taken_once():
    create("taken")
    refused(409, "OTSObjectAlreadyExist", "Requested table already exists.", create, "taken", [("x", "STRING")])


@suite.case
def tables_that_cannot_be():
    def wrong(message, *arguments, **named):
        refused(400, INVALID, message, create, *arguments, **named)

    wrong("Duplicated primary key name: 'a'.", "wrong", [("a", "STRING"), ("a", "INTEGER")])
    wrong("The number of primary key columns must be in range: [1, 4].", "wrong", [])
    wrong("The number of primary key columns must be in range: [1, 4].", "wrong", [(c, "STRING") for c in "abcde"])
    wrong("Invalid table name: '9'.", "9")
    wrong("Invalid table name: 'a-b'.", "a-b")
    wrong(f"Invalid table name: '{'x' * 256}'.", "x" * 256)
    wrong("Invalid column name: 'a b'.", "wrong", [("a b", "STRING")])
    wrong("Invalid column type, only STRING,INTEGER,BINARY is allowed.", "wrong", [("a", "BOOLEAN")])
    many = [(f"c{number}", "STRING") for number in range(33)]
    wrong("The number of defined columns must be in range: [0, 32].", "wrong", defined=many)
    wrong("TimeToLive cannot be 0 or less than -1.", "wrong", options=TableOptions(0))
    wrong("The maximum versions cannot be less than or equal to 0.", "wrong", options=TableOptions(-1, 0))
    wrong("Only one version is emulated.", "wrong", options=TableOptions(-1, 2))
    assert "wrong" not in client.list_table()


@suite.case
def an_instance_has_64_tables_with_indexes_counted():
    room = 64 - len(client.list_table())
    index = SecondaryIndexMeta("many_index", ["kind"], [])
    create("many_0", defined=DEFINED, indexes=[index])
    room -= 2
    for number in range(room):
        create(f"many_{number + 1}")
    refused(403, "OTSQuotaExhausted", "Number of tables exceeded the quota.", create, "many_too")
    for number in range(room):
        client.delete_table(f"many_{number + 1}")
    client.delete_secondary_index("many_0", "many_index")
    client.delete_table("many_0")


@suite.case
def more_than_ten_table_operations_a_second_are_too_frequent():
    control("POST", "/clock", {"advance_seconds": 2})
    knobs(table_operations_per_second=10)
    name = "frequent"
    try:
        for _ in range(5):
            create(name)
            client.delete_table(name)
        refused(403, "OTSQuotaExhausted", "Too frequent table operations.", create, name)
        control("POST", "/clock", {"advance_seconds": 1})
        create(name)
    finally:
        knobs()


@suite.case
def a_new_table_is_not_ready_for_a_while():
    knobs(not_ready_calls=2)
    create("slow")
    knobs()
    not_ready = (404, "OTSTableNotReady", "The table is not ready.")
    refused(*not_ready, get, "slow", "a", 1)
    refused(*not_ready, put, "slow", "a", 1, v=1)
    equal(get("slow", "a", 1), None)


@suite.case
def an_index_has_an_entry_for_every_row_that_has_its_columns():
    index = SecondaryIndexMeta("by_kind", ["kind", "at"], ["done", "score"])
    create("indexed", defined=DEFINED, indexes=[index])
    found = client.describe_table("indexed").secondary_indexes
    equal([(i.index_name, i.primary_key_names, i.defined_column_names) for i in found],
          [("by_kind", ["kind", "at"], ["done", "score"])])
    put("indexed", "a", 1, kind="x", at=5, done=True, score=1.5, other="not covered")
    put("indexed", "a", 2, kind="x")
    put("indexed", "b", 1, kind="w", at=9)
    columns = ("kind", "at", "pk", "seq")
    equal(entries("by_kind", *columns), [("w", 9, "b", 1), ("x", 5, "a", 1)])
    whole = [("kind", "x"), ("at", 5), ("pk", "a"), ("seq", 1)]
    _, row, _ = client.get_row("by_kind", whole, max_version=1)
    equal({c[0]: c[1] for c in row.attribute_columns}, {"done": True, "score": 1.5})
    put("indexed", "a", 1, kind="z", at=5)
    client.delete_row("indexed", Row(key("b", 1)), IGNORE)
    equal(entries("by_kind", *columns), [("z", 5, "a", 1)])
    meta = client.describe_table("by_kind").table_meta
    equal([column[0] for column in meta.schema_of_primary_key], list(columns))


@suite.case
def an_index_follows_its_table_with_a_lag():
    create("lagging", defined=DEFINED, indexes=[SecondaryIndexMeta("lag_index", ["at"], [])])
    columns = ("at", "pk", "seq")
    knobs(index_lag_ms=30_000)
    put("lagging", "a", 1, at=1)
    equal(get("lagging", "a", 1), {"at": 1})
    equal(entries("lag_index", *columns), [])
    control("POST", "/clock", {"advance_seconds": 31})
    equal(entries("lag_index", *columns), [(1, "a", 1)])
    knobs(indexes_held=True)
    put("lagging", "a", 2, at=2)
    put("lagging", "a", 3, at=3)
    equal(entries("lag_index", *columns), [(1, "a", 1)])
    equal(control("POST", "/tablestore/indexes/release", {"count": 1}), {"released": 1, "waiting": 1})
    equal(entries("lag_index", *columns), [(1, "a", 1), (2, "a", 2)])
    knobs()
    equal(len(entries("lag_index", *columns)), 3)


@suite.case
def an_index_is_added_with_or_without_the_rows_that_are_there():
    create("grown", defined=DEFINED)
    put("grown", "a", 1, at=1)
    client.create_secondary_index("grown", SecondaryIndexMeta("without", ["at"], []), False)
    knobs(indexes_held=True)
    client.create_secondary_index("grown", SecondaryIndexMeta("with_base", ["at"], ["kind"]), True)
    columns = ("at", "pk", "seq")
    building = "Disallow read index table in building base state"
    refused(400, INVALID, building, entries, "with_base", *columns)
    knobs()
    put("grown", "a", 2, at=2)
    equal(entries("without", *columns), [(2, "a", 2)])
    equal(entries("with_base", *columns), [(1, "a", 1), (2, "a", 2)])
    taken = SecondaryIndexMeta("without", ["at"], [])
    exists = (409, "OTSObjectAlreadyExist", "Requested table already exists.")
    refused(*exists, client.create_secondary_index, "grown", taken, False)
    refused(*exists, create, "without")
    client.delete_secondary_index("grown", "without")
    refused(404, "OTSObjectNotExist", "Requested index does not exist.",
            client.delete_secondary_index, "grown", "without")
    refused(*NO_TABLE, entries, "without", *columns)
    refused(*NO_TABLE, client.create_secondary_index, "nowhere", taken, False)


@suite.case
def a_local_index_follows_at_once():
    knobs(indexes_held=True)
    index = SecondaryIndexMeta("local", ["pk", "at"], [], SecondaryIndexType.LOCAL_INDEX)
    create("with_local", defined=DEFINED, indexes=[index])
    put("with_local", "a", 2, at=1)
    put("with_local", "a", 1, at=2)
    equal(entries("local", "pk", "at", "seq"), [("a", 1, 2), ("a", 2, 1)])
    knobs()
    found = client.describe_table("with_local").secondary_indexes
    equal([i.index_type for i in found], [SecondaryIndexType.LOCAL_INDEX])
    wrong = SecondaryIndexMeta("other", ["at"], [], SecondaryIndexType.LOCAL_INDEX)
    refused(400, INVALID, "The first column of a local index…", client.create_secondary_index,
            "with_local", wrong, False)


@suite.case
def indexes_that_cannot_be():
    create("plain", defined=DEFINED)

    def wrong(message, keys, columns=()):
        index = SecondaryIndexMeta("nothing", keys, list(columns))
        refused(400, INVALID, message, client.create_secondary_index, "plain", index, False)

    wrong("Column does not exist:'unknown'.", ["unknown"])
    wrong("Column does not exist:'unknown'.", ["at"], ["unknown"])
    wrong("Invalid column type, only STRING,INTEGER,BINARY is allowed.", ["score"])
    wrong("Duplicated primary key name: 'at'.", ["at", "at"])
    wrong("The number of primary key columns must be in range: [1, 4].", [])
    wrong("Duplicated attribute column name with primary key column: 'at'.", ["at"], ["at"])
    create("mortal", defined=DEFINED, options=TableOptions(86400))
    index = SecondaryIndexMeta("nothing", ["at"], [])
    refused(400, INVALID, "An index needs TimeToLive -1…", client.create_secondary_index, "mortal", index, False)


@suite.case
def an_index_is_not_written_to_and_keeps_its_table():
    create("owner", defined=DEFINED, indexes=[SecondaryIndexMeta("owned", ["at"], [])])
    row = Row([("at", 1), ("pk", "a"), ("seq", 1)], [("kind", "x")])
    message = "Can't write index table directly."
    refused(400, INVALID, message, client.put_row, "owned", row, Condition("IGNORE"))
    refused(400, INVALID, "Table[owner] who has at least one index cannot be deleted.",
            client.delete_table, "owner")
    client.delete_secondary_index("owner", "owned")
    client.delete_table("owner")


@suite.case
def a_predefined_column_has_one_type():
    create("typed", defined=DEFINED)
    refused(400, INVALID, "Invalid column type: STRING. Predefined column 'at' is INTEGER.",
            put, "typed", "a", 1, at="text")

