"""Package alibabacloud-cs20151215 7.2.3 against the emulated Container Service."""

import alibabacloud_cs20151215 as package
import alibabacloud_cs20151215.client  # noqa: F401
from alibabacloud_cs20151215 import models

from harness import EMULATOR, Suite, control, equal
from openapi import check_gateway, client_of, refused

suite = Suite("cs/python")
client = client_of(package, "cs")

PROD, BATCH, DEV = (cluster["id"] for cluster in EMULATOR["clusters"])
ID = {identity["name"]: identity["id"] for identity in EMULATOR["identities"]}
NOWHERE = "c" + "0" * 32


def clean(cluster, uid, force, by=client):
    request = models.CleanClusterUserPermissionsRequest(force=force)
    return by.clean_cluster_user_permissions(cluster, uid, request)


def of_user(uid, **page):
    """The states of a user by cluster."""
    found = client.list_user_kube_config_states(uid, models.ListUserKubeConfigStatesRequest(**page)).body
    return [(state.cluster_id, state.cert_state) for state in found.states]


def of_cluster(cluster, **page):
    return client.list_cluster_kubeconfig_states(cluster, models.ListClusterKubeconfigStatesRequest(**page)).body


def roles(uid):
    return sorted((p.resource_id, p.role_name) for p in client.describe_user_permission(uid).body)


check_gateway(suite, package, "cs", "DescribeClustersV1",
              lambda by: by.describe_clusters_v1(models.DescribeClustersV1Request()))


@suite.case
def clusters_are_listed_in_pages_and_past_the_end():
    pages = []
    for number in (1, 2, 3):
        request = models.DescribeClustersV1Request(page_number=number, page_size=2)
        body = client.describe_clusters_v1(request).body
        equal(body.page_info.total_count, 3)
        pages.append([cluster.cluster_id for cluster in body.clusters])
    equal(pages, [[PROD, BATCH], [DEV], []])


@suite.case
def clusters_of_a_region():
    found = client.describe_clusters_for_region(EMULATOR["region"], models.DescribeClustersForRegionRequest())
    equal([cluster.name for cluster in found.body.clusters], ["prod", "batch", "dev"])
    found = client.describe_clusters_for_region("cn-elsewhere", models.DescribeClustersForRegionRequest())
    equal(found.body.clusters, [])


@suite.case
def one_cluster():
    body = client.describe_cluster_detail(BATCH).body
    equal((body.name, body.state, body.profile, body.region_id), ("batch", "running", "Acs", EMULATOR["region"]))
    refused(404, "ErrorClusterNotFound", client.describe_cluster_detail, NOWHERE)


@suite.case
def the_audit_project_of_a_cluster():
    body = client.get_cluster_audit_project(PROD).body
    equal((body.audit_enabled, body.sls_project_name), (True, f"k8s-log-{PROD}"))
    equal(client.get_cluster_audit_project(DEV).body.audit_enabled, False)
    refused(404, "ErrorClusterNotFound", client.get_cluster_audit_project, NOWHERE)


@suite.case
def states_of_a_cluster_with_types_and_deleted_accounts():
    body = of_cluster(PROD)
    found = {state.account_name: (state.account_type, state.account_state, state.cert_state) for state in body.states}
    equal(found["root"], ("RootAccount", "Active", "Unexpired"))
    equal(found["carol"], ("RamUser", "InActive", "Expired"))
    equal(found["dave"], ("RamUser", "Deleted", "Unexpired"))
    equal(found["ci-deployer"], ("RamRole", "Active", "Unexpired"))
    assert all(state.cert_expire_time.endswith("+08:00") for state in body.states)
    equal(len(of_cluster(PROD, page_number=2, page_size=5).states), body.page.total_count - 5)
    equal(of_cluster(PROD, page_number=9).states, [])
    refused(404, "ErrorClusterNotFound", of_cluster, NOWHERE)
    refused(400, "InvalidParameter.pageSize", lambda: of_cluster(PROD, page_size=51))


@suite.case
def states_of_a_user_in_every_cluster():
    equal(of_user(ID["alice"]), [(PROD, "Unexpired"), (BATCH, "Unexpired"), (DEV, "Unexpired")])
    equal(dict(of_user(ID["legacy-ci"])), {PROD: "Unissued", BATCH: "Removed", DEV: "Expired"})
    equal(of_user(ID["alice"], page_number=2, page_size=2), [(DEV, "Unexpired")])
    refused(400, "InvalidParameter.Uid", of_user, "alice")
    refused(404, "ErrorUserNotFound", of_user, "299999999999999999")
    control("POST", "/knobs", {"user_list_answers_for_deleted": False})
    refused(404, "ErrorUserNotFound", of_user, ID["dave"])
    control("POST", "/knobs", {"user_list_answers_for_deleted": True})


@suite.case
def cleaning_is_refused_by_every_rule():
    refused(403, "Forbidden.MainAccount", clean, PROD, ID["root"], True)
    refused(403, "Forbidden.OwnPermissions", clean, PROD, ID["reaper"], True)
    refused(400, "ErrorKubeConfigInUse", clean, PROD, ID["bob"], False)
    refused(400, "ErrorAccessRecordsNotFound", clean, DEV, ID["alice"], False)
    refused(404, "ErrorClusterNotFound", clean, NOWHERE, ID["alice"], True)
    refused(404, "ErrorUserNotFound", clean, PROD, "299999999999999999", True)
    control("POST", "/clusters/state", {"cluster": BATCH, "state": "deleting"})
    refused(400, "ErrorClusterState", clean, BATCH, ID["alice"], True)
    control("POST", "/clusters/state", {"cluster": BATCH, "state": "running"})


@suite.case
def cleaning_removes_certificate_and_permissions():
    assert any(resource.startswith(PROD) for resource, _ in roles(ID["dave"]))
    equal(clean(PROD, ID["dave"], False).status_code, 200)
    equal(dict(of_user(ID["dave"]))[PROD], "Removed")
    assert not any(resource.startswith(PROD) for resource, _ in roles(ID["dave"]))
    clean(PROD, ID["dave"], False)
    control("POST", "/knobs", {"cleaning_again_succeeds": False})
    refused(400, "ErrorNothingToClean", clean, PROD, ID["dave"], False)
    control("POST", "/knobs", {"cleaning_again_succeeds": True})
    clean(PROD, ID["bob"], True)
    equal(dict(of_user(ID["bob"]))[PROD], "Removed")


@suite.case
def cleaning_many_clusters_is_a_task():
    def start(**how):
        request = models.CleanUserPermissionsRequest(**how)
        return client.clean_user_permissions(ID["alice"], request).body.task_id

    control("POST", "/knobs", {"tasks_held": True})
    task = start(cluster_ids=[PROD, BATCH], force=True)
    assert task.startswith(f"clean-user-permissions-{ID['alice']}-"), task
    equal(client.describe_task_info(task).body.state, "running")
    control("POST", "/knobs", {"tasks_held": False})
    control("POST", "/clock", {"advance_seconds": 5})
    body = client.describe_task_info(task).body
    equal((body.state, [result.status for result in body.task_result]), ("success", ["success", "success"]))
    equal([state for _, state in of_user(ID["alice"])], ["Removed", "Removed", "Unexpired"])
    task = start(cluster_ids=[DEV], force=False)
    control("POST", "/clock", {"advance_seconds": 5})
    body = client.describe_task_info(task).body
    equal((body.state, body.error.code), ("fail", "ErrorAccessRecordsNotFound"))
    refused(404, "ErrorTaskNotFound", client.describe_task_info, "nothing")


@suite.case
def a_task_is_cancelled():
    control("POST", "/knobs", {"tasks_held": True})
    request = models.CleanUserPermissionsRequest(cluster_ids=[DEV], force=True)
    task = client.clean_user_permissions(ID["carol"], request).body.task_id
    client.cancel_task(task)
    control("POST", "/knobs", {"tasks_held": False})
    equal(client.describe_task_info(task).body.state, "canceled")
    refused(404, "ErrorTaskNotFound", client.cancel_task, "nothing")


@suite.case
def permissions_are_granted_replaced_patched_and_withdrawn():
    uid = ID["carol"]
    item = lambda role, cluster=DEV: {"cluster": cluster, "role_name": role, "role_type": "cluster"}

    def update(mode, *items):
        body = [models.UpdateUserPermissionsRequestBody(**one) for one in items]
        client.update_user_permissions(uid, models.UpdateUserPermissionsRequest(body=body, mode=mode))

    grant = [models.GrantPermissionsRequestBody(**item("dev"))]
    client.grant_permissions(uid, models.GrantPermissionsRequest(body=grant))
    equal(roles(uid), [(DEV, "dev")])
    update("patch", item("ops", PROD))
    equal(roles(uid), sorted([(DEV, "dev"), (PROD, "ops")]))
    update("delete", item("dev"))
    equal(roles(uid), [(PROD, "ops")])
    update("apply", item("admin"))
    equal(roles(uid), [(DEV, "admin")])
    wrong = models.UpdateUserPermissionsRequest(body=[], mode="nonsense")
    refused(400, "InvalidParameter.mode", client.update_user_permissions, uid, wrong)
    nowhere = [models.GrantPermissionsRequestBody(**item("dev", NOWHERE))]
    refused(404, "ErrorClusterNotFound", client.grant_permissions, uid, models.GrantPermissionsRequest(body=nowhere))


@suite.case
def kubeconfigs_are_issued_prolonged_and_revoked():
    own = client_of(package, "cs", "bob")
    request = models.DescribeClusterUserKubeconfigRequest(temporary_duration_minutes=30)
    body = own.describe_cluster_user_kubeconfig(DEV, request).body
    assert "client-certificate-data" in body.config and body.expiration.endswith("Z")
    request = models.DescribeSubaccountK8sClusterUserConfigRequest()
    body = client.describe_subaccount_k8s_cluster_user_config(DEV, ID["bob"], request).body
    assert "client-certificate-data" in body.config
    equal(dict(of_user(ID["bob"]))[DEV], "Unexpired")
    request = models.UpdateK8sClusterUserConfigExpireRequest(user=ID["bob"], expire_hour=1)
    client.update_k8s_cluster_user_config_expire(DEV, request)
    control("POST", "/clock", {"advance_seconds": 7200})
    equal(dict(of_user(ID["bob"]))[DEV], "Expired")
    equal(own.revoke_k8s_cluster_kube_config(DEV).status_code, 200)
    equal(dict(of_user(ID["bob"]))[DEV], "Unexpired")
    request = models.DescribeClusterUserKubeconfigRequest(temporary_duration_minutes=5)
    refused(400, "InvalidParameter.TemporaryDurationMinutes", own.describe_cluster_user_kubeconfig, DEV, request)


@suite.case
def a_deleted_kubeconfig_is_restored_in_the_console():
    control("POST", "/kubeconfigs/restore", {"cluster": PROD, "uid": ID["dave"]})
    equal(dict(of_user(ID["dave"]))[PROD], "Unexpired")


suite.run()
