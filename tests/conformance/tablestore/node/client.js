'use strict';
// Clients of package tablestore (npm) against the emulator, and shorthands for what the cases write often.

const TableStore = require('tablestore');
const { EMULATOR, assert, control, keyOf } = require('../../harness');

const { Long } = TableStore;
const long = (number) => Long.fromNumber(number);

/** A client with the key of an identity. */
function clientAs(owner, changed = {}) {
  const key = keyOf(owner);
  return new TableStore.Client({
    accessKeyId: key.access_key_id,
    secretAccessKey: key.access_key_secret,
    stsToken: key.security_token,
    endpoint: EMULATOR.endpoints.tablestore,
    instancename: EMULATOR.tablestore_instance,
    ...changed,
  });
}

const client = clientAs('root');

// Errors that may be repeated are, by the package itself: cases that look at them once turn that off.
TableStore.DefaultRetryPolicy.maxRetryTimes = 0;

/** Turns knobs of Tablestore; the others are as they start, but for the number of table operations. */
const knobs = (turned = {}) =>
  control('POST', '/knobs', { tablestore: { table_operations_per_second: 0, ...turned } });

const KEY = [{ name: 'pk', type: 'STRING' }, { name: 'seq', type: 'INTEGER' }];
const UNITS = { capacityUnit: { read: 0, write: 0 } };
const OPTIONS = { timeToLive: -1, maxVersions: 1 };

const create = (tableName, { primaryKey = KEY, definedColumn = [], indexMetas = [], tableOptions = OPTIONS } = {}) =>
  client.createTable({ tableMeta: { tableName, primaryKey, definedColumn }, reservedThroughput: UNITS, tableOptions, indexMetas });

const key = (pk, seq) => [{ pk }, { seq: typeof seq === 'number' ? long(seq) : seq }];

const expect = (what, condition = null) => new TableStore.Condition(TableStore.RowExistenceExpectation[what], condition);

const columns = (row) => Object.entries(row).map(([name, value]) => ({ [name]: value }));

const put = (tableName, pk, seq, row, condition = expect('IGNORE'), more = {}) =>
  client.putRow({ tableName, primaryKey: key(pk, seq), attributeColumns: columns(row), condition, ...more });

const update = (tableName, pk, seq, edits, condition = expect('IGNORE'), more = {}) =>
  client.updateRow({ tableName, primaryKey: key(pk, seq), updateOfAttributeColumns: edits, condition, ...more });

const remove = (tableName, pk, seq, condition = expect('IGNORE'), more = {}) =>
  client.deleteRow({ tableName, primaryKey: key(pk, seq), condition, ...more });

/** Numbers as numbers, bytes as they are. */
const plain = (value) => (value && typeof value.toNumber === 'function' ? value.toNumber() : value);

const shown = (attributes) => Object.fromEntries(attributes.map((c) => [c.columnName, plain(c.columnValue)]));

/** The columns of a row, or nothing. */
async function get(tableName, pk, seq, how = {}) {
  const { row } = await client.getRow({ tableName, primaryKey: key(pk, seq), maxVersions: 1, ...how });
  return row.primaryKey ? shown(row.attributes) : null;
}

/** The package gives the status as the code, and the whole protobuf as the message. */
async function refused(status, code, message, call) {
  let found;
  try {
    found = await call();
  } catch (error) {
    assert.equal(error.code, status, String(error));
    assert.ok(error.message.includes(code), `${error.message} is not ${code}`);
    assert.ok(error.message.includes(message), `${error.message} is not ${message}`);
    assert.match(error.message, /requestId:\S+/);
    return;
  }
  assert.fail(`not refused: ${JSON.stringify(found)}`);
}

module.exports = { TableStore, client, clientAs, columns, create, expect, get, key, knobs, long, plain, put, refused, remove, shown, update };
