//! Every mistake in a brand has a file and a line, and all are reported at once.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{Brand, Colours};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder of its own with these files, deleted at the end.
struct Folder(PathBuf);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let name = format!("brand-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        for (name, content) in files {
            let path = folder.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        folder
    }

    /// The brand, and its mistakes with the folder as `BRAND`.
    fn load(&self) -> (Brand, Vec<String>) {
        let mut mistakes = Vec::new();
        let brand = Brand::load(&self.0, &mut mistakes);
        let folder = self.0.display().to_string();
        (brand, mistakes.iter().map(|mistake| mistake.replace(&folder, "BRAND")).collect())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const COLOURS: &str = "accent = \"#7a1f5c\"\naccent_dark = \"#f0a6d4\"\n";
const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>";

/// A PNG of one pixel.
fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, 1, 1).write_header().unwrap();
    writer.write_image_data(&[0]).unwrap();
    writer.finish().unwrap();
    bytes
}

#[test]
fn every_part_is_read() {
    let png = png();
    let folder = Folder::with(&[
        ("brand.toml", COLOURS.as_bytes()),
        ("logo.svg", SVG.as_bytes()),
        ("logo.png", &png),
        ("README.md", b"ours"),
        (".gitignore", b"x"),
        ("locales/de/ours.ftl", "\u{feff}mail-footer = Acme".as_bytes()),
        ("locales/nl/mail.ftl", b"mail-footer = Acme"),
        ("templates/emails/layout.txt", b"{{ subject }}"),
    ]);

    let (brand, mistakes) = folder.load();

    assert_eq!(mistakes, [""; 0]);
    assert_eq!(brand.colours().light.accent.to_string(), "#7a1f5c");
    assert_eq!(brand.logo.unwrap().media_type, "image/svg+xml");
    assert_eq!(brand.email_logo.unwrap().content, png);
    assert!(brand.languages.locales.get("nl").is_some());
    assert_eq!(brand.templates.get("emails/layout.txt"), Some("{{ subject }}"));
}

#[test]
fn what_a_brand_lacks_is_as_shipped() {
    let (brand, mistakes) = Folder::with(&[("logo.png", &png())]).load();

    assert_eq!(mistakes, [""; 0]);
    assert_eq!(brand.colours(), Colours::SHIPPED);
    assert_eq!(brand.logo, brand.email_logo);
    assert_eq!(brand.templates.get("emails/layout.txt"), None);
}

#[test]
fn mistakes_of_a_whole_brand() {
    let animated = b"\x89PNG\r\n\x1a\n...".to_vec();
    let large = format!("{SVG}\n{}", " ".repeat(super::Logo::MAX_BYTES));
    let folder = Folder::with(&[
        ("brand.toml", b"accent = \"#7fd6cb\" # too light\naccent_drak = \"teal\"\n"),
        ("logo.png", &animated),
        ("logo.svg", large.as_bytes()),
        ("Logo.gif", b""),
        ("locales/nl_NL/mail.ftl", b""),
        ("locales/dutch language/mail.ftl", b""),
        ("locales/de/notes.txt", b""),
        ("locales/de/mail.ftl", b"# x\nmail-footr = Acme { $foo }\nmail-ip = { $ipp }\n"),
        ("locales/fr/a.ftl", b"mail-footer = ok\nmail-footer = { \n"),
        ("locales/ja/a.ftl", b"mail-footer = \xff"),
        ("templates/emails/layout.html", b"<p>\n{% if x %}\n</p>\n"),
        ("templates/mails/layout.html", b""),
    ]);

    insta::assert_snapshot!(folder.load().1.join("\n"));
}

#[test]
fn mistakes_in_colours() {
    let mut all = String::new();
    for file in [
        "",
        "accent = \"#7a1f5c\"",
        "accent = \"#7a1f5c\"\naccent_dark = 7",
        "accent = \"teal\"\naccent_dark = \"#7a1f5c\"",
        "accent = \"#7a1f5c\"\naccent = \"#7a1f5c\"",
        "accent = #7a1f5c\n",
        "accent = \"#777777\"\naccent_dark = \"#8b8b8b\"",
        "# Ours\n\n[colours]\naccent = \"#7a1f5c\"",
    ] {
        let (brand, mistakes) = Folder::with(&[("brand.toml", file.as_bytes())]).load();
        assert_eq!(brand.colours, None, "{file}");
        all += &format!("{file}\n=> {}\n\n", mistakes.join("\n=> "));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn folder_that_does_not_exist_is_a_mistake() {
    let mut mistakes = Vec::new();
    let brand = Brand::load(Path::new("/nowhere/brand"), &mut mistakes);

    let expected =
        "/nowhere/brand: cannot be read as a folder: No such file or directory (os error 2)";
    assert_eq!(mistakes, [expected]);
    assert!(brand.languages.locales.get("en").is_some());
}
