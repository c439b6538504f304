//! Parameters in paths and queries, judged by the OpenAPI document: invalid, unknown and repeated ones
//! are reported all at once, after the caller's rights.

mod rule;

use std::{collections::BTreeMap, sync::Arc};

use keyward_core::{
    Refusal,
    error::{Flaw, ParameterFlaw},
};
use percent_encoding::percent_decode_str;
use poem::{Endpoint, EndpointExt as _, IntoEndpoint, Request, Response, http::Uri};
use serde_json::Value;

use rule::Rule;

use super::{
    paths::Paths,
    problem::{self, Problem},
};

/// Flaws that a response names.
const MAX_FLAWS: usize = 20;
/// Longest name of a parameter in a response, in characters.
const MAX_NAME: usize = 64;

/// The parameters of every operation, by method and path.
#[derive(Debug)]
pub(crate) struct Parameters {
    paths: Paths,
    operations: BTreeMap<(String, String), Vec<Parameter>>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    is_in_path: bool,
    rule: Rule,
}

/// The flaws of a request's parameters.
#[derive(Debug, Clone)]
struct Flawed(Vec<ParameterFlaw>);

/// Refuses a request with flawed parameters. Extractors call it once they know that the caller may send
/// the request.
///
/// # Errors
///
/// 400 with all flaws.
pub(crate) fn check(request: &Request) -> Result<(), Problem> {
    match request.data::<Flawed>() {
        Some(Flawed(flaws)) => Err(Refusal::ParameterInvalid(flaws.clone()).into()),
        None => Ok(()),
    }
}

impl Parameters {
    /// The parameters in the OpenAPI document.
    pub(crate) fn new(document: &Value, paths: Paths) -> Self {
        let mut operations = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let all = operation["parameters"].as_array().into_iter().flatten();
                let all = all.filter_map(|one| Parameter::new(document, one)).collect();
                operations.insert((method.to_uppercase(), path.clone()), all);
            }
        }
        Self { paths, operations }
    }

    /// Judges the parameters of each request to an endpoint.
    pub(crate) fn wrap<E>(self, endpoint: E) -> impl Endpoint<Output = Response>
    where
        E: IntoEndpoint<Endpoint: 'static>,
    {
        let parameters = Arc::new(self);
        endpoint.around(move |inner, mut request| {
            let flaws = parameters.flaws(request.method().as_str(), request.original_uri());
            async move {
                if !flaws.is_empty() {
                    request.set_data(Flawed(flaws));
                }
                Ok(problem::answer(&*inner, request).await)
            }
        })
    }

    fn flaws(&self, method: &str, uri: &Uri) -> Vec<ParameterFlaw> {
        let template = self.paths.label(uri.path());
        let method = if method == "HEAD" { "GET" } else { method };
        let known = self.operations.get(&(method.to_owned(), template.to_string()));
        known.map_or_else(Vec::new, |known| flaws(known, &template, uri.path(), uri.query()))
    }
}

impl Parameter {
    /// A parameter in a path or a query; none for a header.
    fn new(document: &Value, described: &Value) -> Option<Self> {
        let is_in_path = match described["in"].as_str()? {
            "path" => true,
            "query" => false,
            _ => return None,
        };
        let name = described["name"].as_str()?.to_owned();
        Some(Self { name, is_in_path, rule: Rule::new(document, &described["schema"]) })
    }

    fn judge(&self, value: &str) -> Option<ParameterFlaw> {
        self.rule.check(value).err().map(|flaw| flaw_of(&self.name, flaw))
    }
}

/// The flaws of a path and a query.
fn flaws(
    known: &[Parameter],
    template: &str,
    path: &str,
    query: Option<&str>,
) -> Vec<ParameterFlaw> {
    let mut flaws = Vec::new();
    for (name, value) in template.split('/').zip(path.split('/')) {
        let parameter =
            known.iter().find(|one| one.is_in_path && name == format!("{{{}}}", one.name));
        let value = percent_decode_str(value).decode_utf8_lossy();
        flaws.extend(parameter.and_then(|parameter| parameter.judge(&value)));
    }
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if flaws.len() == MAX_FLAWS {
            break;
        }
        let parameter = known.iter().find(|one| !one.is_in_path && one.name == name);
        let is_repeated = seen.iter().any(|one| *one == name);
        flaws.extend(match parameter {
            None => {
                let names = known.iter().filter(|one| !one.is_in_path).map(|one| &*one.name);
                Some(flaw_of(&name, unknown(&names.collect::<Vec<_>>())))
            }
            Some(_) if is_repeated => {
                let flaw = Flaw::new("repeated", "this parameter may be sent once");
                Some(flaw_of(&name, flaw))
            }
            Some(parameter) => parameter.judge(&value),
        });
        seen.push(name.into_owned());
    }
    flaws
}

fn unknown(known: &[&str]) -> Flaw {
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    Flaw::new("unknown_parameter", format!("this parameter does not exist; there are: {known}"))
}

fn flaw_of(name: &str, flaw: Flaw) -> ParameterFlaw {
    let mut parameter: String = name.chars().take(MAX_NAME).collect();
    if parameter.len() < name.len() {
        parameter.push('…');
    }
    ParameterFlaw { parameter, flaw }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(path: &str, query: &str) -> Vec<(String, &'static str)> {
        let document = crate::openapi_document().unwrap();
        let paths = Paths::new(&document, [].into_iter());
        let parameters = Parameters::new(&document, paths);
        let uri = format!("{path}?{query}").parse().unwrap();
        let flaws = parameters.flaws("GET", &uri).into_iter();
        flaws.map(|flaw| (flaw.parameter, flaw.flaw.code)).collect()
    }

    #[test]
    fn all_flaws_are_found_at_once() {
        let flaws = found("/v1/users/x%20/mails", "limit=0&limit=7&role=king&state");
        let expected = [
            ("id", "malformed"),
            ("limit", "out_of_range"),
            ("limit", "repeated"),
            ("role", "unknown_parameter"),
            ("state", "unknown_parameter"),
        ];
        assert_eq!(flaws, expected.map(|(name, code)| (name.to_owned(), code)));
    }

    #[test]
    fn values_have_the_rules_of_the_document() {
        assert_eq!(found("/v1/users", "limit=100&role=admin&status=active&query=%C3%AB"), []);
        for (query, code) in [
            ("limit=x", "malformed"),
            ("limit=", "malformed"),
            ("limit=%2b1", "malformed"),
            ("limit=101", "out_of_range"),
            ("role=king", "unknown_value"),
            ("status=", "unknown_value"),
            (&format!("query={}", "x".repeat(255)), "too_long"),
        ] {
            let name = query.split('=').next().unwrap().to_owned();
            assert_eq!(found("/v1/users", query), [(name, code)], "{query}");
        }
        assert_eq!(found("/v1/nowhere", "x=1"), [], "an unknown path has no parameters");
    }

    proptest! {
        #[test]
        fn any_query_gets_a_bounded_answer(query in "[a-z=&%0-9]{0,2000}") {
            let known = [Parameter {
                name: "limit".into(),
                is_in_path: false,
                rule: Rule::Number { min: 1, max: 100 },
            }];
            let flaws = flaws(&known, "/", "/", Some(&query));
            prop_assert!(flaws.len() <= MAX_FLAWS);
            prop_assert!(flaws.iter().all(|flaw| flaw.parameter.chars().count() <= MAX_NAME + 1));
        }
    }
}
