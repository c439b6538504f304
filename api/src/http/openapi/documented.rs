//! What poem-openapi does not derive: one entry for each path, and the failures of each route.

use std::collections::{BTreeMap, HashMap};

use poem::{endpoint::BoxEndpoint, http::Method};
use poem_openapi::{
    OpenApi,
    registry::{MetaApi, MetaHeader, MetaOperation, MetaPath, Registry},
    types::Type as _,
};

use crate::http::{
    idempotency,
    payload::{FormFields, Parse as _},
    rate_limit,
};

/// Operations that can conflict with the state of a resource (409).
const CONFLICTS: &[&str] = &[
    "register_user",
    "delete_account",
    "change_role",
    "change_status",
    "delete_user",
    "force_password_reset",
    "resend_mail",
    "ping_webhook",
    "redeliver_webhook",
];
/// Operations without a bearer token that can be forbidden (403).
const FORBIDS: &[&str] = &["log_in", "record_mailgun_reports", "record_sendgrid_reports"];

/// Operations whose answer shows an account, which may be gone when the request is repeated (404).
const SHOWS_ACCOUNT: &[&str] = &["register_user", "accept_invitation"];

/// An API whose routes document each path once, and only the failures that can occur.
#[derive(Debug, Clone)]
pub(crate) struct Documented<A>(pub(crate) A);

impl<A: OpenApi> OpenApi for Documented<A> {
    fn meta() -> Vec<MetaApi> {
        // A path has an entry in every struct with a route for it. Duplicates would overwrite it.
        let mut paths = BTreeMap::<String, MetaPath>::new();
        for MetaPath { path, operations } in A::meta().into_iter().flat_map(|api| api.paths) {
            let empty = MetaPath { path: path.clone(), operations: vec![] };
            let merged = &mut paths.entry(path.clone()).or_insert(empty).operations;
            merged.extend(operations.into_iter().map(|mut operation| {
                let mut responses = std::mem::take(&mut operation.responses.responses);
                responses.retain(|r| r.status.is_none_or(|s| can_answer(s, &path, &operation)));
                if has_key(&operation) {
                    let is_success = |status| (200..300).contains(&status);
                    let successes =
                        responses.iter_mut().filter(|r| r.status.is_some_and(is_success));
                    successes.for_each(|response| response.headers.push(replayed()));
                }
                operation.responses.responses = responses;
                operation
            }));
        }
        vec![MetaApi { paths: paths.into_values().collect() }]
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
    }

    fn add_routes(self, table: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        self.0.add_routes(table);
    }
}

/// Whether an operation takes an `Idempotency-Key`.
fn has_key(operation: &MetaOperation) -> bool {
    operation.params.iter().any(|param| param.name.eq_ignore_ascii_case(idempotency::HEADER))
}

/// The header of an answer that was given before.
fn replayed() -> MetaHeader {
    let description = "Whether this is the answer to an earlier request with the same key.";
    MetaHeader {
        name: "Idempotency-Replayed".into(),
        description: Some(description.into()),
        required: false,
        deprecated: false,
        schema: bool::schema_ref(),
    }
}

/// Whether an operation can answer with a status.
fn can_answer(status: u16, path: &str, operation: &MetaOperation) -> bool {
    let id = operation.operation_id.unwrap_or_default();
    let mut admits = operation.security.iter().flat_map(|schemes| schemes.keys());
    let has_scope = admits.any(|admits| admits.contains(':'));
    let is_report = path.starts_with("/v1/mail-reports/");
    let is_form = operation.request.as_ref().is_some_and(|request| {
        request.content.iter().any(|media| media.content_type == FormFields::MEDIA_TYPE)
    });
    let mut if_match = operation.params.iter().filter(|parameter| parameter.name == "If-Match");
    match status {
        304 => operation.method == Method::GET,
        401 => !operation.security.is_empty() || path.starts_with("/v1/sessions"),
        // No scope lets a service token use the routes of an owner.
        403 => !operation.security.is_empty() || FORBIDS.contains(&id),
        404 => path.contains('{') || is_report || SHOWS_ACCOUNT.contains(&id),
        // Only the signature of a report is judged, and a form is complete or malformed.
        422 if is_report || is_form => false,
        408 | 413 | 415 => operation.request.is_some(),
        409 => CONFLICTS.contains(&id) || has_key(operation),
        422 => operation.request.is_some() || has_key(operation),
        412 => if_match.next().is_some(),
        428 => if_match.any(|parameter| parameter.required),
        429 => has_scope || rate_limit::covers(operation.method.as_str(), path),
        _ => true,
    }
}
