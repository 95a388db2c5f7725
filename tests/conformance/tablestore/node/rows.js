'use strict';
// Single rows, their conditions, filters and limits.

const { assert, calls, control } = require('../../harness');
const { TableStore, client, create, expect, get, key, knobs, long, plain, put, refused, remove, update } = require('./client');

const INVALID = 'OTSParameterInvalid';
const CONDITION = [403, 'OTSConditionCheckFail', 'Condition check failed.'];
const ROWS = 'rows';

module.exports = (suite) => {
  suite.case('a row comes back with every type', async () => {
    await knobs();
    await create(ROWS);
    const row = { text: 'x', empty: '', chinese: '事件', number: long(-5), double: 3.25, yes: true, no: false, raw: Buffer.from([0, 255]) };
    await put(ROWS, 'types', 1, row);
    const found = await get(ROWS, 'types', 1);
    assert.deepEqual([...found.raw], [0, 255]);
    delete found.raw;
    assert.deepEqual(found, { text: 'x', empty: '', chinese: '事件', number: -5, double: 3.25, yes: true, no: false });
    assert.equal(await get(ROWS, 'nobody', 1), null);
  });

  suite.case('the first of two appends wins', async () => {
    await control('DELETE', '/calls');
    await put(ROWS, 'stream', 1, { event: 'first' }, expect('EXPECT_NOT_EXIST'));
    await refused(...CONDITION, () => put(ROWS, 'stream', 1, { event: 'second' }, expect('EXPECT_NOT_EXIST')));
    assert.deepEqual(await get(ROWS, 'stream', 1), { event: 'first' });
    assert.deepEqual((await calls('PutRow')).map((call) => call.status), [200, 403]);
  });

  suite.case('existence is checked for every kind of write', async () => {
    const there = expect('EXPECT_EXIST');
    await refused(...CONDITION, () => put(ROWS, 'exist', 1, { v: 1 }, there));
    await refused(...CONDITION, () => update(ROWS, 'exist', 1, [{ PUT: [{ v: 1 }] }], there));
    await refused(...CONDITION, () => remove(ROWS, 'exist', 1, there));
    await put(ROWS, 'exist', 1, { v: 'a' });
    await update(ROWS, 'exist', 1, [{ PUT: [{ w: 'b' }] }], there);
    assert.deepEqual(await get(ROWS, 'exist', 1), { v: 'a', w: 'b' });
    await remove(ROWS, 'exist', 1, there);
    assert.equal(await get(ROWS, 'exist', 1), null);
  });

  suite.case('a column condition is checked with the write', async () => {
    await put(ROWS, 'version', 1, { ver: long(3) });
    const is = (name, number, passes) => expect('EXPECT_EXIST',
      new TableStore.SingleColumnCondition(name, long(number), TableStore.ComparatorType.EQUAL, passes));
    await refused(...CONDITION, () => put(ROWS, 'version', 1, { ver: long(9) }, is('ver', 2, false)));
    await put(ROWS, 'version', 1, { ver: long(4) }, is('ver', 3, false));
    await refused(...CONDITION, () => put(ROWS, 'version', 1, { ver: long(5) }, is('absent', 1, false)));
    await put(ROWS, 'version', 1, { ver: long(5) }, is('absent', 1, true));
    assert.deepEqual(await get(ROWS, 'version', 1), { ver: 5 });
  });

  suite.case('filters compare and are composed', async () => {
    await put(ROWS, 'filter', 1, { n: long(5), s: 'x' });
    const single = (name, value, how) => new TableStore.SingleColumnCondition(name, value, TableStore.ComparatorType[how], false);
    const seen = async (columnFilter) => (await get(ROWS, 'filter', 1, { columnFilter })) !== null;
    const truths = { EQUAL: [5], NOT_EQUAL: [4, 6], GREATER_THAN: [4], GREATER_EQUAL: [4, 5], LESS_THAN: [6], LESS_EQUAL: [5, 6] };
    for (const [how, numbers] of Object.entries(truths)) {
      for (const number of [4, 5, 6]) {
        assert.equal(await seen(single('n', long(number), how)), numbers.includes(number), `${how} ${number}`);
      }
    }
    const composed = (how, ...parts) => {
      const whole = new TableStore.CompositeCondition(TableStore.LogicalOperator[how]);
      parts.forEach((part) => whole.addSubCondition(part));
      return whole;
    };
    const [yes, no] = [single('s', 'x', 'EQUAL'), single('s', 'y', 'EQUAL')];
    assert.equal(await seen(composed('AND', yes, no)), false);
    assert.equal(await seen(composed('OR', yes, no)), true);
    assert.equal(await seen(composed('NOT', no)), true);
  });

  suite.case('a page of columns', async () => {
    await put(ROWS, 'page', 1, { a: 'a', b: 'b', c: 'c' });
    const columnFilter = new TableStore.ColumnPaginationFilter(1, 1);
    const found = await get(ROWS, 'page', 1, { columnFilter });
    assert.equal(Object.keys(found).length, 1);
    assert.deepEqual(await get(ROWS, 'page', 1, { columnsToGet: ['a', 'c'] }), { a: 'a', c: 'c' });
    assert.deepEqual(await get(ROWS, 'page', 1, { startColumn: 'b', endColumn: 'c' }), { b: 'b' });
    assert.equal(await get(ROWS, 'page', 1, { columnsToGet: ['z'] }), null);
  });

  suite.case('an update puts, deletes and counts', async () => {
    await update(ROWS, 'update', 1, [{ PUT: [{ a: 'a' }, { b: 'b' }] }]);
    await update(ROWS, 'update', 1, [{ DELETE_ALL: ['a'] }, { INCREMENT: [{ n: long(5) }] }]);
    const returnContent = { returnType: TableStore.ReturnType.AfterModify, returnColumns: ['n'] };
    const { row } = await update(ROWS, 'update', 1, [{ INCREMENT: [{ n: long(-2) }] }], expect('IGNORE'), { returnContent });
    assert.deepEqual(row.attributes.map((c) => [c.columnName, plain(c.columnValue)]), [['n', 3]]);
    assert.deepEqual(await get(ROWS, 'update', 1), { b: 'b', n: 3 });
  });

  suite.case('a write shows the key, and a key column is filled in', async () => {
    const primaryKey = [{ name: 'pk', type: 'STRING' }, { name: 'seq', type: 'INTEGER', option: 'AUTO_INCREMENT' }];
    await create('numbered', { primaryKey });
    const returnContent = { returnType: TableStore.ReturnType.Primarykey };
    const given = [];
    for (let count = 0; count < 3; count += 1) {
      const { row } = await put('numbered', 'a', TableStore.PK_AUTO_INCR, { v: 'x' }, expect('IGNORE'), { returnContent });
      given.push(plain(row.primaryKey[1].value));
    }
    assert.ok(given[0] < given[1] && given[1] < given[2], String(given));
    assert.deepEqual(await get('numbered', 'a', given[1]), { v: 'x' });
  });

  suite.case('keys that do not fit the table', async () => {
    const read = (primaryKey) => () => client.getRow({ tableName: ROWS, primaryKey });
    await refused(400, 'OTSInvalidPK', 'Validate PK size fail. Input: 1, Meta: 2.', read([{ pk: 'a' }]));
    await refused(400, 'OTSInvalidPK', 'Validate PK name fail. Input: x, Meta: pk.', read([{ x: 'a' }, { seq: long(1) }]));
    await refused(400, 'OTSInvalidPK', 'Validate PK type fail. Input: INTEGER, Meta: STRING.', read([{ pk: long(1) }, { seq: long(1) }]));
  });

  suite.case('what is too large is refused', async () => {
    const most = 2 * 1024 * 1024;
    const big = 'x'.repeat(most);
    await refused(400, INVALID, 'exceeds the MaxLength: 1024 with CurrentLength: 1025.', () => put(ROWS, 'k'.repeat(1025), 1, { v: 'x' }));
    await refused(400, INVALID, `exceeded the MaxLength:${most}`, () => put(ROWS, 'large', 1, { v: `${big}x` }));
    await refused(400, INVALID, 'The total data size of PutRow request exceeds the limit', () => put(ROWS, 'large', 1, { v: big, w: big }));
    await refused(413, 'OTSRequestBodyTooLarge', 'The size of POST data is too large.', () => put(ROWS, 'large', 1, { a: big, b: big, c: big }));
    const columns = Object.fromEntries(Array.from({ length: 1025 }, (_, number) => [`c${number}`, 'x']));
    await refused(400, INVALID, 'limit count: 1024, column count: 1025.', () => put(ROWS, 'many', 1, columns));
  });

  suite.case('capacity units are counted by 4 kilobytes', async () => {
    const { consumed } = await put(ROWS, 'units', 1, { v: 'x'.repeat(7600) });
    assert.equal(consumed.capacityUnit.write, 2);
    const read = await client.getRow({ tableName: ROWS, primaryKey: key('units', 1) });
    assert.equal(read.consumed.capacityUnit.read, 2);
  });
};
