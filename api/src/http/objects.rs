//! Objects of the OpenAPI document that are made from one value.

/// Declares objects and the value that each is made from. A member has its type and its source, which
/// is converted with `into`.
macro_rules! objects {
    ($(
        $(#[$attribute:meta])*
        $name:ident from $source:tt: $type:ty {
            $($(#[$member_attribute:meta])* $member:ident: $member_type:ty = $value:expr,)+
        }
    )+) => {$(
        #[derive(Debug, poem_openapi::Object)]
        $(#[$attribute])*
        pub(crate) struct $name {
            $($(#[$member_attribute])* pub(crate) $member: $member_type,)+
        }

        impl From<$type> for $name {
            fn from($source: $type) -> Self {
                Self { $($member: $value.into(),)+ }
            }
        }
    )+};
}

pub(crate) use objects;
