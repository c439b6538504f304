//! What each job does, and what it leaves unchanged.

mod avatar_renditions;
mod cache_invalidation;
mod email_retries;
mod emails;
mod languages;
mod webhook_delivery;
mod webhook_share;

use chrono::{DateTime, Utc};
use keyward_stack::mail_sink::Mail;
use keyward_tests::{World, code_in, token_in};

/// An email as its recipient sees it, without values that differ from run to run. Only the times of
/// the ledger are replaced, which checks that the email shows these.
async fn shown(world: &World, mail: &Mail) -> String {
    let (asked_at, valid_until) = times(world, mail).await;
    let mut text =
        format!("Subject: {}\n\n{}\n\n{}", mail.subject, plain(&mail.text), plain(&mail.html));
    if let Some(token) = token_in(&mail.text, "#") {
        text = text.replace(&token, "[token]");
    }
    if let Some(code) = code_in(&mail.text) {
        text = text.replace(&code, "[code]");
    }
    if let Some(valid_until) = valid_until {
        text = text.replace(&moment(valid_until), "[valid until]");
    }
    text.replace(&moment(asked_at), "[asked at]").replace(&world.url, "[public url]")
}

/// When an email was requested and when its link expires, from the ledger.
async fn times(world: &World, mail: &Mail) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
    sqlx::query_as(
        "select asked_at, expires_at from mails left join links using (link_id)
         where mail_id = $1::uuid",
    )
    .bind(mail.message_id.split('@').next())
    .fetch_one(&world.db)
    .await
    .unwrap()
}

/// A time as emails show it.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%A, %-d %B %Y, %H:%M UTC").to_string()
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// The token of an email. Fails unless the links in the text and in the HTML are the same and lead to
/// `page`, and both parts have the same code and the page that takes it.
fn the_token(world: &World, mail: &Mail, page: &str) -> String {
    let link = format!("{}{page}#", world.url);
    let token = token_in(&mail.text, &link).expect("a link in the text");
    let tokens_in_html: Vec<_> =
        mail.html.split(&link).skip(1).map(|rest| &rest[..token.len()]).collect();
    assert!(!tokens_in_html.is_empty(), "a link in the HTML");
    assert!(tokens_in_html.iter().all(|one| **one == token), "one link everywhere");
    assert_eq!(mail.text.matches(&token).count(), 1, "the token is in the link only");
    let code = code_in(&mail.text).expect("a code in the text");
    let code_page = format!("{}{page}", world.url);
    for part in [plain(&mail.text), mail.html.clone()] {
        assert!(part.contains(&code), "{part}");
        assert!(part.matches(&code_page).count() > part.matches(&link).count(), "{part}");
    }
    token
}
