use super::*;
use keyward_core::settings::DkimKey;

/// The mail of RFC 8463, appendix A.2.
const MAIL: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
                    To: Suzie Q <suzie@shopping.example.net>\r\n\
                    Subject: Is dinner ready?\r\n\
                    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
                    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
                    \r\n\
                    Hi.\r\n\
                    \r\n\
                    We lost the game.  Are you hungry yet?\r\n\
                    \r\n\
                    Joe.\r\n";

/// Its key, in PKCS#8.
fn key() -> DkimKey {
    let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend(seed);
    STANDARD.encode(der).parse().unwrap()
}

#[test]
fn example_of_the_standard_gets_its_signature() {
    let header = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
                  d=football.example.com; i=@football.example.com;\r\n \
                  q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
                  subject : date : message-id : from : subject : date;\r\n \
                  bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    let names = "from:to:subject:date:message-id:from:subject:date".split(':');
    let (headers, body) = MAIL.split_once("\r\n\r\n").unwrap();

    let signed = signed(headers, names, header);

    assert_eq!(body_hash(body), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    assert_eq!(
        STANDARD.encode(key().sign(signed.as_bytes()).unwrap()),
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    );
    assert_eq!(
        key().record().unwrap(),
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    );
}

#[test]
fn signature_is_the_first_header_and_changes_nothing_else() {
    let dkim = Dkim { selector: "brisbane".into(), key: key() };

    let mail = sign(&dkim, "football.example.com", MAIL.as_bytes(), DateTime::UNIX_EPOCH).unwrap();

    let mail = String::from_utf8(mail).unwrap();
    let (header, rest) = mail.split_at(mail.len() - MAIL.len());
    assert_eq!(rest, MAIL);
    assert!(header.lines().all(|line| line.len() <= 78), "{header}");
    assert!(header.lines().skip(1).all(|line| line.starts_with(' ')), "one header: {header}");
    for tag in ["a=ed25519-sha256;", "c=relaxed/relaxed;", "d=football.example.com;", "s=brisbane;"]
    {
        assert!(header.contains(tag), "{tag} in {header}");
    }
}

#[test]
fn white_space_that_mail_servers_change_is_not_signed() {
    assert_eq!(relaxed_header("SubJect :  a \t b\r\n\t c  \r\n"), "subject:a b c");
    assert_eq!(relaxed_body(" C \r\nD \t E\r\n\r\n \r\n\r\n"), " C\r\nD E\r\n");
    assert_eq!(relaxed_body("\r\n\r\n"), "");
    assert_eq!(relaxed_body("no end"), "no end\r\n");
}
