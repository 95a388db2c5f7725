'use strict';
// Package @alicloud/ims20190815 2.3.2 against the emulated identity management.

const ims = require('@alicloud/ims20190815');
const { EMULATOR, Suite, assert, keyOf } = require('../../harness');
const { checkGateway, clientOf, refused } = require('../../openapi');

const suite = new Suite('ims/node');
const client = clientOf(ims.default, 'ims');
const ID = Object.fromEntries(EMULATOR.identities.map((identity) => [identity.name, identity.id]));
const login = (name) => `${name}@${EMULATOR.domain}`;

checkGateway(suite, ims.default, 'ims', 'GetUser', (by) => by.getUser(new ims.GetUserRequest({ userId: ID.alice })));

const get = async (who) => (await client.getUser(new ims.GetUserRequest(who))).body.user;

suite.case('a user is found by login name, id or access key', async () => {
  assert.equal((await get({ userPrincipalName: login('alice') })).userId, ID.alice);
  assert.equal((await get({ userId: ID.alice })).userPrincipalName, login('alice'));
  assert.equal((await get({ userAccessKeyId: keyOf('bob').access_key_id })).userId, ID.bob);
  await refused(404, 'EntityNotExist.User', () => get({ userId: ID.dave }));
});

suite.case('a user is created, renamed, deleted, restored and deleted for good', async () => {
  const request = new ims.CreateUserRequest({ userPrincipalName: login('grace'), displayName: 'Grace' });
  const { userId } = (await client.createUser(request)).body.user;
  await refused(409, 'EntityAlreadyExists.User', () => client.createUser(request));
  await client.updateUser(new ims.UpdateUserRequest({ userId, newUserPrincipalName: login('grete') }));
  await client.deleteUser(new ims.DeleteUserRequest({ userId }));
  const recycled = async () => {
    const { body } = await client.listUsersInRecycleBin(new ims.ListUsersInRecycleBinRequest({}));
    return body.users.user.map((user) => user.userId);
  };
  assert.ok((await recycled()).includes(userId));
  const one = await client.getUserInRecycleBin(new ims.GetUserInRecycleBinRequest({ userId }));
  assert.equal(one.body.user.userPrincipalName, login('grete'));
  await client.restoreUserFromRecycleBin(new ims.RestoreUserFromRecycleBinRequest({ userId }));
  assert.equal((await get({ userId })).userPrincipalName, login('grete'));
  await client.deleteUser(new ims.DeleteUserRequest({ userPrincipalName: login('grete') }));
  const purge = () => client.deleteUserInRecycleBin(new ims.DeleteUserInRecycleBinRequest({ userId }));
  await purge();
  await refused(404, 'EntityNotExist.User.RecycleBin', purge);
});

suite.run();
