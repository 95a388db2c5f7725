'use strict';
// Many rows: ranges, batches, transactions.

const { assert, control } = require('../../harness');
const { TableStore, client, columns, create, expect, get, key, knobs, long, plain, put, refused, remove } = require('./client');

const { INF_MIN, INF_MAX } = TableStore;
const INVALID = 'OTSParameterInvalid';
const RANGES = 'ranges';

const page = async (start, end, direction = 'FORWARD', how = {}) => {
  const { rows, nextStartPrimaryKey } = await client.getRange({
    tableName: RANGES, direction, inclusiveStartPrimaryKey: start, exclusiveEndPrimaryKey: end, maxVersions: 1, ...how,
  });
  const next = nextStartPrimaryKey && nextStartPrimaryKey.map((column) => ({ [column.name]: column.value }));
  return [rows.map((row) => plain(row.primaryKey[1].value)), next];
};

const item = (type, pk, seq, attributeColumns, condition = expect('IGNORE')) =>
  ({ type, condition, primaryKey: key(pk, seq), attributeColumns });

const write = (rows, more = {}, tableName = RANGES) => client.batchWriteRow({ tables: [{ tableName, rows }], ...more });

const range = (length) => Array.from({ length }, (_, number) => number);

const fill = (pk, numbers) => write(numbers.map((n) => item('PUT', pk, n, columns({ n: long(n) }))));

/** The package (5.6.5) reads the empty answer of AbortTransaction as if it were the request, and misses its id. */
async function ended(call) {
  try {
    await call();
  } catch (error) {
    if (!String(error).includes("missing required 'transactionId'")) throw error;
  }
}

module.exports = (suite) => {
  suite.case('a range is read in the order of its keys and against it', async () => {
    await knobs();
    await create(RANGES);
    await fill('order', [3, 1, 2]);
    const [first, last] = [key('order', INF_MIN), key('order', INF_MAX)];
    assert.deepEqual(await page(first, last), [[1, 2, 3], null]);
    assert.deepEqual(await page(last, first, 'BACKWARD'), [[3, 2, 1], null]);
    assert.deepEqual(await page(key('order', 1), key('order', 3)), [[1, 2], null]);
    assert.deepEqual(await page(key('order', 3), key('order', 1), 'BACKWARD'), [[3, 2], null]);
  });

  suite.case('pages follow each other both ways', async () => {
    await fill('pages', range(10));
    for (const direction of ['FORWARD', 'BACKWARD']) {
      const ends = [key('pages', INF_MIN), key('pages', INF_MAX)];
      let [start, end] = direction === 'FORWARD' ? ends : ends.reverse();
      const found = [];
      while (start) {
        const [numbers, next] = await page(start, end, direction, { limit: 4 });
        found.push(numbers);
        start = next;
      }
      const expected = direction === 'FORWARD' ? range(10) : range(10).reverse();
      assert.deepEqual([found.map((numbers) => numbers.length), found.flat()], [[4, 4, 2], expected]);
    }
  });

  suite.case('a filtered page can be empty and not the last', async () => {
    await fill('sparse', range(20));
    await knobs({ scanned_rows: 10 });
    const columnFilter = new TableStore.SingleColumnCondition('n', long(19), TableStore.ComparatorType.EQUAL);
    const [numbers, next] = await page(key('sparse', INF_MIN), key('sparse', INF_MAX), 'FORWARD', { columnFilter });
    assert.deepEqual(numbers, []);
    assert.deepEqual(await page(next, key('sparse', INF_MAX), 'FORWARD', { columnFilter }), [[19], null]);
    await knobs();
  });

  suite.case('one call looks at 5000 rows', async () => {
    for (let start = 0; start <= 5000; start += 200) await fill('much', range(200).map((n) => start + n));
    const [numbers, next] = await page(key('much', INF_MIN), key('much', INF_MAX));
    assert.deepEqual([numbers.length, plain(next[1].seq)], [5000, 5000]);
  });

  suite.case('ranges that cannot be', async () => {
    const [small, large] = [key('wrong', 1), key('wrong', 2)];
    await refused(400, INVALID, 'Begin key must less than end key in FORWARD', () => page(large, small));
    await refused(400, INVALID, 'Begin key must more than end key in BACKWARD', () => page(small, large, 'BACKWARD'));
    await refused(400, INVALID, 'The limit must be greater than 0.', () => page(small, large, 'FORWARD', { limit: -1 }));
  });

  suite.case('rows are read together each with its result', async () => {
    await put(RANGES, 'read', 1, { v: 'x' });
    const read = (primaryKey, tableName = RANGES) => client.batchGetRow({ tables: [{ tableName, primaryKey, maxVersions: 1 }] });
    const { tables } = await read([key('read', 1), key('read', 2), [{ pk: 'x' }]]);
    assert.deepEqual(tables[0].map((row) => row.isOk), [true, true, false]);
    assert.equal(tables[0][0].attributes[0].columnValue, 'x');
    assert.equal(tables[0][1].primaryKey, null);
    assert.equal(tables[0][2].errorCode, 'OTSInvalidPK');
    const missing = await read([key('read', 1)], 'nowhere');
    assert.equal(missing.tables[0][0].errorCode, 'OTSObjectNotExist');
    await refused(400, INVALID, 'Rows count exceeds the upper limit: 100.', () => read(range(101).map((n) => key('read', n))));
  });

  suite.case('some rows of a batch fail and the others are written', async () => {
    await put(RANGES, 'partial', 1, { v: 'there' });
    const { tables } = await write([
      item('PUT', 'partial', 1, columns({ v: 'new' }), expect('EXPECT_NOT_EXIST')),
      item('PUT', 'partial', 2, columns({ v: 'new' }), expect('EXPECT_NOT_EXIST')),
      item('UPDATE', 'partial', 3, [{ PUT: [{ v: 'new' }] }], expect('EXPECT_EXIST')),
      item('DELETE', 'partial', 9, undefined, expect('EXPECT_EXIST')),
    ]);
    assert.deepEqual(tables.map((row) => row.isOk), [false, true, false, false]);
    assert.deepEqual(tables.filter((row) => !row.isOk).map((row) => row.errorCode), Array(3).fill('OTSConditionCheckFail'));
    assert.deepEqual([await get(RANGES, 'partial', 1), await get(RANGES, 'partial', 2)], [{ v: 'there' }, { v: 'new' }]);
    const missing = await write([item('PUT', 'a', 1, columns({ v: 'x' }))], {}, 'nowhere');
    assert.equal(missing.tables[0].errorCode, 'OTSObjectNotExist');
  });

  suite.case('a batch has its limits', async () => {
    await refused(400, INVALID, 'Rows count exceeds the upper limit: 200.', () => fill('limit', range(201)));
    const wide = columns({ v: 'x'.repeat(1100000) });
    await refused(400, INVALID, 'The total data size of BatchWriteRow request exceeds the limit', () =>
      write(range(4).map((n) => item('PUT', 'limit', n, wide))));
    const twice = [item('PUT', 'limit', 1, columns({ v: 'x' }), expect('EXPECT_EXIST')), item('DELETE', 'limit', 1)];
    await refused(400, INVALID, 'Repeated rows do not support row exist expectation check in BatchModify.', () => write(twice));
  });

  suite.case('a transaction is seen by others when it is committed', async () => {
    const start = () => client.startLocalTransaction({ tableName: RANGES, primaryKey: [{ pk: 'local' }] });
    await refused(400, INVALID, 'explicit-transaction-disabled table.', start);
    await knobs({ transactions_everywhere: true });
    await put(RANGES, 'local', 1, { v: 'old' });
    for (const [end, expected] of [['abortTransaction', 'old'], ['commitTransaction', 'new']]) {
      const { transactionId } = await start();
      await put(RANGES, 'local', 1, { v: 'new' }, expect('IGNORE'), { transactionId });
      assert.deepEqual(await get(RANGES, 'local', 1, { transactionId }), { v: 'new' });
      assert.deepEqual(await get(RANGES, 'local', 1), { v: 'old' });
      await refused(409, 'OTSRowOperationConflict', 'Data is being modified by the other request.', () => remove(RANGES, 'local', 1));
      await ended(() => client[end]({ transactionId }));
      assert.deepEqual(await get(RANGES, 'local', 1), { v: expected });
      await refused(400, INVALID, 'TransactionID is invalid.', () => client[end]({ transactionId }));
    }
    const { transactionId } = await start();
    await control('POST', '/clock', { advance_seconds: 61 });
    await refused(400, INVALID, 'TransactionID is invalid.', () => client.commitTransaction({ transactionId }));
    await knobs();
  });
};
