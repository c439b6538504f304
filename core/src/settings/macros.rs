//! How a row of the table becomes a field, its documentation and the way it is read.

/// Declares a struct of settings.
///
/// A row `/// doc` `field: Type = kind("NAME", arguments)` reads the variable `NAME` with the method
/// `kind` of [`Reader`](super::reader::Reader). A row without `=` is a struct of more rows. `["Title"]`
/// begins a section of the generated documents.
macro_rules! settings {
    (@read $env:ident $type:ty, $doc:expr) => { <$type>::read($env) };
    (@read $env:ident $type:ty, $doc:expr, $kind:ident($variable:literal $(, $argument:expr)*)) => {
        $env.row($variable, $doc).$kind($($argument),*)
    };
    ($(#[$meta:meta])* pub struct $name:ident {$(
        $([$title:literal])?
        $(#[doc = $doc:literal])+
        $field:ident: $type:ty $(= $kind:ident($($row:tt)+))?,
    )+}) => {
        $(#[$meta])*
        pub struct $name {$(
            $(#[doc = $doc])+
            pub $field: $type,
        )+}

        impl $name {
            pub(super) fn read(env: &mut super::reader::Reader<'_>) -> Self {
                Self {$(
                    $field: {
                        $(env.section($title);)?
                        settings!(@read env $type, concat!($($doc),+) $(, $kind($($row)+))?)
                    },
                )+}
            }
        }
    };
}
