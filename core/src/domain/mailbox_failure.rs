//! What a failure says about the mailbox.

/// Whether a failure means that no email can reach this mailbox, because it does not exist or is disabled.
/// `status` is that of a report (RFC 3463); `diagnostic` is the reply of the recipient's server, which decides
/// if there is no status or it says nothing.
///
/// Everything else is no judgement of the mailbox, and may be different tomorrow: content, policy and reputation
/// (5.6, 5.7), protocol and routes (5.3 to 5.5), a full mailbox (5.2.2), the sender's own address (5.1.7,
/// 5.1.8), and every failure of class 4.
#[must_use]
pub fn concerns_mailbox(status: &str, diagnostic: &str) -> bool {
    let specific = Status::parse(status);
    if let Some(status) = specific.filter(|status| status.subject != 0) {
        return status.concerns_mailbox();
    }
    let is_later = specific.is_some_and(|status| status.class != 5);
    let words = || diagnostic.split(|c: char| !c.is_ascii_digit() && c != '.');
    let inner = words().find_map(Status::parse).filter(|status| status.subject != 0);
    // RFC 5321, section 4.2.3: no such mailbox, no such user here, no such name.
    let code = words().find(|word| word.len() == 3 && word.starts_with(['4', '5']));
    let is_missing = || matches!(code, Some("550" | "551" | "553"));
    !is_later && inner.map_or_else(is_missing, Status::concerns_mailbox)
}

/// A status code: class, subject, detail.
#[derive(Debug, Clone, Copy)]
struct Status {
    class: u16,
    subject: u16,
    detail: u16,
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(|part| {
            let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_number && part.len() <= 3)
        });
        let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
        let is_whole = parts.next().is_none() && [2, 4, 5].contains(&class);
        is_whole.then_some(Self { class, subject, detail })
    }

    fn concerns_mailbox(self) -> bool {
        matches!((self.class, self.subject, self.detail), (5, 1, 0..=6 | 10) | (5, 2, 0 | 1))
    }
}

#[cfg(test)]
mod tests {
    use super::concerns_mailbox;

    #[test]
    fn only_a_missing_or_disabled_mailbox_concerns_it() {
        for status in ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.0", "5.2.1"] {
            assert!(concerns_mailbox(status, ""), "{status}");
        }
        for status in [
            "", "4.1.1", "4.2.2", "4.4.7", "5.0.0", "5.1.7", "5.1.8", "5.2.2", "5.2.3", "5.3.4",
            "5.4.4", "5.5.2", "5.6.1", "5.7.1", "5.7.26", "2.1.5", "5.1", "5.1.1.1", "x", "5.+1.1",
        ] {
            assert!(!concerns_mailbox(status, ""), "{status}");
        }
    }

    #[test]
    fn server_decides_where_the_status_says_nothing() {
        for (status, diagnostic, expected) in [
            ("5.0.0", "550-5.1.1 The account that you tried to reach does not exist.", true),
            ("5.0.0", "550 no such user", true),
            ("", "smtp; 553 sorry, no mailbox here by that name", true),
            ("unknown", "550 5.7.1 blocked", false),
            ("5.0.0", "550 5.7.26 unauthenticated", false),
            ("5.0.0", "554 delivery error: spam", false),
            ("5.0.0", "552 mailbox full", false),
            ("", "452-4.2.2 full", false),
            ("", "450 550 no", false),
            ("", "host 10.5.5.5 said nothing", false),
            ("4.0.0", "550 5.1.1 no such user", false),
            ("4.4.7", "550 5.1.1 late", false),
            ("5.7.1", "550 5.1.1 no such user", false),
        ] {
            assert_eq!(concerns_mailbox(status, diagnostic), expected, "{status:?} {diagnostic:?}");
        }
    }
}
