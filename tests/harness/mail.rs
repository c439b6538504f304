use std::{sync::Arc, time::Duration};

use keyward_stack::{MailSink, mail_sink::Mail};

use crate::World;

impl World {
    /// Waits for the `nth` email (from 1) to an address with this in its subject.
    pub async fn nth_mail(&self, to: &str, subject: &str, nth: usize) -> Arc<Mail> {
        self::nth(&self.mail, to, subject, nth).await
    }

    /// Waits for an email with a link to a page, and returns the token of the newest one.
    pub async fn link_token(&self, to: &str, page: &str) -> String {
        let what = format!("a link to {page} is sent to {to}");
        let newest = async || {
            let link = format!("{}{page}#", self.url);
            self.mail.messages_to(to).iter().rev().find_map(|mail| token_in(&mail.text, &link))
        };
        crate::until(&what, newest).await
    }

    /// Requests a password reset and returns the token of the email.
    pub async fn reset_token(&self, to: &str) -> String {
        let subject = "Reset your Keyward password";
        let sent = self.mail.messages_to(to).iter().filter(|mail| mail.subject == subject).count();
        self.request_reset(to).await.expect(202);
        let mail = self.nth_mail(to, subject, sent + 1).await;
        token_in(&mail.text, &format!("{}/reset-password#", self.url)).unwrap()
    }

    /// Requests a password reset and returns the code of the email.
    pub async fn reset_code(&self, to: &str) -> String {
        let token = self.reset_token(to).await;
        self.code_of(&token).unwrap()
    }

    /// The code in the email with this token.
    #[must_use]
    pub fn code_of(&self, token: &str) -> Option<String> {
        let mails = self.mail.messages();
        mails.iter().find(|mail| mail.text.contains(token)).and_then(|mail| code_in(&mail.text))
    }

    /// Waits until there were `n` delivery attempts for an address.
    pub async fn wait_for_attempts(&self, to: &str, n: usize) {
        self.mail.wait_for_attempts(to, n, Duration::from_secs(30)).await.unwrap();
    }
}

/// Waits for the `nth` email (from 1) to an address with this in its subject.
pub(crate) async fn nth(sink: &MailSink, to: &str, subject: &str, nth: usize) -> Arc<Mail> {
    crate::until(&format!("email {nth} to {to} with {subject:?} in its subject"), async || {
        let mut mails = sink.messages_to(to);
        mails.retain(|mail| mail.subject.contains(subject));
        mails.into_iter().nth(nth - 1)
    })
    .await
}

/// The short code in the text of an email, if it has one: a line like `WDJB-MJHT`.
#[must_use]
pub fn code_in(text: &str) -> Option<String> {
    let is_code = |line: &&str| {
        let letters: Vec<&str> = line.split('-').collect();
        let is_part = |part: &&str| part.len() == 4 && part.bytes().all(|b| b.is_ascii_uppercase());
        letters.len() == 2 && letters.iter().all(is_part)
    };
    text.lines().map(str::trim).find(is_code).map(str::to_owned)
}

/// The token after the start of a link, if the text contains that link.
#[must_use]
pub fn token_in(text: &str, link: &str) -> Option<String> {
    let (_, rest) = text.split_once(link)?;
    Some(rest.split_whitespace().next()?.to_owned())
}
