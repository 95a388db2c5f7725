'use strict';
// Clients of the OpenAPI packages (CS, RAM, IMS, STS) against the emulator.

const { EMULATOR, address, assert, control, failNext, keyOf } = require('./harness');

/** A package's client with the key of an identity. */
function clientOf(Package, service, owner = 'reaper', changed = {}) {
  const key = keyOf(owner);
  return new Package({
    accessKeyId: key.access_key_id,
    accessKeySecret: key.access_key_secret,
    securityToken: key.security_token,
    regionId: EMULATOR.region,
    endpoint: address(service),
    protocol: 'http',
    ...changed,
  });
}

/** Expects an error of the service. */
async function refused(status, code, call) {
  let found;
  try {
    found = await call();
  } catch (error) {
    assert.deepEqual([Number(error.statusCode || (error.data && error.data.statusCode)), error.code], [status, code], String(error));
    return;
  }
  assert.fail(`not refused: ${JSON.stringify(found)}`);
}

/** What the gateway answers in front of every service. */
function checkGateway(suite, Package, service, operation, call) {
  const as = (owner, changed) => () => call(clientOf(Package, service, owner, changed));

  suite.case('users and roles are let in', async () => {
    for (const owner of ['root', 'bob', 'reaper']) await as(owner)();
  });
  suite.case('wrong secrets, keys and tokens are denied', async () => {
    await refused(400, 'SignatureDoesNotMatch', as('root', { accessKeySecret: 'wrong' }));
    await refused(404, 'InvalidAccessKeyId.NotFound', as('root', { accessKeyId: 'nobody' }));
    await refused(400, 'InvalidSecurityToken.MismatchWithAccessKey', as('reaper', { securityToken: 'another' }));
  });
  suite.case('errors of the service arrive with status and code', async () => {
    for (const [status, code] of [[500, 'InternalError'], [403, 'Forbidden.RAM']]) {
      await failNext(operation, status, code);
      await refused(status, code, as('reaper'));
    }
    await control('POST', '/knobs', { operations: { [operation]: { throttling_rate: 1.0 } } });
    try {
      await refused(429, 'Throttling.User', as('reaper'));
    } finally {
      await control('POST', '/knobs', { operations: {} });
    }
  });
}

module.exports = { checkGateway, clientOf, refused };
