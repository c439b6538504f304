//! The OpenAPI document: what poem-openapi emits, corrected and made exact.

mod bounds;

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, json};

use crate::http::rate_limit;

/// Operations that may contradict what is there (409).
const CONFLICTS: &[&str] = &[
    "register_user",
    "delete_account",
    "change_role",
    "change_status",
    "delete_user",
    "force_password_reset",
    "ping_webhook",
    "redeliver_webhook",
];
/// Operations that may be refused to somebody we know (403), beside those of administrators.
const FORBIDS: &[&str] = &["log_in", "change_password", "request_email_change", "delete_account"];

/// Corrects the document that poem-openapi emits:
///
/// - bare media types, because generators stumble over `; charset=utf-8`;
/// - every problem as `application/problem+json` and as `application/json`, which `Accept` chooses;
/// - only the failures a route can really have;
/// - bodies of requests without unknown members, and members that may be null said to be so;
/// - what is sent, with its bounds;
/// - a reference with words of its own as nothing but a reference and words.
///
/// # Errors
///
/// If the document is not JSON, which is a defect.
pub(crate) fn document(emitted: &str) -> anyhow::Result<Value> {
    let Emitted { paths: Paths(paths), mut rest } = serde_json::from_str(emitted)?;
    rest.insert("openapi".into(), json!("3.0.3"));
    rest.insert("paths".into(), paths.into());
    let mut document = Value::Object(rest);
    let mut asked = Vec::new();
    for (path, item) in members(&mut document["paths"]) {
        for (method, operation) in members(item) {
            let has_body = operation.get("requestBody").is_some();
            let has_security = operation.get("security").is_some();
            let is_sign_in = path.starts_with("/v1/sessions");
            asked.extend(schema_of_body(operation));
            let id = operation["operationId"].as_str().unwrap_or_default();
            let is_for_admins = operation["security"].to_string().contains("administrator");
            let if_match = operation["parameters"].as_array().into_iter().flatten();
            let if_match = if_match.clone().find(|parameter| parameter["name"] == "If-Match");
            let impossible = [
                (!has_body, &["408", "413", "415", "422"][..]),
                (!CONFLICTS.contains(&id), &["409"]),
                (!has_security && !is_sign_in, &["401"]),
                (!is_for_admins && !FORBIDS.contains(&id), &["403"]),
                (!path.contains('{'), &["404"]),
                (if_match.is_none(), &["412"]),
                (if_match.is_none_or(|parameter| parameter["required"] != true), &["428"]),
                (!rate_limit::covers(method, path), &["429"]),
            ];
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap_or_default();
                let bounds = bounds::of_parameter(name);
                narrow(&mut parameter["schema"], bounds);
            }
            let responses = &mut operation["responses"];
            let impossible: Vec<&str> = impossible
                .iter()
                .filter(|(so, _)| *so)
                .flat_map(|(_, list)| *list)
                .copied()
                .collect();
            if let Some(responses) = responses.as_object_mut() {
                responses.retain(|status, _| !impossible.contains(&status.as_str()));
            }
            for (_, response) in members(responses) {
                if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) {
                    *content = media_types(std::mem::take(content));
                }
            }
        }
    }
    let schemas = document.pointer_mut("/components/schemas");
    for (name, schema) in schemas.into_iter().flat_map(members) {
        allow_null(schema);
        keep_references(schema);
        if asked.contains(name) {
            schema["additionalProperties"] = json!(false);
            for (name, property) in schema.get_mut("properties").into_iter().flat_map(members) {
                narrow(property, bounds::of_member(name));
            }
        }
    }
    Ok(document)
}

/// Adds bounds to a schema.
fn narrow(schema: &mut Value, bounds: Option<Value>) {
    if let (Value::Object(schema), Some(Value::Object(bounds))) = (schema, bounds) {
        schema.extend(bounds);
    }
}

/// The name of the schema of an operation's JSON body.
fn schema_of_body(operation: &Value) -> Option<String> {
    let content = operation.get("requestBody")?.get("content")?.get("application/json")?;
    let name = content["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(name.to_owned())
}

/// A member that need not be there is sent, and may be sent, as null.
fn allow_null(schema: &mut Value) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &String| {
        required.as_array().is_some_and(|all| all.iter().any(|known| known == name))
    };
    for (name, property) in schema.get_mut("properties").into_iter().flat_map(members) {
        if !is_required(name) && property.get("$ref").is_none() {
            property["nullable"] = json!(true);
        }
    }
}

/// A member that refers to a schema and has words of its own: poem-openapi repeats the words as a
/// second schema without a type, which generators of clients give up on.
fn keep_references(schema: &mut Value) {
    for (_, property) in schema.get_mut("properties").into_iter().flat_map(members) {
        if let Some(parts) = property.get_mut("allOf").and_then(Value::as_array_mut) {
            parts.retain(|part| part.get("$ref").is_some());
        }
    }
}

#[derive(Deserialize)]
struct Emitted {
    paths: Paths,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// The paths of a document. A path stands in it once for every struct that has a route there;
/// they are put together.
struct Paths(Map<String, Value>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Paths;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the paths of an OpenAPI document")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Paths, A::Error> {
                let mut paths = Map::new();
                while let Some((path, item)) = map.next_entry::<String, Map<String, Value>>()? {
                    let known = paths.entry(path).or_insert_with(|| json!({}));
                    known.as_object_mut().into_iter().for_each(|known| known.extend(item.clone()));
                }
                Ok(Paths(paths))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn media_types(emitted: Map<String, Value>) -> Map<String, Value> {
    let mut content = Map::new();
    for (media_type, schema) in emitted {
        let bare = media_type.split(';').next().unwrap_or_default().trim().to_owned();
        if bare == "application/problem+json" {
            content.insert("application/json".into(), schema.clone());
        }
        content.insert(bare, schema);
    }
    content
}

/// The paths there are and the methods each knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes(Arc<BTreeMap<Arc<str>, Vec<String>>>);

impl Routes {
    /// Those of the document and of the pages beside it.
    pub(crate) fn new(document: &Value, pages: &[(&str, &str)]) -> Self {
        let mut routes = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let methods = item.as_object().into_iter().flatten().map(|(m, _)| m.to_uppercase());
            routes.insert(path.as_str().into(), methods.collect::<Vec<_>>());
        }
        for (path, methods) in pages {
            routes.insert((*path).into(), methods.split(", ").map(str::to_owned).collect());
        }
        for methods in routes.values_mut() {
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".into());
            }
            methods.sort();
            methods.dedup();
        }
        Self(Arc::new(routes))
    }

    /// The template that a path matches, for logs, metrics and traces: it holds no ids.
    pub(crate) fn template(&self, path: &str) -> Option<&Arc<str>> {
        self.find(path).map(|(template, _)| template)
    }

    /// The methods that a path knows, as in header `Allow`.
    pub(crate) fn allow(&self, path: &str) -> String {
        self.find(path).map(|(_, methods)| methods.join(", ")).unwrap_or_default()
    }

    fn find(&self, path: &str) -> Option<(&Arc<str>, &Vec<String>)> {
        // An exact path goes before one with a parameter, as in the router.
        self.0.get_key_value(path).or_else(|| self.0.iter().find(|(known, _)| matches(known, path)))
    }
}

fn matches(template: &str, path: &str) -> bool {
    let (mut known, mut asked) = (template.split('/'), path.split('/'));
    loop {
        match (known.next(), asked.next()) {
            (None, None) => return true,
            (Some(known), Some(asked)) if known == asked || known.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_of_one_path_are_put_together() {
        let emitted =
            r#"{"paths": {"/a": {"get": {"responses": {}}}, "/a": {"post": {"responses": {}}}}}"#;
        let document = document(emitted).unwrap();
        assert_eq!(document["paths"]["/a"].as_object().unwrap().len(), 2);
    }

    #[test]
    fn a_path_finds_its_template_and_its_methods() {
        let document = json!({"paths": {
            "/v1/users/me": {"get": {}, "patch": {}},
            "/v1/users/{id}": {"get": {}, "delete": {}},
        }});
        let routes = Routes::new(&document, &[("/verify-email", "GET, POST")]);
        assert_eq!(routes.allow("/v1/users/me"), "GET, HEAD, PATCH");
        assert_eq!(routes.template("/v1/users/7"), Some(&"/v1/users/{id}".into()));
        assert_eq!(routes.allow("/verify-email"), "GET, HEAD, POST");
        assert_eq!(routes.template("/v1/users"), None);
    }
}
