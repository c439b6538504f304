//! The jobs that follow from events: one file per queue.

mod avatar_renditions;
mod blob_collection;
mod cache_invalidation;
mod emails;
mod webhook_delivery;

use tokio_util::sync::CancellationToken;

pub(crate) use avatar_renditions::AvatarRenditions;
pub(crate) use blob_collection::BlobCollection;
pub(crate) use cache_invalidation::CacheInvalidation;
pub(crate) use emails::EmailJob;
pub(crate) use webhook_delivery::{WebhookDelivery, plan_deliveries};

use crate::{
    context::JobContext,
    queue::{Job, Queues},
};

/// The queues, each with its kinds of jobs.
pub(crate) const QUEUES: [(&str, &[&str]); 5] = [
    (EmailJob::QUEUE, EmailJob::KINDS),
    (CacheInvalidation::QUEUE, CacheInvalidation::KINDS),
    (AvatarRenditions::QUEUE, AvatarRenditions::KINDS),
    (BlobCollection::QUEUE, BlobCollection::KINDS),
    (WebhookDelivery::QUEUE, WebhookDelivery::KINDS),
];

/// Works on all queues. Returns when `stop` is cancelled and all running jobs have ended.
pub(crate) async fn run(context: JobContext, stop: CancellationToken) {
    let mut queues = Queues::new(context, stop);
    queues.start::<EmailJob>();
    queues.start::<CacheInvalidation>();
    queues.start::<AvatarRenditions>();
    queues.start::<BlobCollection>();
    queues.start::<WebhookDelivery>();
    queues.run().await;
}

/// Every kind of job: its queue and its name.
pub(crate) fn kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    QUEUES.into_iter().flat_map(|(queue, kinds)| kinds.iter().map(move |&kind| (queue, kind)))
}

/// The kinds that a name stands for: those of a queue, or one kind. Empty if there is no such name.
pub(crate) fn kinds_named(name: &str) -> Vec<&'static str> {
    kinds().filter(|(queue, kind)| name == *queue || name == *kind).map(|(_, kind)| kind).collect()
}

/// The names of all queues and kinds.
pub(crate) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = QUEUES.into_iter().map(|(queue, _)| queue).collect();
    names.extend(kinds().filter(|(queue, kind)| queue != kind).map(|(_, kind)| kind));
    names
}
