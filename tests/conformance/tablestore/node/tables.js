'use strict';
// Tables and indexes.

const { assert, control } = require('../../harness');
const { TableStore, client, create, expect, get, key, knobs, plain, put, refused, remove } = require('./client');

const { INF_MIN, INF_MAX } = TableStore;
const INVALID = 'OTSParameterInvalid';
const DEFINED = [
  { name: 'kind', type: TableStore.DefinedColumnType.DCT_STRING },
  { name: 'at', type: TableStore.DefinedColumnType.DCT_INTEGER },
  { name: 'done', type: TableStore.DefinedColumnType.DCT_BOOLEAN },
];

const entries = async (tableName, ...names) => {
  const bound = (value) => names.map((name) => ({ [name]: value }));
  const { rows } = await client.getRange({
    tableName, direction: 'FORWARD', inclusiveStartPrimaryKey: bound(INF_MIN), exclusiveEndPrimaryKey: bound(INF_MAX),
  });
  return rows.map((row) => row.primaryKey.map((column) => plain(column.value)));
};

module.exports = (suite) => {
  suite.case('a created table is described as it was asked for', async () => {
    await knobs();
    const primaryKey = [{ name: 'a', type: 'STRING' }, { name: 'b', type: 'INTEGER' }, { name: 'c', type: 'BINARY' }];
    await create('described', { primaryKey, definedColumn: DEFINED });
    const found = await client.describeTable({ tableName: 'described' });
    assert.deepEqual(found.tableMeta.primaryKey.map((c) => [c.name, c.type]), [['a', 2], ['b', 1], ['c', 3]]);
    assert.deepEqual(found.tableMeta.definedColumn.map((c) => c.name), ['kind', 'at', 'done']);
    assert.equal(found.tableOptions.timeToLive, -1);
    assert.equal(found.tableStatus, 1);
    assert.ok((await client.listTable({})).tableNames.includes('described'));
  });

  suite.case('an updated table shows its new options', async () => {
    await create('updated');
    await client.updateTable({ tableName: 'updated', tableOptions: { maxTimeDeviation: 172800 } });
    const { tableOptions } = await client.describeTable({ tableName: 'updated' });
    assert.equal(Number(tableOptions.deviationCellVersionInSec), 172800);
    assert.equal(tableOptions.maxVersions, 1);
  });

  suite.case('a deleted table is gone, and a name is taken once', async () => {
    await create('deleted');
    await refused(409, 'OTSObjectAlreadyExist', 'Requested table already exists.', () => create('deleted'));
    await client.deleteTable({ tableName: 'deleted' });
    const missing = [404, 'OTSObjectNotExist', 'Requested table does not exist.'];
    await refused(...missing, () => client.describeTable({ tableName: 'deleted' }));
    await refused(...missing, () => client.deleteTable({ tableName: 'deleted' }));
    await refused(...missing, () => get('deleted', 'a', 1));
    await refused(...missing, () => put('deleted', 'a', 1, { v: 1 }));
  });

  suite.case('tables that cannot be', async () => {
    const wrong = (message, name, how) => refused(400, INVALID, message, () => create(name, how));
    await wrong("Invalid table name: '9'.", '9');
    await wrong('The number of primary key columns must be in range: [1, 4].', 'wrong', { primaryKey: [] });
    const twice = [{ name: 'a', type: 'STRING' }, { name: 'a', type: 'STRING' }];
    await wrong("Duplicated primary key name: 'a'.", 'wrong', { primaryKey: twice });
    await wrong('TimeToLive cannot be 0 or less than -1.', 'wrong', { tableOptions: { timeToLive: 0, maxVersions: 1 } });
  });

  suite.case('a new table is not ready for a while', async () => {
    await knobs({ not_ready_calls: 1 });
    await create('slow');
    await knobs();
    await refused(404, 'OTSTableNotReady', 'The table is not ready.', () => get('slow', 'a', 1));
    assert.equal(await get('slow', 'a', 1), null);
  });

  suite.case('more than ten table operations a second are too frequent', async () => {
    await control('POST', '/clock', { advance_seconds: 2 });
    await knobs({ table_operations_per_second: 2 });
    await create('frequent');
    await client.deleteTable({ tableName: 'frequent' });
    await refused(403, 'OTSQuotaExhausted', 'Too frequent table operations.', () => create('frequent'));
    await knobs();
  });

  suite.case('an index follows its table, with a lag', async () => {
    const index = { name: 'by_kind', primaryKey: ['kind', 'at'], definedColumn: ['done'] };
    await create('indexed', { definedColumn: DEFINED, indexMetas: [index] });
    const found = await client.describeTable({ tableName: 'indexed' });
    assert.deepEqual(found.indexMetas.map((i) => [i.name, i.primaryKey, i.definedColumn]), [['by_kind', ['kind', 'at'], ['done']]]);
    await put('indexed', 'a', 1, { kind: 'x', at: TableStore.Long.fromNumber(5), done: true });
    await put('indexed', 'a', 2, { kind: 'x' });
    const names = ['kind', 'at', 'pk', 'seq'];
    assert.deepEqual(await entries('by_kind', ...names), [['x', 5, 'a', 1]]);
    await knobs({ index_lag_ms: 60000 });
    await remove('indexed', 'a', 1);
    assert.deepEqual(await entries('by_kind', ...names), [['x', 5, 'a', 1]]);
    await control('POST', '/clock', { advance_seconds: 61 });
    assert.deepEqual(await entries('by_kind', ...names), []);
    await knobs();
  });

  suite.case('an index is added and dropped', async () => {
    await create('grown', { definedColumn: DEFINED });
    await put('grown', 'a', 1, { at: TableStore.Long.fromNumber(1) });
    const add = (name, includeBaseData) =>
      client.createIndex({ mainTableName: 'grown', indexMeta: { name, primaryKey: ['at'], definedColumn: [] }, includeBaseData });
    await add('without', false);
    await add('with_base', true);
    assert.deepEqual(await entries('without', 'at', 'pk', 'seq'), []);
    assert.deepEqual(await entries('with_base', 'at', 'pk', 'seq'), [[1, 'a', 1]]);
    await refused(409, 'OTSObjectAlreadyExist', 'Requested table already exists.', () => add('without', false));
    await client.dropIndex({ mainTableName: 'grown', indexName: 'without' });
    await refused(404, 'OTSObjectNotExist', '', () => client.dropIndex({ mainTableName: 'grown', indexName: 'without' }));
    await refused(400, INVALID, "Column does not exist:'x'.", () =>
      client.createIndex({ mainTableName: 'grown', indexMeta: { name: 'y', primaryKey: ['x'], definedColumn: [] } }));
    const row = [{ at: TableStore.Long.fromNumber(1) }, ...key('a', 1)];
    await refused(400, INVALID, "Can't write index table directly.", () =>
      client.putRow({ tableName: 'with_base', primaryKey: row, attributeColumns: [{ v: 1 }], condition: expect('IGNORE') }));
  });
};
