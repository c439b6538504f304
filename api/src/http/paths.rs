//! The paths of the API and its pages, with their methods.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

/// The paths and their methods.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths(Arc<BTreeMap<Arc<str>, Vec<String>>>);

impl Paths {
    /// The paths of the OpenAPI document, and others with methods as `Allow` lists them.
    pub(crate) fn new<'a>(
        document: &Value,
        others: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut paths = BTreeMap::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let methods = item.as_object().into_iter().flatten().map(|(m, _)| m.to_uppercase());
            paths.insert(path.as_str().into(), methods.collect::<Vec<_>>());
        }
        for (path, methods) in others {
            paths.insert(path.into(), methods.split(", ").map(str::to_owned).collect());
        }
        for methods in paths.values_mut() {
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".into());
            }
            methods.sort();
        }
        Self(Arc::new(paths))
    }

    /// The template that a path matches, or `-`. Holds no ids, so that it can label logs, metrics
    /// and traces.
    pub(crate) fn label(&self, path: &str) -> Arc<str> {
        self.find(path).map_or_else(|| "-".into(), |(template, _)| Arc::clone(template))
    }

    /// The methods of a path, as in the `Allow` header.
    pub(crate) fn allow(&self, path: &str) -> String {
        self.find(path).map(|(_, methods)| methods.join(", ")).unwrap_or_default()
    }

    fn find(&self, path: &str) -> Option<(&Arc<str>, &Vec<String>)> {
        // As in the router, an exact path takes precedence over one with a parameter.
        self.0.get_key_value(path).or_else(|| self.0.iter().find(|(known, _)| matches(known, path)))
    }
}

fn matches(template: &str, path: &str) -> bool {
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(|(t, p)| t == p || t.starts_with('{'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_finds_its_template_and_its_methods() {
        let document = json!({"paths": {
            "/v1/users/me": {"get": {}, "patch": {}},
            "/v1/users/{id}": {"get": {}, "delete": {}},
        }});
        let paths = Paths::new(&document, [("/verify-email", "GET, POST")].into_iter());
        assert_eq!(paths.allow("/v1/users/me"), "GET, HEAD, PATCH");
        assert_eq!(&*paths.label("/v1/users/7"), "/v1/users/{id}");
        assert_eq!(paths.allow("/verify-email"), "GET, HEAD, POST");
        assert_eq!(&*paths.label("/v1/users"), "-");
    }
}
