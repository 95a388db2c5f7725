"""Package alibabacloud-ram20150501 1.3.0 against the emulated Resource Access Management."""

import alibabacloud_ram20150501 as package
import alibabacloud_ram20150501.client  # noqa: F401
from alibabacloud_ram20150501 import models

from harness import EMULATOR, Suite, equal
from openapi import check_gateway, client_of, refused

suite = Suite("ram/python")
client = client_of(package, "ram")
ID = {identity["name"]: identity["id"] for identity in EMULATOR["identities"]}
POLICY = '{"Version":"1","Statement":[]}'


def user(name):
    return client.get_user(models.GetUserRequest(user_name=name)).body.user


def create(name, display_name="Somebody"):
    return client.create_user(models.CreateUserRequest(user_name=name, display_name=display_name)).body.user


def delete(name):
    client.delete_user(models.DeleteUserRequest(user_name=name))


def pages(call, request, names):
    """Every name, page by page."""
    found, marker = [], None
    while True:
        body = call(request(marker=marker, max_items=1)).body
        found.append(names(body))
        marker = body.marker
        equal(body.is_truncated, marker is not None)
        if marker is None:
            return found


check_gateway(suite, package, "ram", "ListUsers", lambda by: by.list_users(models.ListUsersRequest()))


@suite.case
def users_are_listed_in_pages():
    found = pages(client.list_users, models.ListUsersRequest, lambda body: [u.user_name for u in body.users.user])
    equal(found, [["alice"], ["bob"], ["carol"]])
    refused(400, "InvalidParameter.MaxItems", client.list_users, models.ListUsersRequest(max_items=1001))
    refused(400, "InvalidParameter.Marker", client.list_users, models.ListUsersRequest(marker="nonsense"))


@suite.case
def roles_are_listed_in_pages():
    found = pages(client.list_roles, models.ListRolesRequest, lambda body: [r.role_name for r in body.roles.role])
    equal(found, [["ci-deployer"], ["reaper"]])


@suite.case
def a_user_is_found_by_name():
    equal((user("alice").user_id, user("alice").display_name), (ID["alice"], "Alice Adams"))
    refused(404, "EntityNotExist.User", user, "dave")
    refused(404, "EntityNotExist.User", user, "nobody")


@suite.case
def a_user_is_created_renamed_and_deleted():
    created = create("erin")
    refused(409, "EntityAlreadyExists.User", create, "erin")
    refused(400, "InvalidParameter.UserName", create, "not a name")
    request = models.UpdateUserRequest(user_name="erin", new_user_name="erika", new_display_name="Erika")
    equal(client.update_user(request).body.user.user_id, created.user_id)
    equal(user("erika").display_name, "Erika")
    refused(404, "EntityNotExist.User", user, "erin")
    delete("erika")
    refused(404, "EntityNotExist.User", delete, "erika")


@suite.case
def a_name_that_is_free_again_belongs_to_somebody_else():
    first = create("frank").user_id
    delete("frank")
    second = create("frank").user_id
    assert first != second
    delete("frank")


@suite.case
def a_user_with_access_keys_is_not_deleted():
    refused(409, "DeleteConflict.User.AccessKey", delete, "bob")


@suite.case
def a_role_is_created_and_deleted():
    request = models.CreateRoleRequest(role_name="auditor", assume_role_policy_document=POLICY, description="Looks")
    created = client.create_role(request).body.role
    found = client.get_role(models.GetRoleRequest(role_name="auditor")).body.role
    equal((found.role_id, found.description), (created.role_id, "Looks"))
    assert found.arn.endswith(":role/auditor"), found.arn
    refused(409, "EntityAlreadyExists.Role", client.create_role, request)
    client.delete_role(models.DeleteRoleRequest(role_name="auditor"))
    for call, request in ((client.get_role, models.GetRoleRequest), (client.delete_role, models.DeleteRoleRequest)):
        refused(404, "EntityNotExist.Role", call, request(role_name="auditor"))
    bad = models.CreateRoleRequest(role_name="bad", assume_role_policy_document="no JSON")
    refused(400, "InvalidParameter.AssumeRolePolicyDocument", client.create_role, bad)


suite.run()
