pub(crate) async fn all() {}
