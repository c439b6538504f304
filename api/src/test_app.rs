//! An application for unit tests.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keyward_core::{App, infra::clock::Clock, settings::Settings};

/// An application without any of its dependencies.
pub(crate) fn test_app() -> App {
    let key = |from: u8| STANDARD.encode(std::array::from_fn::<u8, 32, _>(|n| from + n as u8));
    let get = |name: &str| match name {
        "LINK_KEY" => Some(key(0)),
        "WEBHOOK_KEY" => Some(key(50)),
        "SESSION_KEY" | "SIGNING_KEYS" => Some(key(100)),
        "OPS_OPERATORS" | "OPS_VIEWERS" => Some(key(150)),
        "DATABASE_URL" => Some("postgres://127.0.0.1:1/none".to_owned()),
        "REDIS_URL" => Some("redis://127.0.0.1:1".to_owned()),
        "NATS_URL" => Some("nats://127.0.0.1:1".to_owned()),
        "SMTP_URL" => Some("smtp://127.0.0.1:1".to_owned()),
        "APP_URL" => Some("https://app.example.org/".to_owned()),
        "SUPPORT_EMAIL" => Some("support@example.org".to_owned()),
        _ => None,
    };
    App::new(Settings::from_env(get).unwrap(), Clock::default()).unwrap()
}
