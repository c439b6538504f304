//! How values of the domain are read from columns. The domain itself knows no SQL.

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgTypeInfo, PgValueRef},
};
use uuid::Uuid;

use crate::{
    domain::{
        ActorId, AvatarUploadId, DeliveryState, DisableReason, EmailAddress, EmailChangeId,
        EndReason, EventId, LinkId, MailId, MailKind, Purpose, Role, Scopes, ServiceTokenId,
        ServiceTokenSecret, SessionId, Status, UserId, WebhookDeliveryId, WebhookId,
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
    ActorId AvatarUploadId EmailChangeId EventId LinkId MailId ServiceTokenId SessionId UserId
    WebhookDeliveryId WebhookId;
    Uuid => |id| Ok(Self(id))
}
read! {
    DeliveryState DisableReason EndReason MailKind Purpose Role Status;
    &str => |word| Ok(word.parse()?)
}
read! { EmailAddress; &str => |email| Self::parse(email).map_err(|flaw| flaw.detail.into()) }
read! {
    ServiceTokenSecret;
    Vec<u8> => |bytes| Ok(Self(bytes.try_into().map_err(|_| "the size of a secret")?))
}
read! { Scopes; Vec<String> => |words| Ok(Self::known(&words)) }
read! { PasswordHash; String => |hash| Ok(Self(hash)) }
