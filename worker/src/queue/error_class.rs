//! Groups errors by cause.

/// Characters of an error that identify its cause.
const LENGTH: usize = 160;
/// Digits that make a word a number; SMTP codes and seconds are shorter.
const NUMBER: usize = 4;

/// The error with ids and long numbers replaced by `#`: the same for all errors of one cause.
pub(super) fn error_class(error: &str) -> String {
    let mut class = String::new();
    let is_part = |c: char| c.is_ascii_alphanumeric();
    for piece in error.split_inclusive(|c: char| !is_part(c) && c != '-').take(LENGTH) {
        let word = piece.trim_end_matches(|c: char| !is_part(c) && c != '-');
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_id = digits >= NUMBER || (word.len() >= 8 && digits >= 2);
        class.push_str(if is_id { "#" } else { word });
        class.push_str(&piece[word.len()..]);
    }
    class.chars().take(LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::error_class;

    #[test]
    fn errors_of_one_cause_have_one_class() {
        let one =
            error_class("451 4.3.0 <[address]>: queued as 8f3a91bc22 at 1764097200, try later");
        let other =
            error_class("451 4.3.0 <[address]>: queued as 77aa10ff01 at 1764097311, try later");
        assert_eq!(one, other);
        assert_eq!(one, "451 4.3.0 <[address]>: queued as # at #, try later");
        let id = "mail 0199-not-found: 019a9f0e-7b2c-7d10-a7a1-0242ac120002";
        assert_eq!(error_class(id), "mail #: #");
    }

    #[test]
    fn different_causes_have_different_classes() {
        assert_ne!(error_class("550 5.1.1 no such user"), error_class("552 5.2.2 mailbox full"));
        assert_ne!(error_class("took longer than 30 s"), error_class("took longer than 60 s"));
    }

    #[test]
    fn a_class_is_short() {
        assert_eq!(error_class(&"\u{1f600} ".repeat(10_000)).chars().count(), 160);
    }
}
