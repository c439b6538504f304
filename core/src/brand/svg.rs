//! Judges an SVG: a still picture that runs nothing and loads nothing.

use roxmltree::{Attribute, Document, Node};

const SVG: &str = "http://www.w3.org/2000/svg";

/// Elements that run scripts, embed other documents, or move.
const FORBIDDEN: [&str; 13] = [
    "animate",
    "animateMotion",
    "animateTransform",
    "audio",
    "canvas",
    "discard",
    "embed",
    "foreignObject",
    "handler",
    "iframe",
    "script",
    "set",
    "video",
];

/// A mistake, by its line.
type Flaw = (u32, String);

/// Its width and height, whose unit does not matter, or every flaw.
pub(super) fn judge(text: &str) -> Result<(f64, f64), Vec<Flaw>> {
    let document = Document::parse(text)
        .map_err(|error| vec![(error.pos().row, format!("is not an SVG: {error}"))])?;
    let line = |at: usize| document.text_pos_at(at).row;
    let mut flaws = Vec::new();
    for node in document.descendants() {
        let found = flaws_of(&node);
        flaws.extend(found.into_iter().map(|(at, what)| (line(at), what)));
    }
    let root = document.root_element();
    if !root.has_tag_name((SVG, "svg")) {
        flaws.push((line(root.range().start), format!("is not an SVG: it has no xmlns=\"{SVG}\"")));
    }
    let size = size(&root);
    if size.is_none() {
        let what = "has neither a viewBox nor a width and a height";
        flaws.push((line(root.range().start), what.to_owned()));
    }
    size.filter(|_| flaws.is_empty()).ok_or(flaws)
}

fn flaws_of(node: &Node<'_, '_>) -> Vec<(usize, String)> {
    let at = node.range().start;
    let mut flaws = Vec::new();
    let name = node.tag_name();
    // Elements of editors do nothing; those of HTML run.
    let is_html = name.namespace().is_some_and(|space| space.contains("xhtml"));
    if node.is_element() && (is_html || FORBIDDEN.contains(&name.name())) {
        flaws.push((at, format!("<{}> is not allowed in a logo", name.name())));
    }
    if let Some(instruction) = node.pi() {
        flaws.push((at, format!("<?{}?> is not allowed in a logo", instruction.target)));
    }
    if name.name() == "style"
        && let Some(style) = node.text().filter(|style| loads(style))
    {
        flaws.push((at, format!("a style must not load anything: {}", excerpt(style))));
    }
    flaws.extend(
        node.attributes().filter_map(|attribute| {
            flaw_of(&attribute).map(|what| (attribute.range().start, what))
        }),
    );
    flaws
}

fn flaw_of(attribute: &Attribute<'_, '_>) -> Option<String> {
    let (name, value) = (attribute.name(), attribute.value().trim());
    if name.len() > 2 && name.to_ascii_lowercase().starts_with("on") {
        Some(format!("{name} is not allowed in a logo: it runs a script"))
    } else if ["href", "src"].contains(&name) && !value.starts_with('#') {
        let what = "must refer to a part of this file, such as \"#part\"";
        Some(format!("{name}=\"{}\" {what}", excerpt(value)))
    } else if loads(value) {
        Some(format!("{name} must not load anything: {}", excerpt(value)))
    } else {
        None
    }
}

/// Whether a style or an attribute refers to something outside of the file. Escapes could hide that.
fn loads(style: &str) -> bool {
    let style: String = style.to_ascii_lowercase().split_whitespace().collect();
    let is_outside = |target: &str| !target.trim_start_matches(['"', '\'']).starts_with('#');
    style.contains("@import")
        || style.contains('\\')
        || style.contains("image-set(")
        || style.contains("image(")
        || style.split("url(").skip(1).any(is_outside)
}

fn excerpt(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

fn size(root: &Node<'_, '_>) -> Option<(f64, f64)> {
    let view_box = root.attribute("viewBox").and_then(|numbers| {
        let numbers = numbers.split([' ', ',']).filter(|number| !number.is_empty());
        match numbers.map(str::parse).collect::<Result<Vec<f64>, _>>().ok()?.as_slice() {
            [_, _, width, height] => Some((*width, *height)),
            _ => None,
        }
    });
    let length = |name| root.attribute(name)?.trim_end_matches("px").parse::<f64>().ok();
    let size = view_box.or_else(|| Some((length("width")?, length("height")?)));
    size.filter(|(width, height)| {
        let sensible = 0.01..=1_000_000.0;
        sensible.contains(width) && sensible.contains(height)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(inside: &str) -> Vec<Flaw> {
        let text = format!("<svg xmlns=\"{SVG}\" viewBox=\"0 0 64 32\">\n{inside}\n</svg>");
        judge(&text).err().unwrap_or_default()
    }

    #[test]
    fn a_still_picture_is_accepted() {
        for good in [
            "<path d=\"M0 0h1\" fill=\"url(#a)\" style=\"stroke:#fff; mask: url('#b')\"/>",
            "<style>.a { fill: #f00 } @media (prefers-color-scheme: dark) { .a { fill: #fff } }</style>",
            "<defs><linearGradient id=\"a\" href=\"#b\"/></defs><use href=\"#a\"/>",
            "<sodipodi:namedview xmlns:sodipodi=\"http://sodipodi\" zoom=\"1\"/><!-- x --><title>Acme</title>",
        ] {
            assert_eq!(flaws(good), [], "{good}");
        }
        let size = |attributes| judge(&format!("<svg xmlns=\"{SVG}\" {attributes}/>")).ok();
        assert_eq!(size("viewBox=\"0,0 64.5, 32\" width=\"1\""), Some((64.5, 32.0)));
        assert_eq!(size("width=\"20px\" height=\"10\""), Some((20.0, 10.0)));
        for odd in
            ["", "width=\"100%\" height=\"1\"", "viewBox=\"0 0 0 1\"", "viewBox=\"0 0 NaN 1\""]
        {
            assert_eq!(size(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_runs_loads_or_moves_is_refused_with_its_line() {
        for (bad, what) in [
            ("<g/>\n<script>alert(1)</script>", "<script> is not allowed in a logo"),
            ("\n<foreignObject/>", "<foreignObject> is not allowed in a logo"),
            (
                "\n<x:script xmlns:x=\"http://www.w3.org/1999/xhtml\"/>",
                "<script> is not allowed in a logo",
            ),
            ("\n<x:b xmlns:x=\"http://www.w3.org/1999/xhtml\"/>", "<b> is not allowed in a logo"),
            (
                "\n<set attributeName=\"href\" to=\"javascript:x\"/>",
                "<set> is not allowed in a logo",
            ),
            ("<g\nonload=\"x()\"/>", "onload is not allowed in a logo: it runs a script"),
            ("<g\nOnClick=\"x()\"/>", "OnClick is not allowed in a logo: it runs a script"),
            (
                "<image\nhref=\"https://a.example/b.png\"/>",
                "href=\"https://a.example/b.png\" must refer to a part of this file, such as \"#part\"",
            ),
            (
                "<a xmlns:l=\"http://www.w3.org/1999/xlink\"\n l:href=\" javascript:x\"/>",
                "href=\"javascript:x\" must refer to a part of this file, such as \"#part\"",
            ),
            ("<g\nfill=\"url( 'b.svg#a')\"/>", "fill must not load anything: url( 'b.svg#a')"),
            ("<g\nstyle=\"fill:ur\\6c(x)\"/>", "style must not load anything: fill:ur\\6c(x)"),
            ("\n<style>@import 'x'</style>", "a style must not load anything: @import 'x'"),
            ("\n<?xml-stylesheet href=\"x\"?>", "<?xml-stylesheet?> is not allowed in a logo"),
        ] {
            assert_eq!(flaws(bad), [(3, what.to_owned())], "{bad}");
        }
        let entity = format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg xmlns=\"{SVG}\"/>");
        for bad in [entity.as_str(), "", "<svg/>", "<html xmlns=\"x\"/>", "<svg><g></svg>"] {
            assert!(judge(bad).is_err(), "{bad}");
        }
        assert_eq!(flaws("<g onload=\"x\"/><script/>\n<set/>").len(), 3, "all of them");
    }
}
