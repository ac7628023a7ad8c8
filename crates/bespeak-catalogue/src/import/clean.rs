//! Cleaning: text as shops write it for web pages, made plain.

/// Plain text: tags left out (with what stands inside scripts and styles), entities resolved, line breaks
/// written as `\n` or `<br>` made real. A `<` that begins no tag stays.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&', '\\']) {
        let (before, marked) = rest.split_at(at);
        out.push_str(before);
        let (put, length) = marked_up(marked);
        out.push_str(&put);
        rest = marked.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// What a tag, an entity or a written line break becomes, and how many bytes it takes up.
fn marked_up(text: &str) -> (String, usize) {
    if text.starts_with('&') {
        return entity(text).unwrap_or_else(|| ("&".to_owned(), 1));
    }
    if text.starts_with('\\') {
        let breaks = ["\\r\\n", "\\n", "\\t"].into_iter().find(|written| text.starts_with(written));
        return breaks.map_or_else(|| ("\\".to_owned(), 1), |written| (" ".to_owned(), written.len()));
    }
    tag(text).unwrap_or_else(|| ("<".to_owned(), 1))
}

fn tag(text: &str) -> Option<(String, usize)> {
    let inside = text.strip_prefix('<')?;
    if let Some(comment) = inside.strip_prefix("!--") {
        let end = comment.find("-->").map_or(text.len(), |at| "<!--".len() + at + "-->".len());
        return Some((" ".to_owned(), end));
    }
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!') {
        return None;
    }
    // A tag that is never closed ends nothing: what follows is not text either.
    let end = text.find('>').map_or(text.len(), |at| at + 1);
    for silent in ["script", "style"] {
        if inside.get(..silent.len()).is_some_and(|name| name.eq_ignore_ascii_case(silent)) {
            let closing = format!("</{silent}");
            let lower = text.to_ascii_lowercase();
            let from = lower.find(&closing).unwrap_or(text.len());
            let after =
                lower.get(from..).and_then(|rest| rest.find('>')).map_or(text.len(), |at| from + at + 1);
            return Some((" ".to_owned(), after));
        }
    }
    Some((" ".to_owned(), end))
}

/// The longest entity that is looked for, in bytes; source: the names below, and `&#x10FFFF;`.
const LONGEST_ENTITY: usize = 10;

fn entity(text: &str) -> Option<(String, usize)> {
    let end = text.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let meant = match name {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        "apos" => "'".to_owned(),
        "nbsp" => " ".to_owned(),
        "reg" => "®".to_owned(),
        "trade" => "™".to_owned(),
        "deg" => "°".to_owned(),
        "euro" => "€".to_owned(),
        "ndash" => "–".to_owned(),
        "mdash" => "—".to_owned(),
        "bull" => "•".to_owned(),
        "hellip" => "…".to_owned(),
        "rsquo" => "’".to_owned(),
        _ => numbered(name.strip_prefix('#')?)?.to_string(),
    };
    Some((meant, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> String {
        plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tags_and_entities_go_and_their_text_stays() {
        assert_eq!(
            words("<p>Big &amp; <b>bold</b><br/>chair&nbsp;&#8220;X&#x201D;</p>"),
            "Big & bold chair “X”"
        );
        assert_eq!(words("one\\ntwo<!-- not this --> three"), "one two three");
    }

    #[test]
    fn scripts_and_styles_go_whole() {
        assert_eq!(words("a<script>alert('<b>')</script>b<STYLE>p{}</STYLE >c"), "a b c");
        assert_eq!(words("a<script>never closed"), "a");
    }

    #[test]
    fn what_only_looks_like_markup_stays() {
        assert_eq!(
            plain("5 < 6 & 7 &unknown; C:\\dir &#xD800; &#99999999;"),
            "5 < 6 & 7 &unknown; C:\\dir &#xD800; &#99999999;"
        );
        assert_eq!(words("cut <a href="), "cut");
    }

    proptest! {
        #[test]
        fn any_text_is_made_plain(text in "[<>&;#x/a-z\\\\\" é0-9!-]{0,200}") {
            prop_assert!(plain(&text).len() <= text.len() * 2 + 2);
        }
    }
}
