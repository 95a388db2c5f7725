'use strict';
// Signatures, checksums and the errors that the service may answer with.

const { assert, calls, control, failNext } = require('../../harness');
const { TableStore, clientAs, create, expect, get, knobs, put, refused, client, key } = require('./client');

const TRUST = 'trust';
const DENIED = [403, 'OTSAuthFailed'];

/** Changes what the package is about to send. */
async function altered(change, call) {
  const events = TableStore.events;
  events.on('send', change);
  try {
    return await call();
  } finally {
    events.removeListener('send', change);
  }
}

module.exports = (suite) => {
  const read = (by) => () => by.getRow({ tableName: TRUST, primaryKey: key('a', 1) });

  suite.case('signatures are accepted from users and roles', async () => {
    await knobs();
    await create(TRUST);
    for (const owner of ['root', 'bob', 'reaper']) await read(clientAs(owner))();
  });

  suite.case('wrong secrets, keys, tokens and instances are denied', async () => {
    await refused(...DENIED, 'Signature mismatch.', read(clientAs('root', { secretAccessKey: 'wrong' })));
    await refused(...DENIED, 'The AccessKeyID does not exist.', read(clientAs('root', { accessKeyId: 'nobody' })));
    await refused(...DENIED, 'The STS token is invalid.', read(clientAs('reaper', { stsToken: 'another' })));
    await refused(...DENIED, 'The instance is not found.', read(clientAs('root', { instancename: 'another' })));
  });

  suite.case('a header or body that was changed on the way is denied', async () => {
    const header = (response) => { response.request.httpRequest.headers['x-ots-instancename'] = 'other'; };
    await refused(...DENIED, 'Signature mismatch.', () => altered(header, read(client)));
    const body = (response) => {
      const { httpRequest } = response.request;
      httpRequest.body = Buffer.from(httpRequest.body).fill(0, 0, 1);
    };
    await refused(...DENIED, 'Mismatch between MD5 value', () => altered(body, read(client)));
  });

  suite.case('a checksum that does not fit is found', async () => {
    const honest = TableStore.plainBufferCrc8.crcInt8;
    TableStore.plainBufferCrc8.crcInt8 = (crc, byte) => honest(crc, byte) ^ 1;
    try {
      await refused(400, 'OTSParameterInvalid', 'Cell data broken, checksum is mismatch', read(client));
    } finally {
      TableStore.plainBufferCrc8.crcInt8 = honest;
    }
  });

  suite.case('every error of the table is answered as it stands there', async () => {
    const codes = {
      OTSServerBusy: 503, OTSPartitionUnavailable: 503, OTSTimeout: 503, OTSServerUnavailable: 503,
      OTSInternalServerError: 500, OTSRowOperationConflict: 409, OTSNotEnoughCapacityUnit: 403,
      OTSQuotaExhausted: 403, OTSTableNotReady: 404, OTSOutOfRowSizeLimit: 400, OTSOutOfColumnCountLimit: 400,
    };
    for (const [code, status] of Object.entries(codes)) {
      await failNext('PutRow', status, code);
      await refused(status, code, '', () => put(TRUST, 'errors', 1, { v: 'x' }));
    }
    assert.equal(await get(TRUST, 'errors', 1), null);
  });

  suite.case('a read that is busy is repeated by the package', async () => {
    await control('DELETE', '/calls');
    await failNext('GetRow', 503, 'OTSServerBusy', 1);
    TableStore.DefaultRetryPolicy.maxRetryTimes = 3;
    try {
      await read(client)();
    } finally {
      TableStore.DefaultRetryPolicy.maxRetryTimes = 0;
    }
    assert.deepEqual((await calls('GetRow')).map((call) => call.status), [503, 200]);
  });

  suite.case('an answer that is lost leaves the write made', async () => {
    for (const [outcome, expected] of [['lostResponse', { v: 'lostResponse' }], ['lostRequest', null]]) {
      await control('POST', '/failures', { operation: 'PutRow', outcome });
      await assert.rejects(() => put(TRUST, outcome, 1, { v: outcome }), { code: 'NetworkingError' });
      assert.deepEqual(await get(TRUST, outcome, 1), expected);
    }
  });

  suite.case('one append is one request', async () => {
    await control('DELETE', '/calls');
    await put(TRUST, 'once', 1, { v: 'x' }, expect('EXPECT_NOT_EXIST'));
    const made = await control('GET', '/calls');
    assert.deepEqual(made.map((call) => [call.service, call.operation]), [['tablestore', 'PutRow']]);
  });
};
