//! What a stranger can find out about an address: nothing.

mod answers;
mod queues;
mod timing;
