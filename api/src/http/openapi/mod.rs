//! The OpenAPI document: what poem-openapi emits, made exact.

mod bounds;
mod documented;
mod security;

pub(crate) use documented::Documented;

use serde_json::{Map, Value, json};

/// Completes the document that poem-openapi emits:
///
/// - media types without parameters, because client generators fail on `; charset=utf-8`;
/// - every problem also as `application/json`, which a client may ask for;
/// - optional members as nullable, because they are sent and accepted as null;
/// - no unknown members in request bodies;
/// - the bounds of bodies, members and parameters;
/// - one security scheme, and whom each operation admits;
/// - a reference with a description of its own as one `allOf`. poem-openapi adds a second schema
///   without a type, which client generators reject.
///
/// # Errors
///
/// If the document is not valid JSON, which is a defect.
pub(crate) fn complete(emitted: &str) -> anyhow::Result<Value> {
    let mut document: Value = serde_json::from_str(&emitted.replace("; charset=utf-8\"", "\""))?;
    document["openapi"] = json!("3.0.3");
    correct(&mut document);
    let mut bodies = Vec::new();
    for (_, operation) in members(&mut document["paths"]).flat_map(|(_, item)| members(item)) {
        let body = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        bodies.extend(body.and_then(Value::as_str).map(str::to_owned));
        security::describe(operation);
        // Cursors of the event log are longer than those of lists.
        let is_log = operation["operationId"] == "list_revocations";
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            let bounds = bounds::of_parameter(name).filter(|_| !is_log || name != "cursor");
            narrow(&mut parameter["schema"], bounds);
        }
    }
    document["components"]["securitySchemes"] = security::schemes();
    for reference in bodies {
        let Some(schema) = document.pointer_mut(reference.trim_start_matches('#')) else {
            continue;
        };
        if schema["type"] != "object" {
            continue;
        }
        schema["additionalProperties"] = json!(false);
        narrow(schema, bounds::of_body(&reference));
        for (name, property) in members(&mut schema["properties"]) {
            narrow(property, bounds::of_member(name));
        }
    }
    Ok(document)
}

/// Corrects all media types and schemas within a value.
fn correct(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(problem) = object.get("application/problem+json").cloned() {
                object.insert("application/json".into(), problem);
            }
            if let Some(Value::Array(parts)) = object.get_mut("allOf") {
                parts.retain(|part| part.get("$ref").is_some());
            }
            allow_null(object);
            object.values_mut().for_each(correct);
        }
        Value::Array(items) => items.iter_mut().for_each(correct),
        _ => {}
    }
}

/// Makes the optional members of an object schema nullable.
fn allow_null(schema: &mut Map<String, Value>) {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    for (name, property) in schema.get_mut("properties").into_iter().flat_map(members) {
        if !required.iter().any(|known| known == name) && property.get("$ref").is_none() {
            property["nullable"] = json!(true);
        }
    }
}

/// Adds bounds to a schema.
fn narrow(schema: &mut Value, bounds: Option<Value>) {
    if let (Value::Object(schema), Some(Value::Object(bounds))) = (schema, bounds) {
        schema.extend(bounds);
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}
