//! Why attempts fail: errors without the ids and numbers that make each of them look different.

/// How many characters of an error tell what it is.
const LENGTH: usize = 160;
/// Digits in a row that are a number of something; SMTP's codes and seconds are shorter.
const NUMBER: usize = 4;

/// What all errors of one cause have in common: the error with ids and long numbers replaced by `#`.
pub(crate) fn class_of(error: &str) -> String {
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
    use super::class_of;

    #[test]
    fn errors_of_one_cause_have_one_class() {
        let one = class_of("451 4.3.0 <[address]>: queued as 8f3a91bc22 at 1764097200, try later");
        let other =
            class_of("451 4.3.0 <[address]>: queued as 77aa10ff01 at 1764097311, try later");
        assert_eq!(one, other);
        assert_eq!(one, "451 4.3.0 <[address]>: queued as # at #, try later");
        let id = "mail 0199-not-found: 019a9f0e-7b2c-7d10-a7a1-0242ac120002";
        assert_eq!(class_of(id), "mail #: #");
    }

    #[test]
    fn causes_that_differ_have_different_classes() {
        assert_ne!(class_of("550 5.1.1 no such user"), class_of("552 5.2.2 mailbox full"));
        assert_ne!(class_of("took longer than 30 s"), class_of("took longer than 60 s"));
    }

    #[test]
    fn a_class_is_short_whatever_the_error_is() {
        assert_eq!(class_of(&"\u{1f600} ".repeat(10_000)).chars().count(), 160);
    }
}
