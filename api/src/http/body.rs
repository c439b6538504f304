//! JSON bodies, read strictly: bounded, no unknown member ignored, all mistakes reported at once
//! (OWASP ASVS 5.0, 15.3.3 and 15.3.5).

use keyward_core::{
    App, Refusal,
    error::{FieldFlaw, Flaw, Flaws},
    settings::Http,
};
use poem::{Request, RequestBody, error::ReadBodyError, http::StatusCode};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::{Map, Value};

use crate::http::{
    json,
    problem::{self, Problem},
};

/// A JSON body of type `T`, and what its shape breaks. The route checks the values, too, so that
/// all flaws are reported together.
#[derive(Debug)]
pub(crate) struct Body<T> {
    value: T,
    flaws: Flaws,
}

impl<T> Body<T> {
    /// The members, and the flaws so far. Members that are missing or of a wrong type are empty.
    pub(crate) fn parts(self) -> (T, Flaws) {
        (self.value, self.flaws)
    }

    /// The members, for a route that has nothing more to check.
    pub(crate) fn whole(self) -> Result<T, Refusal> {
        self.flaws.all(Some(self.value))
    }
}

impl<'a, T: ParseFromJSON> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let media = MetaMediaType { content_type: "application/json", schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![media], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(parse(request, body).await?)
    }
}

/// The bytes of a body that is no file. They are counted, whatever the request says of them, and
/// all must come in time.
pub(crate) async fn read(body: poem::Body, app: &App) -> Result<Vec<u8>, Problem> {
    let Http { max_body_bytes, timeout, .. } = app.settings.http;
    match tokio::time::timeout(timeout, body.into_bytes_limit(max_body_bytes)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(ReadBodyError::PayloadTooLarge)) => {
            let detail = format!("the body has more than {max_body_bytes} bytes");
            Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail))
        }
        Ok(Err(_)) => Err(malformed("the body could not be read")),
        Err(_) => {
            let detail = "the body did not come in time";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "too_slow", detail))
        }
    }
}

async fn parse<T: ParseFromJSON>(
    request: &Request,
    body: &mut RequestBody,
) -> Result<Body<T>, Problem> {
    if !is_json(request.content_type()) {
        let detail = "the body must be sent as application/json";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "wrong_media_type", detail));
    }
    let body = body.take().map_err(|_| malformed("there is no body"))?;
    let app = request.data::<App>().ok_or_else(problem::defect)?;
    let bytes = read(body, app).await?;
    let value = json::parse(&bytes)
        .map_err(|error| malformed(&format!("the body is not JSON: {error}")))?;
    let Value::Object(mut members) = value else {
        let flaw = Flaw::new("wrong_type", "the body must be a JSON object");
        return Err(Problem::invalid(vec![FieldFlaw { pointer: String::new(), flaw }.into()]));
    };
    let flaws = check::<T>(&mut members);
    let value = T::parse_from_json(Some(Value::Object(members))).map_err(|error| {
        let flaw = Flaw::new("wrong_type", error.into_message());
        Problem::invalid(vec![FieldFlaw { pointer: String::new(), flaw }.into()])
    })?;
    Ok(Body { value, flaws: flaws.into() })
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

/// Exactly this media type; a charset is tolerated if it says what JSON is anyway.
fn is_json(content_type: Option<&str>) -> bool {
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
        && parts.all(|parameter| parameter.eq_ignore_ascii_case("charset=utf-8"))
}

/// Everything about the shape of a body that its schema does not allow. What is flawed is made
/// empty, and what is unknown is taken out, so that the rest can be checked, too.
fn check<T: Type>(members: &mut Map<String, Value>) -> Vec<FieldFlaw> {
    let mut registry = Registry::new();
    T::register(&mut registry);
    let schema = match T::schema_ref() {
        MetaSchemaRef::Reference(name) => registry.schemas.remove(&name),
        MetaSchemaRef::Inline(schema) => Some(*schema),
    };
    let schema = schema.unwrap_or_else(|| MetaSchema::new("object"));
    // The words that a member of a closed set may have.
    let words = |property: &MetaSchemaRef| match reference(property) {
        Some(name) => registry.schemas.get(name).map_or(&[][..], |schema| &schema.enum_items),
        None => &[],
    };
    let mut flaws = Vec::new();
    for (name, property) in &schema.properties {
        let value = members.get(*name).filter(|value| !value.is_null());
        let flaw = match value {
            None if schema.required.contains(name) => {
                flaw(name, "required", "this member is needed")
            }
            Some(value) if !fits(value, property) => {
                let expected = format!("this member must be a {}", expected_type(property));
                flaw(name, "wrong_type", &expected)
            }
            Some(value) if !is_known_word(value, words(property)) => {
                let words: Vec<_> = words(property).iter().filter_map(Value::as_str).collect();
                let expected = format!("this member must be one of: {}", words.join(", "));
                flaw(name, "unknown_value", &expected)
            }
            _ => continue,
        };
        flaws.push(flaw);
        let word = words(property).first().cloned();
        members.insert((*name).into(), word.unwrap_or_else(|| empty(property)));
    }
    let is_known = |name: &str| schema.properties.iter().any(|(known, _)| *known == name);
    for name in members.keys().filter(|name| !is_known(name)) {
        flaws.push(flaw(name, "unknown_member", "there is no such member"));
    }
    members.retain(|name, _| is_known(name));
    flaws
}

fn empty(property: &MetaSchemaRef) -> Value {
    match expected_type(property) {
        "string" => "".into(),
        "integer" | "number" => 0.into(),
        "boolean" => false.into(),
        _ => Value::Null,
    }
}

/// The name of the schema that a property refers to, with or without words of its own.
fn reference(property: &MetaSchemaRef) -> Option<&str> {
    match property {
        MetaSchemaRef::Reference(name) => Some(name),
        MetaSchemaRef::Inline(schema) => schema.all_of.first().and_then(reference),
    }
}

fn is_known_word(value: &Value, words: &[Value]) -> bool {
    words.is_empty() || words.contains(value)
}

fn flaw(member: &str, code: &'static str, detail: &str) -> FieldFlaw {
    let pointer = match member {
        "" => String::new(),
        // The escapes of RFC 6901, section 3.
        name => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
    };
    FieldFlaw { pointer, flaw: Flaw::new(code, detail) }
}

fn expected_type(property: &MetaSchemaRef) -> &'static str {
    match property {
        MetaSchemaRef::Inline(schema) => schema.ty,
        MetaSchemaRef::Reference(_) => "object",
    }
}

fn fits(value: &Value, property: &MetaSchemaRef) -> bool {
    let MetaSchemaRef::Inline(schema) = property else { return true };
    let MetaSchema { ty, .. } = &**schema;
    match *ty {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => match &schema.items {
            Some(items) => {
                value.as_array().is_some_and(|all| all.iter().all(|one| fits(one, items)))
            }
            None => value.is_array(),
        },
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::{Enum, Object};
    use serde_json::json;

    use super::*;

    #[derive(Object)]
    struct Sample {
        email: String,
        nickname: Option<String>,
        tags: Option<Vec<String>>,
    }

    #[derive(Enum)]
    enum Colour {
        Red,
        Blue,
    }

    #[derive(Object)]
    struct Painted {
        /// With words of its own.
        colour: Colour,
    }

    #[test]
    fn a_word_of_no_closed_set_is_a_flaw_of_its_member() {
        for (word, expected) in [(json!("Red"), None), (json!("red"), Some("unknown_value"))] {
            let mut body = json!({"colour": word});
            let flaws = check::<Painted>(body.as_object_mut().unwrap());
            assert_eq!(flaws.first().map(|field| field.flaw.code), expected);
            assert!(Painted::parse_from_json(Some(body)).is_ok());
        }
    }

    fn codes(mut value: Value) -> Vec<(String, &'static str)> {
        check::<Sample>(value.as_object_mut().unwrap())
            .into_iter()
            .map(|f| (f.pointer, f.flaw.code))
            .collect()
    }

    #[test]
    fn every_flaw_of_the_shape_is_reported_at_once() {
        let body = json!({"nickname": 7, "tags": ["a", 1], "role": "admin", "a/b~c": 1});
        assert_eq!(
            codes(body),
            [
                ("/email".into(), "required"),
                ("/nickname".into(), "wrong_type"),
                ("/tags".into(), "wrong_type"),
                ("/a~1b~0c".into(), "unknown_member"),
                ("/role".into(), "unknown_member"),
            ]
        );
        let good = json!({"email": "a@b.c", "nickname": null, "tags": ["a"]});
        assert_eq!(codes(good), []);
    }

    #[test]
    fn only_json_is_json() {
        assert!(is_json(Some("application/json")));
        assert!(is_json(Some("application/json; charset=utf-8")));
        for other in [
            None,
            Some("text/plain"),
            Some("application/json; charset=latin1"),
            Some("application/jsonp"),
        ] {
            assert!(!is_json(other), "{other:?}");
        }
    }
}
