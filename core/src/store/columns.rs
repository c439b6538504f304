//! How values of the domain are read from columns. The domain itself knows no SQL.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};
use uuid::Uuid;

use crate::{
    domain::{
        AvatarUploadId, DeliveryState, DisableReason, EmailAddress, EmailChangeId, EndReason,
        EventId, LinkId, MailId, MailKind, Purpose, Role, SessionId, Status, UserId,
        WebhookDeliveryId, WebhookId,
    },
    infra::passwords::PasswordHash,
};

macro_rules! read {
    ($($name:ident)+; $column:ty => $read:expr) => {$(
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                <$column as Type<Postgres>>::type_info()
            }
        }

        impl<'r> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                let read: fn($column) -> Result<Self, BoxDynError> = $read;
                read(<$column as Decode<Postgres>>::decode(value)?)
            }
        }
    )+};
}

read! {
    AvatarUploadId EmailChangeId EventId LinkId MailId SessionId UserId WebhookDeliveryId WebhookId;
    Uuid => |id| Ok(Self(id))
}
read! {
    DeliveryState DisableReason EndReason MailKind Purpose Role Status;
    &str => |word| Ok(word.parse()?)
}
read! { EmailAddress; &str => |email| Self::parse(email).map_err(|flaw| flaw.detail.into()) }
read! { PasswordHash; String => |hash| Ok(Self(hash)) }
