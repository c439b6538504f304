//! The routes: `POST`, `PUT`, `PATCH` and `DELETE` in `commands`, `GET` in `queries`, HTML in `pages`.

pub(crate) mod commands;
pub(crate) mod pages;
pub(crate) mod queries;
