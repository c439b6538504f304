//! The HTTP layer: what every request and connection passes through, and what routes are built from.
//!
//! Nothing here imports a route. Within the layer, each row imports only from the rows above it:
//!
//! | layer | modules |
//! |---|---|
//! | values | `accept`, `client`, `content`, `host`, `json`, `objects`, `paths`, `share`, `tags` |
//! | errors | `problem`, then `parameters` |
//! | extractors and responses | `context`, `payload`, then `auth`, `body`, `cursor`, `etag`, `form`, `idempotency`, `pagination`, `upload` |
//! | middleware | `assets`, `cors`, `rate_limit`, `edge` |
//! | documents | `openapi`, `docs` |
//! | servers | `ops`, `server` |

pub(crate) mod accept;
pub(crate) mod assets;
pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod content;
pub(crate) mod context;
pub(crate) mod cors;
pub(crate) mod cursor;
pub(crate) mod docs;
pub(crate) mod edge;
pub(crate) mod etag;
pub(crate) mod form;
pub(crate) mod host;
pub(crate) mod idempotency;
pub(crate) mod json;
pub(crate) mod objects;
pub(crate) mod openapi;
pub(crate) mod ops;
pub(crate) mod pagination;
pub(crate) mod parameters;
pub(crate) mod paths;
pub(crate) mod payload;
pub(crate) mod problem;
pub(crate) mod rate_limit;
pub(crate) mod server;
pub(crate) mod share;
pub(crate) mod signed_body;
pub(crate) mod tags;
pub(crate) mod upload;
