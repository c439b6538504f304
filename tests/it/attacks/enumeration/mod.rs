//! Enumeration: responses reveal nothing about an email address.

mod locks;
mod responses;
mod timing;
