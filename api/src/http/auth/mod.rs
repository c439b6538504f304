//! Authentication and authorization of callers (RFC 6750; OWASP ASVS 5.0, 8.2.1).
//!
//! A route names whom it admits by the type of its first argument:
//!
//! | argument | admits |
//! |---|---|
//! | [`AuthenticatedUser`] | the owner of an account |
//! | [`AdminUser`] | administrators |
//! | [`Scoped`] | service tokens with a scope, and administrators unless the scope is for services alone |

mod credential;
mod scheme;
mod scoped;
mod users;

pub(crate) use scoped::{
    EventsRead, RevocationsRead, Scoped, TokensIntrospect, UsersRead, UsersWrite, WebhooksWrite,
};
pub(crate) use users::{AdminUser, AuthenticatedUser};
