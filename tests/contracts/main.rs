//! What others rely on: wire formats, documents, the shape of the house.
