//! What most routes import.

pub(super) use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
pub(super) use uuid::Uuid;

pub(super) use super::answers::{Accepted, NoContent};
pub(super) use crate::http::{
    auth::{AdminUser, AuthenticatedUser},
    body::Body,
    context::Context,
    etag::{IfMatch, IfNoneMatch, etag},
    objects::objects,
    pagination::{Listed, Page},
    problem::Problem,
    tags::Tag,
    time::Time,
};
