//! The security scheme of the document, and whom each operation admits.

use keyward_core::domain::Scope;
use serde_json::{Value, json};

/// The name of the scheme.
const SCHEME: &str = "bearer";

/// All bearer tokens have one scheme. OpenAPI 3.0 knows scopes only for OAuth flows, of which there are
/// none here, so the description lists them and each operation names its own.
pub(super) fn schemes() -> Value {
    let scopes: Vec<_> = Scope::ALL.iter().map(|scope| format!("`{}`", scope.as_str())).collect();
    let description = format!(
        "An access token from `POST /v1/sessions`, or a service token from `POST /v1/service-tokens`. \
         The scopes of service tokens are {}. `x-allowed-to` of an operation lists whom it admits: \
         `user`, `administrator`, and the scope of service tokens.",
        scopes.join(", "),
    );
    json!({SCHEME: {"type": "http", "scheme": "bearer", "description": description}})
}

/// Names whom an operation admits, in `x-allowed-to` and in its description.
pub(super) fn describe(operation: &mut Value) {
    let security = operation["security"][0].as_object();
    let Some(admits) = security.and_then(|schemes| schemes.keys().next()) else { return };
    let admits: Vec<String> = admits.split(' ').map(str::to_owned).collect();
    let sentence = match &admits[..] {
        [user] if user == "user" => None,
        [admins] if admins == "administrator" => Some("For administrators.".to_owned()),
        [_, scope] => {
            Some(format!("For administrators, and service tokens with the scope `{scope}`."))
        }
        scope => Some(format!("For service tokens with the scope `{}`.", scope.concat())),
    };
    let description = operation["description"].as_str().unwrap_or_default();
    let parts = [description].into_iter().map(str::to_owned).chain(sentence);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    if !parts.is_empty() {
        operation["description"] = parts.join("\n\n").into();
    }
    operation["security"] = json!([{SCHEME: []}]);
    operation["x-allowed-to"] = admits.into();
}
