//! The whole suite produces every response of the OpenAPI document.

use std::{collections::BTreeSet, fs};

use keyward_tests::{documented, server};

/// Documented responses that no test produces, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("GET /.well-known/jwks.json 500", "it shows settings that were checked at start-up"),
    ("GET /.well-known/jwks.json 503", "it depends on no other service"),
    ("GET /v1/avatars/{key} 500", "it runs no SQL, and a failing blob store is 503"),
];

#[test]
#[ignore = "reads the record of the whole suite; `keyward-stack test` runs it last"]
fn every_documented_response_is_produced() {
    let record = fs::read_to_string(server("RESPONSES")).unwrap();
    let produced = record.lines().map(str::to_owned).collect();
    let excepted = EXCEPTIONS.iter().map(|(response, _)| (*response).to_owned()).collect();
    let missing: BTreeSet<String> = &documented() - &produced;

    let list = |responses: BTreeSet<String>| responses.into_iter().collect::<Vec<_>>().join("\n");
    assert_eq!(list(&missing - &excepted), "", "no test produces these responses");
    assert_eq!(list(&excepted - &missing), "", "these exceptions are produced or undocumented");
}
