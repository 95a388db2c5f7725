//! Texts of others: names, reasons, messages. They are escaped by the templates; here they are kept from misleading the
//! eye.

use maud::{Markup, PreEscaped, Render, html};

/// The longest text in a table, in characters. The rest is in the title.
const CELL_MAX: usize = 40;

/// A text as it is, with characters that nobody can see, or that turn the direction of others around, shown by number.
pub(crate) fn shown(text: &str) -> Markup {
    html! { bdi { (Visible(text)) } }
}

/// The same, cut to the width of a table's cell.
pub(crate) fn cell(text: &str) -> Markup {
    let Some((end, _)) = text.char_indices().nth(CELL_MAX) else { return shown(text) };
    html! { bdi title=(plain(text)) { (Visible(&text[..end])) "…" } }
}

/// The same without markup, for titles and attributes.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_odd(c) { '\u{fffd}' } else { c }).collect()
}

struct Visible<'a>(&'a str);

impl Render for Visible<'_> {
    fn render(&self) -> Markup {
        let mut html = String::new();
        for part in self.0.split_inclusive(is_odd) {
            let odd = part.chars().next_back().filter(|c| is_odd(*c));
            let clean = odd.map_or(part, |odd| &part[..part.len() - odd.len_utf8()]);
            html.push_str(&html! { (clean) }.into_string());
            if let Some(odd) = odd {
                let code = format!("U+{:04X}", u32::from(odd));
                html.push_str(&html! { span.odd { (code) } }.into_string());
            }
        }
        PreEscaped(html)
    }
}

/// Control characters, marks and overrides of direction, and characters without width. Joiners are part of words in some
/// languages, and stay.
fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        let text = shown("<script>alert(1)</script>\"'&").into_string();
        assert_eq!(text, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;&quot;'&amp;</bdi>");
    }

    #[test]
    fn what_cannot_be_seen_is_shown_by_its_number() {
        let text = shown("a\u{202e}b\u{0}\u{200b}").into_string();
        assert_eq!(
            text,
            "<bdi>a<span class=\"odd\">U+202E</span>b<span class=\"odd\">U+0000</span><span class=\"odd\">U+200B</span></bdi>"
        );
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
    }

    #[test]
    fn letters_of_all_languages_stay() {
        for text in ["Ærøskøbing", "名前", "نام\u{200c}ها", "👩\u{200d}🔧"] {
            assert_eq!(shown(text).into_string(), format!("<bdi>{text}</bdi>"));
        }
    }

    #[test]
    fn a_long_text_is_cut_in_a_cell_and_whole_in_its_title() {
        let long = "é".repeat(1000);
        let html = cell(&long).into_string();
        assert_eq!(html, format!("<bdi title=\"{long}\">{}…</bdi>", "é".repeat(CELL_MAX)));
    }
}
