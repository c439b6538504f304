//! How a row of the tables of metrics becomes a field and its registration.

/// Declares a struct of metrics.
///
/// A row `/// help` `field: Type = "name", value;` registers a metric under this name, and its
/// documentation is the help text on `/metrics`. Without a value it is the default of its type.
macro_rules! metrics {
    (@new $type:ty) => { <$type>::default() };
    (@new $type:ty, $value:expr) => { $value };
    ($(#[$meta:meta])* $visibility:vis struct $struct:ident {$(
        $(#[doc = $help:literal])+
        $field_visibility:vis $field:ident: $type:ty = $name:literal $(, $value:expr)?;
    )+}) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        $visibility struct $struct {$(
            $(#[doc = $help])+
            $field_visibility $field: $type,
        )+}

        impl Default for $struct {
            fn default() -> Self {
                Self {$(
                    $field: metrics!(@new $type $(, $value)?),
                )+}
            }
        }

        impl $struct {
            /// Registers all metrics. A registry renders them.
            pub(super) fn register(&self, registry: &mut prometheus_client::registry::Registry) {$(
                registry.register($name, concat!($($help),+).trim(), self.$field.clone());
            )+}
        }
    };
}
