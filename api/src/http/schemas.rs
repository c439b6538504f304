//! The schemas of request bodies, as poem-openapi registers them when the process starts.

use std::{collections::BTreeMap, sync::Arc};

use poem_openapi::{
    OpenApi,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::Type,
};
use serde_json::Value;

/// All schemas of the API by name. Built once: a registry costs more than the request it serves.
#[derive(Debug, Clone)]
pub(crate) struct Schemas(Arc<BTreeMap<String, MetaSchema>>);

impl Schemas {
    /// Registers an API.
    pub(crate) fn of<A: OpenApi>() -> Self {
        let mut registry = Registry::new();
        A::register(&mut registry);
        Self(Arc::new(registry.schemas))
    }

    /// The schema of a type.
    pub(crate) fn get<T: Type>(&self) -> Option<&MetaSchema> {
        self.0.get(&*T::name())
    }

    /// The words that a property with a closed set of words may have. Empty for any other property.
    pub(crate) fn words(&self, property: &MetaSchemaRef) -> &[Value] {
        match property {
            MetaSchemaRef::Reference(name) => {
                self.0.get(name).map_or(&[], |schema| &schema.enum_items)
            }
            // A reference with a description of its own.
            MetaSchemaRef::Inline(schema) => {
                schema.all_of.first().map_or(&[], |reference| self.words(reference))
            }
        }
    }
}
