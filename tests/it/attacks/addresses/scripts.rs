//! Mailboxes of every script: what is accepted can be mailed to.

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup, Script},
};
use keyward_core::domain::EmailAddress;
use keyward_stack::{MailSink, mail_sink};
use keyward_tests::{Options, World, registration};

/// The scripts of Unicode that people write today.
const SCRIPTS: [Script; 44] = [
    Script::Adlam,
    Script::Arabic,
    Script::Armenian,
    Script::Balinese,
    Script::Bengali,
    Script::Bopomofo,
    Script::CanadianAboriginal,
    Script::Chakma,
    Script::Cherokee,
    Script::Cyrillic,
    Script::Devanagari,
    Script::Ethiopic,
    Script::Georgian,
    Script::Greek,
    Script::Gujarati,
    Script::Gurmukhi,
    Script::Han,
    Script::Hangul,
    Script::Hebrew,
    Script::Hiragana,
    Script::Javanese,
    Script::Kannada,
    Script::Katakana,
    Script::Khmer,
    Script::Lao,
    Script::Latin,
    Script::Lisu,
    Script::Malayalam,
    Script::MeeteiMayek,
    Script::Mongolian,
    Script::Myanmar,
    Script::Nko,
    Script::OlChiki,
    Script::Oriya,
    Script::Sinhala,
    Script::Syriac,
    Script::Tamil,
    Script::Telugu,
    Script::Thaana,
    Script::Thai,
    Script::Tibetan,
    Script::Tifinagh,
    Script::Vai,
    Script::Yi,
];

/// An address with three letters of a script, two of them with a mark of it, if it has marks.
fn mailbox(script: Script) -> String {
    let of = |group: GeneralCategoryGroup| -> Vec<char> {
        let category = CodePointMapData::<GeneralCategory>::new();
        let ranges = CodePointMapData::<Script>::new().iter_ranges_for_value(script);
        let chars = ranges.flatten().filter_map(char::from_u32);
        chars.filter(|&c| group.contains(category.get(c))).collect()
    };
    let lower = of(GeneralCategoryGroup::LowercaseLetter);
    let letters = if lower.is_empty() { of(GeneralCategoryGroup::OtherLetter) } else { lower };
    let marks = of(GeneralCategoryGroup::NonspacingMark);
    let letter = |nth: usize| letters[(letters.len() * nth / 7).min(letters.len() - 1)];
    let mark =
        |nth: usize| marks.get(marks.len() * nth / 7).map(char::to_string).unwrap_or_default();
    let (one, two) = (mark(1), mark(3));
    format!("{}{one}{}{two}{}@example.org", letter(1), letter(2), letter(4))
}

/// Registers a mailbox of every script, and waits until every email has been sent or has failed.
async fn register_all(world: &World) -> Vec<String> {
    // In NFC, as emails are addressed.
    let parsed = |script| EmailAddress::parse(&mailbox(script)).unwrap();
    let mailboxes: Vec<String> =
        SCRIPTS.into_iter().map(|script| parsed(script).as_str().to_owned()).collect();
    for email in &mailboxes {
        world.post("/v1/users", registration(email)).await.expect(202);
    }
    assert_eq!(world.count("users").await, i64::try_from(SCRIPTS.len()).unwrap());
    world.settle().await;
    mailboxes
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_mailbox_gets_its_email() {
    let sink = mail_sink::Options { smtputf8: true, ..Default::default() };
    let sink = MailSink::start(sink).unwrap();
    let world = World::with(Options::default().set("SMTP_URL", sink.smtp_url())).await;

    let mailboxes = register_all(&world).await;

    let missing: Vec<&String> =
        mailboxes.iter().filter(|email| sink.messages_to(email).len() != 1).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(world.count("mails where state <> 'accepted'").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_without_smtputf8_is_a_recorded_failure_of_every_script() {
    let world = World::new().await;

    let mailboxes = register_all(&world).await;

    let ascii = mailboxes.iter().filter(|email| email.is_ascii()).count();
    let explained = "mails where state = 'failed' and attempts = 1 and reply like '%SMTPUTF8%'";
    assert_eq!(world.count(explained).await, i64::try_from(mailboxes.len() - ascii).unwrap());
    assert_eq!(world.mail.messages().len(), ascii);
}
