//! `docs/integrate/asyncapi.json` and the tables in `docs/integrate/event-catalogue.md` match the events
//! in the code.
//!
//! `INSTA_UPDATE=always` updates them, as it does with snapshots.

use std::{collections::BTreeMap, fs};

use keyward_core::{
    domain::{EventId, UserId},
    events::{CatalogueEntry, Envelope, Event, Field, WireForm},
    infra::clock::Clock,
    origin::Trace,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::sources::{check_generated, root};

const TABLE: (&str, &str) = ("<!-- the catalogue begins -->\n", "<!-- the catalogue ends -->\n");

/// The document: a channel, a message and an operation per event type.
fn document() -> Value {
    let catalogue = Event::catalogue();
    let each = |make: &dyn Fn(&CatalogueEntry) -> Value| -> Value {
        let entries = catalogue.iter().map(|entry| (entry.subject.to_owned(), make(entry)));
        entries.collect::<Map<_, _>>().into()
    };
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Keyward: events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Events of accounts, as messages of a NATS JetStream stream. Each is \
                delivered at least once; deduplicate by its id (`event_id`, header `Nats-Msg-Id`). \
                Events of one account are delivered in order, but a repetition may come later, so \
                compare `version`. The stream keeps seven days. Types and members are added, never \
                changed or removed: ignore unknown ones. Events contain ids and enumerated values, \
                no personal data.",
        },
        "defaultContentType": "application/json",
        "servers": {"nats": {
            "host": "127.0.0.1:4222",
            "protocol": "nats",
            "description": "The server in `NATS_URL`. The stream is called \
                `<namespace>-events`; create your own durable consumer.",
        }},
        "channels": each(&|CatalogueEntry { subject, doc, .. }| json!({
            "address": format!("{{namespace}}.events.{subject}"),
            "description": doc,
            "parameters": {"namespace": {"$ref": "#/components/parameters/namespace"}},
            "messages": {*subject: {"$ref": format!("#/components/messages/{subject}")}},
        })),
        "operations": each(&|CatalogueEntry { subject, doc, .. }| json!({
            "action": "send",
            "summary": doc,
            "channel": {"$ref": format!("#/channels/{subject}")},
            "messages": [{"$ref": format!("#/channels/{subject}/messages/{subject}")}],
        })),
        "components": {
            "parameters": {"namespace": {
                "description": "The setting `NAMESPACE`.",
                "default": "keyward",
            }},
            "messages": each(&|entry| message(entry)),
            "schemas": {"headers": headers(), "trace": trace()},
        },
    })
}

fn message(CatalogueEntry { subject, name, doc, fields }: &CatalogueEntry) -> Value {
    json!({
        "name": name,
        "title": subject,
        "summary": doc,
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "type": "object",
            "required": ["event_id", "occurred_at", "trace", "type", "data"],
            "properties": {
                "event_id": {
                    "type": "string", "format": "uuid",
                    "description": "The id of the event; a repetition has the same.",
                },
                "occurred_at": {
                    "type": "string", "format": "date-time",
                    "description": "Start time of its transaction.",
                },
                "trace": {"$ref": "#/components/schemas/trace"},
                "type": {"const": subject, "description": "Type of the event."},
                "data": {
                    "type": "object",
                    "required": fields.iter().map(|field| field.name).collect::<Vec<_>>(),
                    "properties": fields.iter().map(property).collect::<Map<_, _>>(),
                },
            },
        },
    })
}

fn property(Field { name, doc, form }: &Field) -> (String, Value) {
    let mut schema = schema(form);
    schema["description"] = json!(doc);
    ((*name).to_owned(), schema)
}

fn schema(form: &WireForm) -> Value {
    match form {
        WireForm::Uuid => json!({"type": "string", "format": "uuid"}),
        WireForm::Integer => json!({"type": "integer"}),
        // Not `enum`: values may be added.
        WireForm::Word(words) => json!({"type": "string", "examples": words}),
        WireForm::List(inner) => json!({"type": "array", "items": schema(inner)}),
        WireForm::Nullable(inner) => {
            let mut schema = schema(inner);
            schema["type"] = json!([schema["type"], "null"]);
            schema
        }
    }
}

fn headers() -> Value {
    json!({
        "type": "object",
        "required": ["Nats-Msg-Id", "traceparent"],
        "properties": {
            "Nats-Msg-Id": {
                "type": "string",
                "description": "`event_id`; JetStream drops duplicates within two minutes. It ends \
                    with `:` and a number if the stream had lost the event: deduplicate by \
                    `event_id`.",
            },
            "Nats-Expected-Last-Sequence": {
                "type": "string",
                "description": "Sequence number of the message before it, which JetStream checks. Of \
                    no use to consumers.",
            },
            "traceparent": {
                "type": "string",
                "description": "W3C Trace Context of the request; empty if there was none.",
            },
        },
    })
}

fn trace() -> Value {
    json!({
        "type": "object",
        "description": "The request that caused the event. Not in the event log and not in webhooks.",
        "required": ["request_id", "traceparent"],
        "properties": {
            "request_id": {"type": "string", "description": "Its `X-Request-Id`."},
            "traceparent": {"type": "string", "description": "As in the header."},
            "tracestate": {
                "type": "string",
                "description": "Its `tracestate`, if it was sent with a `traceparent`.",
            },
        },
    })
}

/// The tables of the event catalogue.
fn table() -> String {
    let row = |CatalogueEntry { subject, doc, fields, .. }: &CatalogueEntry| {
        let fields: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
        format!("| `{subject}` | {doc} | {} |\n", fields.join(", "))
    };
    let mut members: Vec<Field> = Vec::new();
    for field in Event::catalogue().into_iter().flat_map(|entry| entry.fields) {
        if !members.iter().any(|known| known.name == field.name) {
            members.push(field);
        }
    }
    let member =
        |Field { name, doc, .. }: &Field| format!("| `{name}` | {doc}{} |\n", values(name));
    let rows: String = Event::catalogue().iter().map(row).collect();
    let members: String = members.iter().map(member).collect();
    format!(
        "\n| type | when | members of `data` |\n|---|---|---|\n{rows}\n\
         | member | meaning |\n|---|---|\n{members}\n"
    )
}

/// The values of a member, in each event that has values of its own.
fn values(name: &str) -> String {
    let mut known = BTreeMap::<Vec<&str>, Vec<&str>>::new();
    for CatalogueEntry { subject, fields, .. } in Event::catalogue() {
        for field in fields {
            if let (true, WireForm::Word(words)) = (field.name == name, field.form) {
                known.entry(words).or_default().push(subject);
            }
        }
    }
    let listed = |words: &[&str]| words.join("`, `");
    if let [(words, _)] = &*Vec::from_iter(&known) {
        return format!(" One of `{}`.", listed(words));
    }
    let of = |(words, subjects): (Vec<&str>, Vec<&str>)| {
        format!(" In `{}`: `{}`.", listed(&subjects), listed(&words))
    };
    known.into_iter().map(of).collect()
}

#[test]
fn the_asyncapi_document_matches_the_catalogue() {
    let document = serde_json::to_string_pretty(&document()).unwrap();

    check_generated("docs/integrate/asyncapi.json", &format!("{document}\n"));
}

#[test]
fn the_table_of_events_matches_the_catalogue() {
    let page = fs::read_to_string(root().join("docs/integrate/event-catalogue.md")).unwrap();
    let (before, rest) = page.split_once(TABLE.0).unwrap();
    let (_, after) = rest.split_once(TABLE.1).unwrap();

    let expected = [before, TABLE.0, &table(), TABLE.1, after].concat();

    check_generated("docs/integrate/event-catalogue.md", &expected);
}

#[test]
fn the_document_has_the_members_of_an_event() {
    let event = Event::ProfileChanged { user_id: UserId(Uuid::from_u128(1)), version: 7 };
    let envelope = Envelope {
        event_id: EventId(Uuid::from_u128(9)),
        occurred_at: Clock::default().now(),
        trace: Trace { tracestate: "vendor=opaque".into(), ..Trace::default() },
        event,
    };
    let sent = serde_json::to_value(envelope).unwrap();

    let payload = &document()["components"]["messages"]["user.profile_changed"]["payload"];

    let names =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(names(&payload["properties"]), names(&sent));
    assert_eq!(names(&payload["properties"]["data"]["properties"]), names(&sent["data"]));
    let trace = &document()["components"]["schemas"]["trace"];
    assert_eq!(names(&trace["properties"]), names(&sent["trace"]));
}

#[test]
fn every_entry_of_the_catalogue_is_described() {
    for CatalogueEntry { subject, doc, fields, .. } in Event::catalogue() {
        assert!(doc.ends_with('.') && doc.len() > 10, "{subject}: {doc:?}");
        for field in fields {
            assert!(field.doc.ends_with('.'), "{subject}: {}", field.name);
        }
    }
}
