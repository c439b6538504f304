//! THE table of settings: name, default, unit and meaning of every environment variable.
//!
//! `.env.example` and `docs/operate/configuration.md` are generated from it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use secrecy::{SecretBox, SecretString};
use url::Url;

use super::{Blobs, BounceDomain, Credential, DkimKey, EhloName, Limits, Sender};
use crate::{
    brand::Brand,
    domain::{AccountClaim, AddressRule, EmailAddress, MailgunKey, SendGridKey},
    languages::Locale,
};

settings! {
    /// All settings.
    #[derive(Debug)]
    pub struct Settings {
        ["General"]
        /// Name of the product in emails and on pages.
        product: String = value("PRODUCT_NAME", "Keyward"),
        /// Origin of the links in emails, and issuer of access tokens: `http(s)://host[:port]`,
        /// without a path.
        public_url: Url = http("PUBLIC_URL", "http://127.0.0.1:8080"),
        /// URL of your application. Pages and emails link to it: "Continue to" and the name of the
        /// product. If empty, they have no such link.
        app_url: Option<Url> = optional_http("APP_URL"),
        /// Address of your support. Pages and emails name it where they say whom to tell.
        support_email: Option<EmailAddress> = optional_address("SUPPORT_EMAIL"),
        /// Folder with your brand: logo, colours, texts, languages and templates. The handbook has a page
        /// about it. API and worker read it at start. If empty, they look as shipped.
        brand: Arc<Brand> = brand("BRAND_DIR"),
        /// Language of emails to readers who have not chosen one and whose browser names none that there
        /// is: the tag (BCP 47) of one that is shipped or in `BRAND_DIR`, such as `de` or `pt-BR`.
        default_locale: Locale = locale("DEFAULT_LOCALE", "en"),
        /// Prefix of Redis keys and NATS subjects, and audience of access tokens. Installations with
        /// different values can share servers.
        namespace: String = value("NAMESPACE", "keyward"),
        /// Comma-separated claims that access tokens add: `role`, `email_verified`, `locale`.
        token_claims: Vec<AccountClaim> = list("TOKEN_CLAIMS"),
        /// Addresses to listen on.
        listen: Listen,
        ["Operations"]
        /// Who may use the operations listeners.
        operations: Operations,
        ["Servers"]
        /// The servers Keyward depends on.
        servers: Servers,
        ["Keys"]
        /// Keys.
        keys: Keys,
        ["Lifetimes"]
        /// Lifetimes.
        life: LifeTimes,
        ["Passwords"]
        /// Passwords.
        passwords: Passwords,
        ["Email"]
        /// Email.
        mail: Mail,
        ["HTTP"]
        /// What a client may use of the API: connections, bytes, time.
        http: Http,
        ["Rate limits"]
        /// Rate limits.
        limits: Limits,
        ["Avatars"]
        /// Avatars.
        avatars: Avatars,
        /// Where avatars are stored.
        blobs: Blobs,
        ["Webhooks"]
        /// Comma-separated networks (CIDR) that may receive webhooks although they are not public,
        /// also over plain HTTP.
        webhook_addresses: AddressRule = address_rule("WEBHOOK_ALLOWED_NETWORKS"),
        ["Registration and browsers"]
        /// `none`: every registration gets the same answer. `conflict`: 201 with the account, or 409
        /// if the address is taken.
        discloses_accounts: bool =
            one_of("REGISTRATION_DISCLOSURE", &[("none", false), ("conflict", true)]),
        /// Comma-separated origins whose pages may call the API.
        cors_origins: Vec<String> = list("CORS_ORIGINS"),
        ["Cache, logs and traces"]
        /// Maximum lifetime of a cached user.
        cache_ttl: Duration = seconds("CACHE_TTL_S", "300"),
        /// Logs.
        log: Log,
        /// OTLP/HTTP endpoint of a trace collector, for example `http://127.0.0.1:4318`. If
        /// empty, no traces are exported.
        otlp: Option<Url> = optional_http("OTLP_ENDPOINT"),
    }
}

settings! {
    /// Addresses to listen on.
    #[derive(Debug)]
    pub struct Listen {
        /// Address of the public API and its pages (`host:port`).
        api: SocketAddr = value("API_ADDR", "127.0.0.1:8080"),
        /// Address of the worker's health, metrics and board. Do not expose it to the internet.
        ops: SocketAddr = value("OPS_ADDR", "127.0.0.1:8081"),
        /// Address of the API's health and metrics. Do not expose it to the internet.
        api_ops: SocketAddr = value("API_OPS_ADDR", "127.0.0.1:8082"),
    }
}

settings! {
    /// Who may use the operations listeners.
    #[derive(Debug)]
    pub struct Operations {
        /// Users who can view and change queues and jobs: comma-separated `name:password`, each password
        /// at least 16 bytes. A password without a name belongs to `operator`.
        operators: Vec<Credential> = credentials("OPS_OPERATORS", "operator"),
        /// Users who can only view, such as a metrics collector. A password without a name belongs to
        /// `viewer`.
        viewers: Vec<Credential> = credentials("OPS_VIEWERS", "viewer"),
    }
}

settings! {
    /// The servers Keyward depends on.
    #[derive(Debug)]
    pub struct Servers {
        /// URL of Postgres. `make up` starts its own servers and sets the URLs in this section.
        database_url: SecretString = postgres("DATABASE_URL"),
        /// Maximum number of connections per process for writing, and the same number for reading.
        pool_size: u32 = at_least("DATABASE_POOL_SIZE", "16", 1),
        /// URL of Redis: cache and rate limits.
        redis_url: SecretString = redis("REDIS_URL"),
        /// Timeout of a Redis request; a read then falls back to Postgres.
        redis_timeout: Duration = millis("REDIS_TIMEOUT_MS", "100"),
        /// URL of NATS with JetStream.
        nats_url: SecretString = nats("NATS_URL"),
        /// Monitoring endpoint of NATS, for example `http://host:8222`. If set, the worker checks at
        /// startup whether NATS syncs messages to disk before it acknowledges them.
        nats_monitoring_url: Option<Url> = optional_http("NATS_MONITORING_URL"),
        /// URL of the mail relay: `smtps://user:password@host`, `smtp://host?tls=required`, or
        /// `smtp://host:port` for a relay on the same machine.
        smtp_url: SecretString = smtp("SMTP_URL"),
    }
}

settings! {
    /// Keys: 32 random bytes each, in base64 (`openssl rand -base64 32`).
    #[derive(Debug)]
    pub struct Keys {
        /// Derives the tokens of emailed links. Changing it invalidates all open links.
        link: SecretBox<[u8]> = key("LINK_KEY"),
        /// Derives refresh tokens and service tokens. Changing it ends all sessions and service tokens.
        session: SecretBox<[u8]> = key("SESSION_KEY"),
        /// Derives the secrets that sign webhooks. Changing it changes the secret of every endpoint.
        webhook: SecretBox<[u8]> = key("WEBHOOK_KEY"),
        /// Comma-separated Ed25519 seeds. The first signs access tokens, all verify them.
        signing: Vec<SecretBox<[u8]>> = seeds("SIGNING_KEYS"),
    }
}

settings! {
    /// Lifetimes.
    #[derive(Debug, Clone)]
    pub struct LifeTimes {
        /// Lifetime of an access token.
        access_token: Duration = seconds("ACCESS_TOKEN_TTL_S", "600"),
        /// A session ends after this time without a refresh (30 days).
        session_idle: Duration = seconds("SESSION_IDLE_TTL_S", "2592000"),
        /// A session ends after this time, regardless of refreshes (90 days).
        session_absolute: Duration = seconds("SESSION_ABSOLUTE_TTL_S", "7776000"),
        /// Time during which a replaced refresh token still returns its successor, for clients that
        /// lost the response.
        refresh_grace: Duration = seconds("REFRESH_GRACE_S", "30"),
        /// Lifetime of a password reset link.
        reset_link: Duration = seconds("RESET_LINK_TTL_S", "1800"),
        /// Lifetime of a verification link.
        verify_link: Duration = seconds("VERIFY_LINK_TTL_S", "86400"),
        /// Lifetime of the link that confirms a new address.
        email_change_link: Duration = seconds("EMAIL_CHANGE_LINK_TTL_S", "86400"),
        /// Lifetime of the link that undoes an address change, counted from the change (72 hours).
        email_undo_link: Duration = seconds("EMAIL_UNDO_LINK_TTL_S", "259200"),
        /// Lifetime of an invitation link (7 days).
        invitation_link: Duration = seconds("INVITATION_LINK_TTL_S", "604800"),
        /// How long events, completed jobs and statistics are kept; pending events stay (7 days).
        events: Duration = seconds("EVENT_RETENTION_S", "604800"),
        /// How long emails are kept in the ledger (90 days).
        mails: Duration = seconds("MAIL_RETENTION_S", "7776000"),
        /// How long actions of operators and unreadable messages are kept (365 days).
        audit: Duration = seconds("AUDIT_RETENTION_S", "31536000"),
    }
}

settings! {
    /// Rules for passwords and the cost of a hash.
    #[derive(Debug, Clone)]
    pub struct Passwords {
        /// Minimum length of a new password in code points; at least 8.
        min_chars: usize = at_least("PASSWORD_MIN_LENGTH", "15", 8),
        /// File with additional passwords to reject: UTF-8, one per line, at most 16 MiB.
        blocklist: Option<PathBuf> = optional("PASSWORD_BLOCKLIST_PATH"),
        /// Memory of one argon2id hash in KiB; at least 19456 (OWASP).
        memory_kib: u32 = at_least("ARGON2_MEMORY_KIB", "19456", 19_456),
        /// Passes of argon2id; at least 2 (OWASP).
        iterations: u32 = at_least("ARGON2_ITERATIONS", "2", 2),
        /// Lanes of argon2id.
        parallelism: u32 = at_least("ARGON2_PARALLELISM", "1", 1),
        /// Maximum number of passwords waiting for a core; further requests get 503.
        queue: usize = at_least("ARGON2_QUEUE", "64", 1),
    }
}

settings! {
    /// Email.
    #[derive(Debug)]
    pub struct Mail {
        /// Sender of emails: `Name <address>` or an address. A name with commas needs no quotes; the
        /// domain may be international.
        from: Sender = value("MAIL_FROM", "Keyward <no-reply@keyward.example>"),
        /// Name by which the worker introduces itself to the mail relay (`EHLO`): a fully qualified
        /// name, or an address like `[192.0.2.1]`. If empty, the host of `PUBLIC_URL`.
        ehlo_name: Option<EhloName> = optional("SMTP_EHLO_NAME"),
        /// Timeout of each step with the mail relay. The relay has three times as long to accept an
        /// email after its last byte.
        timeout: Duration = seconds("SMTP_TIMEOUT_S", "20"),
        /// Domain whose mail reaches `BOUNCE_LISTEN`. If set, every email has a return path of its own in
        /// this domain, so that bounces and complaints are recorded; otherwise they go to `MAIL_FROM`.
        bounce_domain: Option<BounceDomain> = optional("BOUNCE_DOMAIN"),
        /// Address on which the worker takes bounces and complaints from a mail server by SMTP or LMTP, for
        /// example `127.0.0.1:2525`. If empty, it does not listen. Needs `BOUNCE_DOMAIN`.
        bounce_listen: Option<SocketAddr> = optional("BOUNCE_LISTEN"),
        /// Public key of SendGrid's signed event webhook, in base64. If empty,
        /// `POST /v1/mail-reports/sendgrid` does not exist.
        sendgrid_key: Option<SendGridKey> = optional("SENDGRID_WEBHOOK_KEY"),
        /// Signing key of Mailgun's webhooks. If empty, `POST /v1/mail-reports/mailgun` does not exist.
        mailgun_key: Option<MailgunKey> = parsed_secret("MAILGUN_WEBHOOK_KEY"),
        /// DKIM selector: DNS publishes the public key under `<selector>._domainkey.<domain>`.
        /// `keyward-worker mail doctor` prints the record.
        dkim_selector: String = value("DKIM_SELECTOR", "keyward"),
        /// Private key that signs emails (DKIM), in PKCS#8: RSA of 2048 bits or more, or Ed25519. If
        /// empty, emails are not signed.
        dkim_key: Option<DkimKey> = parsed_secret("DKIM_KEY"),
    }
}

settings! {
    /// What a client may use of the API: connections, bytes, time.
    #[derive(Debug, Clone)]
    pub struct Http {
        /// Maximum number of open connections. A new connection replaces the one that has been idle longest;
        /// if none is idle, one of the network with the most connections.
        max_connections: usize = at_least("HTTP_MAX_CONNECTIONS", "1000", 1),
        /// Maximum number of open connections of one client network (an IPv4 address or an IPv6 /64). Does
        /// not apply to `TRUSTED_PROXIES`.
        max_connections_per_network: usize = at_least("HTTP_MAX_CONNECTIONS_PER_NETWORK", "250", 1),
        /// Maximum number of requests of one client network that are in progress at the same time, also
        /// behind a proxy. A request is in progress until the client has read the response.
        max_requests_per_network: usize = at_least("HTTP_MAX_REQUESTS_PER_NETWORK", "250", 1),
        /// Maximum size of a request body, except uploads (64 KiB).
        max_body_bytes: usize = bytes("HTTP_MAX_BODY_BYTES", "65536", 4_096),
        /// Timeout for the head of a request, for its body (an upload: for every 64 KiB of it), for every
        /// 64 KiB of its response (HTTP/2: 16 KiB), and between two requests. The proxy must close idle
        /// connections earlier.
        timeout: Duration = seconds("HTTP_TIMEOUT_S", "30"),
    }
}

settings! {
    /// Avatars.
    #[derive(Debug)]
    pub struct Avatars {
        /// Maximum size of an upload (5 MiB).
        max_bytes: usize = bytes("AVATAR_MAX_BYTES", "5242880", 1024),
        /// Public URL of the bucket's folder `avatars/`; the API redirects to it. If empty, the
        /// API serves avatars itself.
        public_url: Option<Url> = optional_http("AVATAR_PUBLIC_URL"),
    }
}

settings! {
    /// Logs.
    #[derive(Debug, Clone)]
    pub struct Log {
        /// `text` for people, `json` for collectors.
        json: bool = one_of("LOG_FORMAT", &[("text", false), ("json", true)]),
        /// Filter directives, for example `info,keyward_api=debug`.
        filter: String = value("LOG_FILTER", "info"),
    }
}
