//! JSON bodies, read strictly: bounded, no unknown member ignored, all mistakes reported at once
//! (OWASP ASVS 5.0, 15.3.3 and 15.3.5).

use keyward_core::{
    Refusal,
    error::{FieldFlaw, Flaw, Flaws},
};
use poem::{Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::{Map, Value};

use super::{payload, problem::Problem};

/// Number of unknown members that a response names. Their number is in the last one.
const MAX_UNKNOWN: usize = 20;
/// Longest name of a member in a response, in characters.
const MAX_NAME: usize = 64;

/// A JSON body of type `T` and the flaws of its shape. The route adds the flaws of the values, so
/// that the client sees all of them at once.
#[derive(Debug)]
pub(crate) struct Body<T> {
    value: T,
    flaws: Flaws,
}

impl<T> Body<T> {
    /// The members and the flaws so far. Missing and mistyped members are empty.
    pub(crate) fn parts(self) -> (T, Flaws) {
        (self.value, self.flaws)
    }

    /// The members, for a route that has nothing more to check.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] with the flaws of the shape.
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
        let Value::Object(mut members) = payload::read(request, body).await? else {
            return Err(wrong_shape("the body must be a JSON object").into());
        };
        let flaws = check::<T>(&mut members).into();
        let value = T::parse_from_json(Some(Value::Object(members)))
            .map_err(|error| wrong_shape(&error.into_message()))?;
        Ok(Self { value, flaws })
    }
}

fn wrong_shape(detail: &str) -> Problem {
    Refusal::invalid("", Flaw::new("wrong_type", detail)).into()
}

/// Compares the shape of a body with its schema. Replaces flawed members with empty values and
/// removes unknown ones, so that the route can check the rest.
fn check<T: Type>(members: &mut Map<String, Value>) -> Vec<FieldFlaw> {
    let mut registry = Registry::new();
    let schema = registry.create_fake_schema::<T>();
    let mut flaws = Vec::new();
    for (name, property) in &schema.properties {
        let words = words_of(property, &registry);
        let flaw = match members.get(*name).filter(|value| !value.is_null()) {
            None if schema.required.contains(name) => {
                Flaw::new("required", "this member is required")
            }
            Some(value) if !fits(value, property) => {
                Flaw::new("wrong_type", format!("this member must be a {}", type_of(property)))
            }
            Some(value) if !words.is_empty() && !words.contains(value) => {
                let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
                let detail = format!("this member must be one of: {}", words.join(", "));
                Flaw::new("unknown_value", detail)
            }
            _ => continue,
        };
        flaws.push(at(name, flaw));
        let placeholder = words.first().cloned().unwrap_or_else(|| empty(property));
        members.insert((*name).into(), placeholder);
    }
    let mut unknown = 0;
    members.retain(|name, _| {
        let is_known = schema.properties.iter().any(|(known, _)| known == name);
        if !is_known {
            unknown += 1;
            if unknown <= MAX_UNKNOWN {
                flaws.push(at(name, Flaw::new("unknown_member", "this member does not exist")));
            }
        }
        is_known
    });
    if unknown > MAX_UNKNOWN {
        let detail = format!("{} more members do not exist", unknown - MAX_UNKNOWN);
        flaws.push(FieldFlaw { pointer: String::new(), flaw: Flaw::new("unknown_member", detail) });
    }
    flaws
}

/// The words that a property with a closed set of words may have. Empty for any other property.
fn words_of<'a>(property: &'a MetaSchemaRef, registry: &'a Registry) -> &'a [Value] {
    match property {
        MetaSchemaRef::Reference(name) => {
            registry.schemas.get(name).map_or(&[], |schema| &schema.enum_items)
        }
        // A reference with a description of its own.
        MetaSchemaRef::Inline(schema) => {
            schema.all_of.first().map_or(&[], |reference| words_of(reference, registry))
        }
    }
}

fn at(member: &str, flaw: Flaw) -> FieldFlaw {
    let end = member.char_indices().nth(MAX_NAME).map(|(end, _)| end);
    // The escapes of RFC 6901, section 3.
    let mut escaped = member[..end.unwrap_or(member.len())].replace('~', "~0").replace('/', "~1");
    escaped.extend(end.map(|_| '\u{2026}'));
    FieldFlaw { pointer: format!("/{escaped}"), flaw }
}

fn empty(property: &MetaSchemaRef) -> Value {
    match type_of(property) {
        "string" => "".into(),
        "array" => Value::Array(Vec::new()),
        _ => Value::Null,
    }
}

fn type_of(property: &MetaSchemaRef) -> &'static str {
    match property {
        MetaSchemaRef::Inline(schema) => schema.ty,
        MetaSchemaRef::Reference(_) => "object",
    }
}

fn fits(value: &Value, property: &MetaSchemaRef) -> bool {
    let MetaSchemaRef::Inline(schema) = property else { return true };
    match schema.ty {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "array" => value.as_array().is_some_and(|all| {
            let fits_item = |item| schema.items.as_ref().is_none_or(|items| fits(item, items));
            all.iter().all(fits_item)
        }),
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
        /// A reference with a description of its own.
        colour: Colour,
    }

    fn flaws<T: ParseFromJSON>(mut body: Value) -> Vec<(String, &'static str)> {
        let members = body.as_object_mut().unwrap();
        let flaws = check::<T>(members);
        assert!(T::parse_from_json(Some(body)).is_ok(), "what is left can be parsed");
        flaws.into_iter().map(|field| (field.pointer, field.flaw.code)).collect()
    }

    #[test]
    fn a_value_outside_a_closed_set_is_a_flaw_of_its_member() {
        assert_eq!(flaws::<Painted>(json!({"colour": "Red"})), []);
        assert_eq!(
            flaws::<Painted>(json!({"colour": "red"})),
            [("/colour".into(), "unknown_value")]
        );
    }

    #[test]
    fn every_flaw_of_the_shape_is_reported_at_once() {
        let body = json!({"nickname": 7, "tags": ["a", 1], "role": "admin", "a/b~c": 1});
        assert_eq!(
            flaws::<Sample>(body),
            [
                ("/email".into(), "required"),
                ("/nickname".into(), "wrong_type"),
                ("/tags".into(), "wrong_type"),
                ("/a~1b~0c".into(), "unknown_member"),
                ("/role".into(), "unknown_member"),
            ]
        );
        let good = json!({"email": "a@b.c", "nickname": null, "tags": ["a"]});
        assert_eq!(flaws::<Sample>(good), []);
    }
}
