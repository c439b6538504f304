//! Lists of `tag=value` (RFC 6376, section 3.2): the form of DKIM and DMARC records.

/// The tags of a record, in their order.
#[derive(Debug, Default)]
pub(super) struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    /// None if something is no tag, or a tag stands there twice.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut tags: Vec<(&str, &str)> = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            let name = name.trim_end();
            let is_name =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name || tags.iter().any(|(other, _)| *other == name) {
                return None;
            }
            tags.push((name, value.trim_start()));
        }
        Some(Self(tags))
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_with_blanks_anywhere() {
        let tags = Tags::parse(" v = DKIM1;k=rsa ; p=AB CD= ;").unwrap();

        assert_eq!(tags.get("v"), Some("DKIM1"));
        assert_eq!(tags.get("p"), Some("AB CD="));
        assert_eq!(tags.get("t"), None);
        for text in ["v=DKIM1; p", "v=1; v=2", "=x", "a b=c"] {
            assert!(Tags::parse(text).is_none(), "{text}");
        }
    }
}
