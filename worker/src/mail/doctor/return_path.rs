//! Whether the mail server of `BOUNCE_DOMAIN` takes bounces.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use tokio::time::timeout;

use super::finding::Finding;
use crate::mail::smtp::{Cause, Connection, Failure, Step};

const TOPIC: &str = "bounces";
/// How long a step may take.
const STEP_TIMEOUT: Duration = Duration::from_secs(4);
/// How long all may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses that are tried.
const MAX_ADDRESSES: usize = 2;

/// Offers a bounce for `return_path` to the first address that answers, as a receiver would, and withdraws it.
pub(super) async fn examine(
    addresses: &[IpAddr],
    port: u16,
    return_path: &str,
    ehlo_name: &str,
) -> Finding {
    let mut failure = Failure::new(Step::Connect, Cause::Timeout(TIMEOUT));
    let offering = async {
        for address in addresses.iter().take(MAX_ADDRESSES) {
            match offer(*address, port, return_path, ehlo_name).await {
                Ok(()) => return Some(*address),
                Err(error) => failure = error,
            }
            if failure.step != Step::Connect {
                return None;
            }
        }
        None
    };
    let accepted = timeout(TIMEOUT, offering).await;
    match accepted {
        Ok(Some(address)) => {
            let server = SocketAddr::new(address, port);
            Finding::ok(TOPIC, format!("the mail server at {server} takes bounces"))
        }
        Ok(None) | Err(_) => refused(&failure, port),
    }
}

async fn offer(
    address: IpAddr,
    port: u16,
    return_path: &str,
    ehlo_name: &str,
) -> Result<(), Failure> {
    let mut connection = Connection::open(&address.to_string(), port, STEP_TIMEOUT).await?;
    connection.greeting().await?;
    connection.ehlo(ehlo_name).await?;
    // A bounce has no sender.
    connection.mail_from("", "", return_path, 0, false).await?;
    connection.rcpt_to(return_path).await?;
    connection.reset().await;
    connection.quit().await;
    Ok(())
}

fn refused(failure: &Failure, port: u16) -> Finding {
    let cause = &failure.cause;
    match (failure.step, cause) {
        (Step::Connect, _) => {
            let text = format!(
                "the mail server does not answer on port {port} from here ({cause}). Many networks block that port for \
                 clients, so this may be well: try it from a machine outside."
            );
            Finding::warning(TOPIC, text)
        }
        (Step::RcptTo, Cause::Reply(reply)) if reply.class() == 5 => {
            let text = format!(
                "the mail server refuses a return path of ours: {reply}. It has to accept every address of \
                 BOUNCE_DOMAIN and to hand them to BOUNCE_LISTEN: see the handbook on bounces."
            );
            Finding::error(TOPIC, text)
        }
        (Step::RcptTo, Cause::Reply(reply)) => {
            let text = format!(
                "the mail server defers a return path of ours: {reply}. That is well if it is greylisting; otherwise \
                 look whether the worker listens on BOUNCE_LISTEN."
            );
            Finding::warning(TOPIC, text)
        }
        (step, _) => Finding::warning(
            TOPIC,
            format!("the mail server does not take bounces from here: {step}: {cause}."),
        ),
    }
}
