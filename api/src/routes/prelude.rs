//! What most routes import. `commands` and `queries` are those of `keyward_core`.

pub(super) use keyward_core::{
    commands,
    domain::{DisplayName, EmailAddress, LinkId, Password, SessionId, UserId, WebhookId},
    queries,
};
pub(super) use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
pub(super) use uuid::Uuid;

pub(super) use super::answers::*;
pub(super) use crate::http::{
    auth::{
        AdminUser, AuthenticatedUser, EventsRead, Scoped, UsersRead, UsersWrite, WebhooksWrite,
    },
    body::Body,
    context::Context,
    etag::{IfMatch, IfNoneMatch, etag},
    idempotency::IdempotencyKey,
    objects::{Time, objects},
    pagination::{Listed, Page},
    problem::Problem,
    tags::Tag,
};
