'use strict';
// Package @alicloud/cs20151215 7.2.0 against the emulated Container Service.

const cs = require('@alicloud/cs20151215');
const { EMULATOR, Suite, assert, control } = require('../../harness');
const { checkGateway, clientOf, refused } = require('../../openapi');

const suite = new Suite('cs/node');
const client = clientOf(cs.default, 'cs');
const [PROD, BATCH, DEV] = EMULATOR.clusters.map((cluster) => cluster.id);
const ID = Object.fromEntries(EMULATOR.identities.map((identity) => [identity.name, identity.id]));
const NOWHERE = `c${'0'.repeat(32)}`;

checkGateway(suite, cs.default, 'cs', 'DescribeClustersV1', (by) =>
  by.describeClustersV1(new cs.DescribeClustersV1Request({})));

const statesOf = async (uid) => {
  const { body } = await client.listUserKubeConfigStates(uid, new cs.ListUserKubeConfigStatesRequest({}));
  return Object.fromEntries(body.states.map((state) => [state.clusterId, state.certState]));
};
const clean = (cluster, uid, force) =>
  client.cleanClusterUserPermissions(cluster, uid, new cs.CleanClusterUserPermissionsRequest({ force }));
const rolesOf = async (uid) => (await client.describeUserPermission(uid)).body.map((p) => [p.resourceId, p.roleName]);

suite.case('clusters are listed, described and audited', async () => {
  const { body } = await client.describeClustersV1(new cs.DescribeClustersV1Request({ pageSize: 2, pageNumber: 2 }));
  assert.deepEqual([body.clusters.map((c) => c.clusterId), body.pageInfo.totalCount], [[DEV], 3]);
  const region = await client.describeClustersForRegion(EMULATOR.region, new cs.DescribeClustersForRegionRequest({}));
  assert.equal(region.body.clusters.length, 3);
  assert.equal((await client.describeClusterDetail(BATCH)).body.name, 'batch');
  assert.equal((await client.getClusterAuditProject(PROD)).body.auditEnabled, true);
  await refused(404, 'ErrorClusterNotFound', () => client.describeClusterDetail(NOWHERE));
});

suite.case('states are listed by cluster and by user', async () => {
  const { body } = await client.listClusterKubeconfigStates(PROD, new cs.ListClusterKubeconfigStatesRequest({}));
  const dave = body.states.find((state) => state.accountName === 'dave');
  assert.deepEqual([dave.accountState, dave.certState], ['Deleted', 'Unexpired']);
  assert.deepEqual(await statesOf(ID.alice), { [PROD]: 'Unexpired', [BATCH]: 'Unexpired', [DEV]: 'Unexpired' });
  await refused(400, 'InvalidParameter.Uid', () => statesOf('alice'));
  await refused(404, 'ErrorUserNotFound', () => statesOf('299999999999999999'));
});

suite.case('cleaning is refused by every rule', async () => {
  await refused(403, 'Forbidden.MainAccount', () => clean(PROD, ID.root, true));
  await refused(403, 'Forbidden.OwnPermissions', () => clean(PROD, ID.reaper, true));
  await refused(400, 'ErrorKubeConfigInUse', () => clean(PROD, ID.bob, false));
  await refused(400, 'ErrorAccessRecordsNotFound', () => clean(DEV, ID.alice, false));
  await refused(404, 'ErrorClusterNotFound', () => clean(NOWHERE, ID.alice, true));
});

suite.case('cleaning removes certificate and permissions', async () => {
  await clean(PROD, ID.dave, false);
  assert.equal((await statesOf(ID.dave))[PROD], 'Removed');
  assert.ok((await rolesOf(ID.dave)).every(([resource]) => !resource.startsWith(PROD)));
});

suite.case('cleaning many clusters is a task', async () => {
  const request = new cs.CleanUserPermissionsRequest({ clusterIds: [PROD, BATCH], force: true });
  const { taskId } = (await client.cleanUserPermissions(ID.alice, request)).body;
  await control('POST', '/clock', { advance_seconds: 5 });
  const { body } = await client.describeTaskInfo(taskId);
  assert.deepEqual([body.state, body.taskResult.map((result) => result.status)], ['success', ['success', 'success']]);
  assert.equal((await statesOf(ID.alice))[BATCH], 'Removed');
  await refused(404, 'ErrorTaskNotFound', () => client.describeTaskInfo('nothing'));
  await refused(404, 'ErrorTaskNotFound', () => client.cancelTask('nothing'));
});

suite.case('permissions are granted and changed', async () => {
  const item = { cluster: DEV, roleName: 'dev', roleType: 'cluster' };
  const grant = new cs.GrantPermissionsRequest({ body: [new cs.GrantPermissionsRequestBody(item)] });
  await client.grantPermissions(ID.carol, grant);
  assert.deepEqual(await rolesOf(ID.carol), [[DEV, 'dev']]);
  const change = new cs.UpdateUserPermissionsRequest({ mode: 'delete', body: [new cs.UpdateUserPermissionsRequestBody(item)] });
  await client.updateUserPermissions(ID.carol, change);
  assert.deepEqual(await rolesOf(ID.carol), []);
});

suite.case('kubeconfigs are issued, prolonged and revoked', async () => {
  const own = clientOf(cs.default, 'cs', 'bob');
  const issued = await own.describeClusterUserKubeconfig(DEV, new cs.DescribeClusterUserKubeconfigRequest({}));
  assert.ok(issued.body.config.includes('client-certificate-data'));
  const other = new cs.DescribeSubaccountK8sClusterUserConfigRequest({});
  assert.ok((await client.describeSubaccountK8sClusterUserConfig(DEV, ID.bob, other)).body.config);
  const longer = new cs.UpdateK8sClusterUserConfigExpireRequest({ user: ID.bob, expireHour: 9000 });
  await client.updateK8sClusterUserConfigExpire(DEV, longer);
  await own.revokeK8sClusterKubeConfig(DEV);
  assert.equal((await statesOf(ID.bob))[DEV], 'Unexpired');
});

suite.run();
