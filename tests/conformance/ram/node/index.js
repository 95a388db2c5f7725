'use strict';
// Package @alicloud/ram20150501 1.2.1 against the emulated Resource Access Management.

const ram = require('@alicloud/ram20150501');
const { EMULATOR, Suite, assert } = require('../../harness');
const { checkGateway, clientOf, refused } = require('../../openapi');

const suite = new Suite('ram/node');
const client = clientOf(ram.default, 'ram');
const ID = Object.fromEntries(EMULATOR.identities.map((identity) => [identity.name, identity.id]));

checkGateway(suite, ram.default, 'ram', 'ListUsers', (by) => by.listUsers(new ram.ListUsersRequest({})));

const user = async (userName) => (await client.getUser(new ram.GetUserRequest({ userName }))).body.user;

suite.case('users and roles are listed in pages', async () => {
  const names = [];
  let marker;
  do {
    const { body } = await client.listUsers(new ram.ListUsersRequest({ marker, maxItems: 2 }));
    names.push(body.users.user.map((u) => u.userName));
    marker = body.marker;
  } while (marker);
  assert.deepEqual(names, [['alice', 'bob'], ['carol']]);
  const { body } = await client.listRoles(new ram.ListRolesRequest({}));
  assert.deepEqual(body.roles.role.map((role) => role.roleName), ['ci-deployer', 'reaper']);
});

suite.case('a user is created, renamed and deleted', async () => {
  assert.equal((await user('alice')).userId, ID.alice);
  const create = () => client.createUser(new ram.CreateUserRequest({ userName: 'erin', displayName: 'Erin' }));
  const { userId } = (await create()).body.user;
  await refused(409, 'EntityAlreadyExists.User', create);
  await client.updateUser(new ram.UpdateUserRequest({ userName: 'erin', newUserName: 'erika' }));
  assert.equal((await user('erika')).userId, userId);
  await client.deleteUser(new ram.DeleteUserRequest({ userName: 'erika' }));
  await refused(404, 'EntityNotExist.User', () => user('erika'));
  await refused(409, 'DeleteConflict.User.AccessKey', () => client.deleteUser(new ram.DeleteUserRequest({ userName: 'bob' })));
});

suite.case('a role is created and deleted', async () => {
  const request = new ram.CreateRoleRequest({ roleName: 'auditor', assumeRolePolicyDocument: '{}' });
  await client.createRole(request);
  await refused(409, 'EntityAlreadyExists.Role', () => client.createRole(request));
  const get = () => client.getRole(new ram.GetRoleRequest({ roleName: 'auditor' }));
  assert.ok((await get()).body.role.arn.endsWith(':role/auditor'));
  await client.deleteRole(new ram.DeleteRoleRequest({ roleName: 'auditor' }));
  await refused(404, 'EntityNotExist.Role', get);
});

suite.run();
