"""Package alibabacloud-ims20190815 3.5.0 against the emulated identity management."""

import alibabacloud_ims20190815 as package
import alibabacloud_ims20190815.client  # noqa: F401
from alibabacloud_ims20190815 import models

from harness import EMULATOR, Suite, control, equal, key_of
from openapi import check_gateway, client_of, refused

suite = Suite("ims/python")
client = client_of(package, "ims")
ID = {identity["name"]: identity["id"] for identity in EMULATOR["identities"]}


def login(name):
    return f"{name}@{EMULATOR['domain']}"


def get(**who):
    return client.get_user(models.GetUserRequest(**who)).body.user


def recycled(**how):
    body = client.list_users_in_recycle_bin(models.ListUsersInRecycleBinRequest(**how)).body
    return [(user.user_id, user.user_principal_name) for user in body.users.user]


check_gateway(suite, package, "ims", "GetUser",
              lambda by: by.get_user(models.GetUserRequest(user_principal_name=login("alice"))))


@suite.case
def a_user_is_found_by_login_name_id_or_access_key():
    equal(get(user_principal_name=login("alice")).user_id, ID["alice"])
    equal(get(user_id=ID["alice"]).user_principal_name, login("alice"))
    equal(get(user_access_key_id=key_of("bob")["access_key_id"]).user_id, ID["bob"])
    refused(404, "EntityNotExist.User", lambda: get(user_principal_name=login("nobody")))
    refused(404, "EntityNotExist.User", lambda: get(user_id=ID["dave"]))
    refused(400, "InvalidParameter.UserPrincipalName", lambda: get(user_principal_name="alice@elsewhere"))
    refused(400, "InvalidParameter.UserPrincipalName", lambda: get())


@suite.case
def a_user_is_created_and_renamed():
    request = models.CreateUserRequest(user_principal_name=login("grace"), display_name="Grace")
    created = client.create_user(request).body.user
    refused(409, "EntityAlreadyExists.User", client.create_user, request)
    request = models.UpdateUserRequest(user_id=created.user_id, new_user_principal_name=login("grete"))
    equal(client.update_user(request).body.user.user_principal_name, login("grete"))
    equal(get(user_principal_name=login("grete")).user_id, created.user_id)


@suite.case
def a_user_is_deleted_by_id_and_comes_back():
    uid = get(user_principal_name=login("grete")).user_id
    client.delete_user(models.DeleteUserRequest(user_id=uid))
    refused(404, "EntityNotExist.User", lambda: get(user_id=uid))
    assert (uid, login("grete")) in recycled()
    found = client.get_user_in_recycle_bin(models.GetUserInRecycleBinRequest(user_id=uid)).body.user
    equal(found.user_principal_name, login("grete"))
    client.restore_user_from_recycle_bin(models.RestoreUserFromRecycleBinRequest(user_id=uid))
    equal(get(user_id=uid).user_principal_name, login("grete"))
    refused(404, "EntityNotExist.User.RecycleBin", client.restore_user_from_recycle_bin,
            models.RestoreUserFromRecycleBinRequest(user_id=uid))


@suite.case
def a_user_is_deleted_by_login_name_and_for_good():
    uid = get(user_principal_name=login("grete")).user_id
    client.delete_user(models.DeleteUserRequest(user_principal_name=login("grete")))
    request = models.DeleteUserInRecycleBinRequest(user_id=uid)
    client.delete_user_in_recycle_bin(request)
    refused(404, "EntityNotExist.User.RecycleBin", client.delete_user_in_recycle_bin, request)
    refused(404, "EntityNotExist.User.RecycleBin", client.get_user_in_recycle_bin,
            models.GetUserInRecycleBinRequest(user_id=uid))


@suite.case
def the_recycle_bin_is_filtered_and_empties_itself():
    dave = (ID["dave"], login("dave"))
    equal(recycled(), [dave])
    equal(recycled(filter=f"UserPrincipalName eq {login('dave')}"), [dave])
    equal(recycled(filter=f"UserPrincipalName eq {login('nobody')}"), [])
    refused(400, "InvalidParameter.Filter", lambda: recycled(filter="UserId eq 1"))
    control("POST", "/clock", {"advance_seconds": 31 * 86400})
    # The session of the role has ended meanwhile.
    long_term = client_of(package, "ims", "bob")
    body = long_term.list_users_in_recycle_bin(models.ListUsersInRecycleBinRequest()).body
    equal(body.users.user, [])


suite.run()
