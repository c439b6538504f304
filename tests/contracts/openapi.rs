use std::collections::BTreeSet;

use serde_json::Value;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

fn document() -> Value {
    keyward_api::openapi_document().unwrap()
}

/// Every operation: its name, as `POST /v1/users`, and its description.
fn operations() -> Vec<(String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.push((format!("{} {path}", method.to_uppercase()), operation.clone()));
        }
    }
    operations
}

fn responses(operation: &Value) -> Vec<(u16, Value)> {
    let responses = operation["responses"].as_object().unwrap();
    responses.iter().map(|(status, response)| (status.parse().unwrap(), response.clone())).collect()
}

fn media_types(response: &Value) -> BTreeSet<&str> {
    let content = response["content"].as_object();
    content.into_iter().flat_map(|content| content.keys().map(String::as_str)).collect()
}

/// Frozen: clients are generated from it. Review every line of a difference.
#[test]
fn the_document_is_frozen() {
    insta::assert_json_snapshot!(document());
}

#[test]
fn the_statuses_of_every_route_are_listed() {
    let lines = operations().into_iter().map(|(name, operation)| {
        let statuses = responses(&operation).into_iter().map(|(status, _)| status.to_string());
        format!("{name}: {}", statuses.collect::<Vec<_>>().join(" "))
    });

    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_error_is_a_problem_in_both_media_types() {
    for (name, operation) in operations() {
        for (status, response) in responses(&operation).iter().filter(|(status, _)| *status >= 400)
        {
            assert_eq!(media_types(response), BTreeSet::from([JSON, PROBLEM]), "{name} {status}");
            for (_, media) in response["content"].as_object().unwrap() {
                assert_eq!(media["schema"]["$ref"], "#/components/schemas/Problem", "{name}");
            }
        }
    }
}

#[test]
fn media_types_have_no_parameters() {
    for (name, operation) in operations() {
        let request = media_types(&operation["requestBody"]).into_iter().map(str::to_owned);
        let answers = responses(&operation);
        let answers = answers.iter().flat_map(|(_, response)| media_types(response));
        for media_type in request.chain(answers.map(str::to_owned)) {
            assert!(!media_type.contains([';', ' ']), "{name}: {media_type}");
        }
    }
}

#[test]
fn every_operation_has_a_unique_id_and_one_tag() {
    let operations = operations();
    let names: BTreeSet<&str> = operations
        .iter()
        .map(|(_, operation)| operation["operationId"].as_str().unwrap())
        .collect();

    assert_eq!(names.len(), operations.len(), "operationIds are unique");
    for name in names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
    }
    for (name, operation) in &operations {
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{name}");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{name}");
    }
}

#[test]
fn every_route_documents_its_errors() {
    for (name, operation) in operations() {
        let statuses: BTreeSet<u16> = responses(&operation).iter().map(|(s, _)| *s).collect();
        let must = |status| assert!(statuses.contains(&status), "{name}: {status} is missing");
        if operation.get("requestBody").is_some() {
            [400, 413, 415].into_iter().for_each(must);
            // Only the signature of a report is judged, and a form is complete or malformed.
            if !name.contains("/mail-reports/") && !name.contains("/introspect") {
                must(422);
            }
        }
        if operation.get("security").is_some() {
            must(401);
        }
        assert!(statuses.iter().any(|status| (200..300).contains(status)), "{name}");
        assert!(!statuses.contains(&405), "{name}: 405 belongs to paths, not to operations");
    }
}

#[test]
fn only_429_and_503_have_retry_after() {
    for (name, operation) in operations() {
        for (status, response) in responses(&operation) {
            let announces = response["headers"].as_object().is_some_and(|headers| {
                headers.keys().any(|n| n.eq_ignore_ascii_case("retry-after"))
            });
            assert_eq!(announces, matches!(status, 429 | 503), "{name} {status}");
        }
    }
}

#[test]
fn every_schema_exists_and_is_used() {
    let document = document();
    let text = document.to_string();
    let known: BTreeSet<&str> =
        document["components"]["schemas"].as_object().unwrap().keys().map(String::as_str).collect();
    let used: BTreeSet<&str> = text
        .split("#/components/schemas/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();

    assert_eq!(used, known);
}
