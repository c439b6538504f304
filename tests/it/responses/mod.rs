//! The responses that every route of a class has in common. The routes come from the OpenAPI
//! document, so these tests cover a new route as soon as it exists.

mod bodies;
mod callers;
mod keyed;
mod outages;
mod parameters;
mod requests;
mod throttled;
