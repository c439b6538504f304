//! How a caller is extracted from a request.

/// Makes an extractor of a caller, which dereferences to the context of its request.
///
/// `$admits` names whom it admits, separated by blanks. `http::openapi` makes one security scheme of all
/// of them.
macro_rules! caller {
    ($caller:ident $(<$access:ident: $bound:ident>)? admits $admits:expr) => {
        impl<'a $(, $access: $bound)?> std::ops::Deref for $caller<'a $(, $access)?> {
            type Target = $crate::http::context::Context<'a>;

            fn deref(&self) -> &Self::Target {
                &self.context
            }
        }

        impl<'a $(, $access: $bound)?> poem_openapi::ApiExtractor<'a>
            for $caller<'a $(, $access)?>
        {
            const TYPES: &'static [poem_openapi::ApiExtractorType] =
                &[poem_openapi::ApiExtractorType::SecurityScheme];

            type ParamType = ();
            type ParamRawType = ();

            fn security_schemes() -> Vec<&'static str> {
                vec![$admits]
            }

            async fn from_request(
                request: &'a poem::Request,
                _: &mut poem::RequestBody,
                _: poem_openapi::ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                let caller = Self::of(request).await?;
                $crate::http::parameters::check(request)?;
                Ok(caller)
            }
        }
    };
}

pub(super) use caller;
