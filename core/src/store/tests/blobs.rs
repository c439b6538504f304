use super::*;
use crate::{
    domain::{AvatarUploadId, BlobKey},
    store::blobs,
};

#[tokio::test]
async fn an_object_is_recorded_once() {
    let app = app().await;
    let upload = AvatarUploadId::new();
    let keys = [BlobKey::rendition(upload, b"a"), BlobKey::rendition(upload, b"b")];
    let mut tx = begin(&app).await;
    blobs::record(&mut tx, upload, &[&keys[0]]).await.unwrap();
    blobs::record(&mut tx, upload, &keys.each_ref()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(value::<i64>(&app, "select count(*) from blobs").await, 2);
}
