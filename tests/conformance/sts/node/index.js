'use strict';
// Package @alicloud/sts20150401 1.2.0 against the emulated Security Token Service.

const sts = require('@alicloud/sts20150401');
const { EMULATOR, Suite, assert, control } = require('../../harness');
const { checkGateway, clientOf, refused } = require('../../openapi');

const suite = new Suite('sts/node');
const ID = Object.fromEntries(EMULATOR.identities.map((identity) => [identity.name, identity.id]));

checkGateway(suite, sts.default, 'sts', 'GetCallerIdentity', (by) => by.getCallerIdentity());

const assume = (role, durationSeconds = 3600) => {
  const roleArn = `acs:ram::${EMULATOR.account_id}:role/${role}`;
  const request = new sts.AssumeRoleRequest({ roleArn, roleSessionName: 'conformance', durationSeconds });
  return clientOf(sts.default, 'sts', 'bob').assumeRole(request);
};

suite.case('everybody learns who they are', async () => {
  const kinds = { root: 'Account', bob: 'RAMUser', reaper: 'AssumedRoleUser' };
  for (const [owner, kind] of Object.entries(kinds)) {
    const { body } = await clientOf(sts.default, 'sts', owner).getCallerIdentity();
    assert.deepEqual([body.identityType, body.accountId], [kind, EMULATOR.account_id]);
  }
});

suite.case('a role is assumed until its session ends', async () => {
  const { credentials } = (await assume('ci-deployer', 900)).body;
  const session = clientOf(sts.default, 'sts', 'reaper', {
    accessKeyId: credentials.accessKeyId, accessKeySecret: credentials.accessKeySecret, securityToken: credentials.securityToken,
  });
  assert.equal((await session.getCallerIdentity()).body.roleId, ID['ci-deployer']);
  await control('POST', '/clock', { advance_seconds: 901 });
  await refused(400, 'InvalidSecurityToken.Expired', () => session.getCallerIdentity());
  await refused(404, 'EntityNotExist.Role', () => assume('nobody'));
  await refused(400, 'InvalidParameter.DurationSeconds', () => assume('ci-deployer', 1));
});

suite.run();
