"""Clients of the OpenAPI packages (CS, RAM, IMS, STS) against the emulator."""

from alibabacloud_tea_openapi.utils_models import Config

from harness import EMULATOR, address, equal, key_of


def client_of(package, service, owner="reaper", **changed):
    """A package's client with the key of an identity."""
    key = key_of(owner)
    settings = {
        "access_key_id": key["access_key_id"],
        "access_key_secret": key["access_key_secret"],
        "security_token": key.get("security_token"),
        "region_id": EMULATOR["region"],
        "endpoint": address(service),
        "protocol": "http",
        **changed,
    }
    return package.client.Client(Config(**settings))


def refused(status, code, function, *arguments):
    """Expects an error of the service, and gives it."""
    try:
        found = function(*arguments)
    except Exception as error:  # packages differ in what they throw
        found_status = getattr(error, "status_code", None) or (getattr(error, "data", None) or {}).get("statusCode")
        equal((found_status and int(found_status), getattr(error, "code", repr(error))), (status, code))
        return error
    raise AssertionError(f"not refused: {found!r}")


def check_gateway(suite, package, service, operation, call):
    """What the gateway answers in front of every service."""

    @suite.case
    def users_and_roles_are_let_in():
        for owner in ("root", "bob", "reaper"):
            call(client_of(package, service, owner))

    @suite.case
    def a_wrong_secret_is_denied():
        wrong = client_of(package, service, "root", access_key_secret="wrong")
        refused(400, "SignatureDoesNotMatch", call, wrong)

    @suite.case
    def an_unknown_key_is_denied():
        wrong = client_of(package, service, "root", access_key_id="nobody")
        refused(404, "InvalidAccessKeyId.NotFound", call, wrong)

    @suite.case
    def a_wrong_token_is_denied():
        wrong = client_of(package, service, "reaper", security_token="another")
        refused(400, "InvalidSecurityToken.MismatchWithAccessKey", call, wrong)

    @suite.case
    def errors_of_the_service_arrive_with_status_and_code():
        from harness import fail_next

        for status, code in ((500, "InternalError"), (503, "ServiceUnavailable"), (403, "Forbidden.RAM")):
            fail_next(operation, status, code)
            refused(status, code, call, client_of(package, service))

    @suite.case
    def throttling_is_understood():
        from harness import control

        control("POST", "/knobs", {"operations": {operation: {"throttling_rate": 1.0, "retry_after": 20}}})
        try:
            error = refused(429, "Throttling.User", call, client_of(package, service))
        finally:
            control("POST", "/knobs", {"operations": {}})
        equal((type(error).__name__, error.retry_after), ("ThrottlingException", 20))
