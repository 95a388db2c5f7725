//! The OpenAPI document: what the routes say about themselves, and what is true of all of them.
//!
//! A route says which role it needs in its `security`; the errors that follow from that, from its parameters and from its
//! body are added here, so that no route can forget them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use crate::problem_type::ProblemType;

/// The methods that a path may have, as OpenAPI spells them.
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

const DESCRIPTION: &str = "Ends Kubernetes access that should no longer exist, and shows its history.\n\n\
    Errors are `application/problem+json` (RFC 9457); programs branch on `type`, one of those listed in the schema \
    `Problem`. Every answer has `x-request-id`; a problem has the same id in `instance`.\n\n\
    A token has one of the roles viewer, operator and approver; each may do what those before it may.";

/// The document with all that the routes have in common.
pub(crate) fn complete(routes: OpenApi) -> Value {
    // A structure of texts and maps always has a JSON form.
    let mut document = serde_json::to_value(routes).unwrap_or_default();
    document["info"] = json!({ "title": "Reaper", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION, "license": {
            "name": "Apache-2.0", "identifier": "Apache-2.0"
        } });
    if document["components"].is_null() {
        document["components"] = json!({});
    }
    document["components"]["securitySchemes"] = security_schemes();
    document["components"]["schemas"]["Problem"] = problem_schema();
    document["components"]["responses"] = responses();
    if let Some(paths) = document["paths"].as_object_mut() {
        for operation in paths.values_mut().flat_map(operations) {
            add_errors(operation);
        }
    }
    document
}

/// How callers show who they are.
fn security_schemes() -> Value {
    let signed = |header: &str, text: &str| json!({ "type": "apiKey", "in": "header", "name": header, "description": text });
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A token whose SHA-256 stands in `api.tokens`, or one that the issuer in `api.oidc` has signed (JWT). \
                The word in a route's `security` is the role it needs."
        },
        "slack": signed("X-Slack-Signature", "`v0=` and the HMAC-SHA256 of `v0:{X-Slack-Request-Timestamp}:{body}`, in hex."),
        "dingtalk": signed("sign", "The HMAC-SHA256 of `{timestamp}\\n{secret}`, in base64."),
        "feishu": signed("X-Lark-Signature", "SHA-256 of timestamp, nonce, encrypt key and body; SHA-1 with the \
            verification token for old cards; in hex."),
        "continuation": signed("x-reaper-signature", "Made by the function itself."),
    })
}

fn operations(path: &mut Value) -> impl Iterator<Item = &mut Value> {
    let methods = path.as_object_mut().into_iter().flat_map(Map::iter_mut);
    methods.filter(|(method, _)| METHODS.contains(&method.as_str())).map(|(_, operation)| operation)
}

/// Adds the errors to an operation, and the id of the request to its other answers.
fn add_errors(operation: &mut Value) {
    for status in errors(operation) {
        operation["responses"][status.to_string()] =
            json!({ "$ref": format!("#/components/responses/{status}") });
    }
    for response in operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if response.get("$ref").is_none() {
            response["headers"]["x-request-id"] =
                json!({ "description": "Id of the request.", "schema": { "type": "string" } });
        }
    }
}

/// What may go wrong follows from what the operation has. Every protected route refuses parameters that it does not have.
fn errors(operation: &Value) -> Vec<u16> {
    let mut errors = vec![500];
    if operation.get("security").is_some() {
        errors.extend([401, 422, 429, 503]);
    }
    // Roles are those of tokens; who has signed well may call.
    if operation.pointer("/security/0/bearer").is_some() {
        errors.push(403);
    }
    let parameters = operation["parameters"].as_array();
    let names_a_thing = parameters.is_some_and(|all| all.iter().any(|parameter| parameter["in"] == "path"));
    if names_a_thing || operation.pointer("/responses/404").is_some() {
        errors.push(404);
    }
    if operation.get("requestBody").is_some() {
        // Whoever sends something wants something done, and doing asks the cloud.
        errors.extend([400, 413, 415, 502]);
        if names_a_thing {
            errors.push(409);
        }
    }
    errors
}

/// One reusable response for each status that problems have.
fn responses() -> Value {
    let mut by_status: BTreeMap<u16, Vec<ProblemType>> = BTreeMap::new();
    for kind in ProblemType::ALL {
        by_status.entry(kind.status().as_u16()).or_default().push(kind);
    }
    by_status.into_iter().map(|(status, kinds)| (status.to_string(), response(status, &kinds))).collect()
}

fn response(status: u16, kinds: &[ProblemType]) -> Value {
    let lines = kinds.iter().map(|kind| format!("- `{}`: {}. {}", kind.uri(), kind.title(), kind.meaning()));
    let examples = kinds.iter().map(|kind| {
        let example = json!({
            "type": kind.uri(), "title": kind.title(), "status": status,
            "detail": kind.title(), "instance": "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11",
        });
        (kind.uri().trim_start_matches("/problems/").to_owned(), json!({ "value": example }))
    });
    let mut response = json!({
        "description": lines.collect::<Vec<_>>().join("\n"),
        "headers": {
            "x-request-id": { "description": "Id of the request.", "schema": { "type": "string" } }
        },
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" },
            "examples": examples.collect::<Map<_, _>>(),
        } },
    });
    let special = match status {
        401 | 403 => Some(("WWW-Authenticate", "The challenge (RFC 6750).", "string")),
        405 => Some(("Allow", "The methods of the path.", "string")),
        429 | 503 => Some(("Retry-After", "Seconds after which trying again makes sense.", "integer")),
        _ => None,
    };
    if let Some((name, description, kind)) = special {
        response["headers"][name] = json!({ "description": description, "schema": { "type": kind } });
    }
    response
}

fn problem_schema() -> Value {
    let member = |kind: &str, text: &str| json!({ "type": kind, "description": text });
    let types = ProblemType::ALL.map(ProblemType::uri).to_vec();
    json!({
        "type": "object",
        "description": "An error (RFC 9457). Which of the optional members are there depends on `type`.",
        "required": ["type", "title", "status", "detail", "instance"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "description": "What programs branch on.", "enum": types },
            "title": member("string", "The same for every problem of the type."),
            "status": member("integer", "The HTTP status."),
            "detail": member("string", "What happened, for people."),
            "instance": member("string", "Id of the request."),
            "parameter": member("string", "The parameter of path, query or header that does not fit."),
            "expected": member("string", "What would fit."),
            "choices": {
                "type": "array",
                "description": "What a name may mean, or, where it means nothing, what there is: `id` and what is `known`.",
                "items": { "type": "object" },
            },
            "field": member("string", "The place in the body, e.g. `clusters[1]`."),
            "line": member("integer", "Line of the body, from 1."),
            "column": member("integer", "Column of the body or of the parameter, from 1."),
            "limit": member("integer", "The most bytes."),
            "needs": member("string", "The role that is needed."),
            "rule": member("string", "The rule that forbids it."),
            "phase": member("string", "How far the revocation is instead."),
            "revocation": member("string", "The revocation it is about."),
            "message": member("string", "The message it is about."),
            "cloud": member("object", "`operation`, `code` and `requestId` of the call that failed."),
        },
    })
}
