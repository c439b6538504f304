//! What DNS says about our emails, and what it should say.
//!
//! The modules judge the answers they have, and note the questions that they would need to ask. These are
//! asked, and all is judged again, until nothing is missing.

mod answers;
mod dkim;
mod dmarc;
mod mx;
mod names;
mod organisation;
mod resolver;
mod setup;
mod spf;
mod tags;

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::finding::{Finding, Severity};
use answers::{Answers, NoAnswer};
use dmarc::Works;
use resolver::Dns;
pub(super) use setup::Setup;

/// How long all questions may take together.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Questions at the same time.
const MAX_QUESTIONS: usize = 16;

/// What was found, and where bounces go.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) findings: Vec<Finding>,
    /// The addresses of the preferred mail server of `BOUNCE_DOMAIN`.
    pub(super) bounces_to: Vec<IpAddr>,
}

/// Asks the name servers of this machine, or `server`. Takes at most [`TIMEOUT`].
pub(super) async fn examine(setup: &Setup, server: Option<SocketAddr>) -> Examined {
    let dns = match Dns::new(server) {
        Ok(dns) => dns,
        Err(error) => return unavailable(&format!("{error:#}")),
    };
    let mut answers = Answers::default();
    let end = Instant::now() + TIMEOUT;
    loop {
        let (findings, bounces_to) = judge(setup, &answers);
        let missing = answers.take_missing();
        if missing.is_empty() {
            return match answers.outage() {
                Some(reason) => unavailable(reason),
                None => Examined { findings, bounces_to },
            };
        }
        let asked = missing.iter().map(|question| timeout_at(end, dns.ask(question)));
        let asked: Vec<_> = stream::iter(asked).buffered(MAX_QUESTIONS).collect().await;
        for (question, answer) in missing.into_iter().zip(asked) {
            let late =
                || Err(NoAnswer::Failed(format!("no answer within {} s", TIMEOUT.as_secs())));
            answers.insert(question, answer.unwrap_or_else(|_| late()));
        }
    }
}

/// Judges what is known.
fn judge(setup: &Setup, answers: &Answers) -> (Vec<Finding>, Vec<IpAddr>) {
    let spf = spf::examine(setup, answers);
    let (dkim, is_signed) = dkim::examine(setup, answers);
    let is_usable = !spf.iter().any(|finding| finding.severity == Severity::Error);
    let works = Works { spf: is_usable, dkim: is_signed };
    let findings = [
        spf,
        vec![dkim],
        dmarc::examine(setup, works, answers),
        mx::examine(setup, answers),
        names::examine(setup, answers),
    ];
    (findings.concat(), mx::bounces_to(setup, answers))
}

fn unavailable(reason: &str) -> Examined {
    let text = format!(
        "no name server answers ({reason}), so SPF, DKIM, DMARC and MX were not checked. Does DNS work on this \
         machine? `--dns <address>` asks another name server."
    );
    Examined { findings: vec![Finding::error("DNS", text)], bounces_to: Vec::new() }
}

#[cfg(test)]
mod tests;
