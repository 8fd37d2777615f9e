//! Path templates such as `/v1/deals/{id}:complete`, and what they find in a path.

use std::ops::Range;

use anyhow::{Context as _, bail};
use http_path_template::{Grammar, PathTemplate, Segment};
use percent_encoding::percent_decode_str;

/// A template of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    verb: Option<String>,
    variables: Vec<Variable>,
    text: String,
}

/// In the order in which templates are tried: the more it says, the earlier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Literal(String),
    One,
    Rest,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    field: String,
    parts: Range<usize>,
}

impl Template {
    /// Reads one; the grammar is that of `google.api.http`.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let parsed = PathTemplate::parse(text, Grammar::default())
            .with_context(|| format!("malformed path template {text}"))?;
        let mut template = Self {
            parts: vec![],
            verb: parsed.verb().map(str::to_owned),
            variables: vec![],
            text: text.to_owned(),
        };
        for segment in parsed.segments() {
            template.add(segment)?;
        }
        Ok(template)
    }

    fn add(&mut self, segment: &Segment<'_>) -> anyhow::Result<()> {
        let Segment::Variable(variable) = segment else {
            self.parts.push(part(segment)?);
            return Ok(());
        };
        let from = self.parts.len();
        for segment in variable.segments() {
            self.parts.push(part(&segment)?);
        }
        let field = variable.field_path().to_owned();
        self.variables.push(Variable { field, parts: from..self.parts.len() });
        Ok(())
    }

    /// As it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The fields that a path fills, as dotted names.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.field.as_str())
    }

    /// Sorts templates so that the first that fits says the most.
    pub(crate) fn rank(&self) -> impl Ord + use<> {
        (self.parts.clone(), self.verb.is_none())
    }

    /// Whether whatever fits the one fits the other, too.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (&self.parts, &self.verb) == (&other.parts, &other.verb)
    }

    /// What the path fills in, if it fits. A colon in its last segment stands before a verb, unless it
    /// is percent-encoded; encoded bytes that are no text fit nowhere.
    pub(crate) fn find(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let (last, before) = segments.split_last()?;
        let (last, verb) =
            last.rsplit_once(':').map_or((*last, None), |(it, verb)| (it, Some(verb)));
        (verb == self.verb.as_deref()).then_some(())?;
        self.fit(&before.iter().copied().chain([last]).collect::<Vec<_>>())
    }

    fn fit(&self, segments: &[&str]) -> Option<Vec<(&str, String)>> {
        let fixed = self.parts.iter().filter(|part| **part != Part::Rest).count();
        let is_open = self.parts.last() == Some(&Part::Rest);
        let enough = if is_open { segments.len() >= fixed } else { segments.len() == fixed };
        let mut pairs = self.parts.iter().zip(segments);
        (enough && pairs.all(|(part, segment)| part.fits(segment))).then_some(())?;
        self.variables.iter().map(|it| Some((&*it.field, self.value(it, segments)?))).collect()
    }

    /// What a variable stands for. In one of several segments an encoded slash stays encoded: it
    /// parts none.
    fn value(&self, variable: &Variable, segments: &[&str]) -> Option<String> {
        let Range { start, end } = variable.parts;
        let is_open = self.parts.get(end - 1) == Some(&Part::Rest);
        let end = if is_open { segments.len() } else { end };
        match segments.get(start..end)? {
            [one] if !is_open => decoded(one),
            many => {
                let slash = |text: &str| text.replace("%2F", "%252F").replace("%2f", "%252f");
                let many = many.iter().map(|segment| decoded(&slash(segment)));
                Some(many.collect::<Option<Vec<_>>>()?.join("/"))
            }
        }
    }
}

impl Part {
    fn fits(&self, segment: &str) -> bool {
        match self {
            Self::Literal(text) => decoded(segment).is_some_and(|it| it == *text),
            Self::One => !segment.is_empty(),
            Self::Rest => true,
        }
    }
}

fn part(segment: &Segment<'_>) -> anyhow::Result<Part> {
    match segment {
        Segment::Literal(text) => {
            Ok(Part::Literal(decoded(text).context("a literal must be UTF-8")?))
        }
        Segment::Single => Ok(Part::One),
        Segment::Rest => Ok(Part::Rest),
        _ => bail!("a segment is a literal, `*`, `**` or a variable"),
    }
}

fn decoded(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        let template = Template::parse(template).unwrap();
        let found = template.find(path)?;
        Some(found.into_iter().map(|(field, value)| (field.to_owned(), value)).collect())
    }

    #[track_caller]
    fn finds(template: &str, path: &str, expected: &[(&str, &str)]) {
        let found = find(template, path).unwrap_or_else(|| panic!("{path} should fit {template}"));
        let found: Vec<_> = found.iter().map(|(field, value)| (&**field, &**value)).collect();
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn a_variable_is_one_segment() {
        finds("/v1/posts/{id}", "/v1/posts/7", &[("id", "7")]);
        for path in ["/v1/posts", "/v1/posts/", "/v1/posts/7/8", "/v1/deals/7", "v1/posts/7"] {
            assert_eq!(find("/v1/posts/{id}", path), None, "{path}");
        }
    }

    #[test]
    fn a_verb_is_what_follows_the_last_colon() {
        let complete = "/v1/deals/{id}:complete";
        finds(complete, "/v1/deals/7:complete", &[("id", "7")]);
        finds(complete, "/v1/deals/a:b:complete", &[("id", "a:b")]);
        assert_eq!(find(complete, "/v1/deals/7:cancel"), None);
        assert_eq!(find(complete, "/v1/deals/:complete"), None);
        assert_eq!(find("/v1/deals/{id}", "/v1/deals/7:complete"), None);
        finds("/v1/deals/{id}", "/v1/deals/7%3Aa", &[("id", "7:a")]);
        finds("/v1/my/sales:watch", "/v1/my/sales:watch", &[]);
    }

    #[test]
    fn a_variable_may_be_several_segments() {
        let book = "/v1/{name=shelves/*/books/*}:read";
        finds(book, "/v1/shelves/1/books/2:read", &[("name", "shelves/1/books/2")]);
        assert_eq!(find(book, "/v1/shelves/1/books:read"), None);
        let file = "/files/{at.path=**}";
        finds(file, "/files/a/b", &[("at.path", "a/b")]);
        finds(file, "/files/a%2Fb/%EA%B0%80", &[("at.path", "a%2Fb/가")]);
    }

    #[test]
    fn a_segment_is_decoded_once() {
        finds("/v1/{id}", "/v1/a%2Fb%2525", &[("id", "a/b%25")]);
        assert_eq!(find("/v1/{id}", "/v1/%FF"), None);
        finds("/v1/p%6Fsts", "/v1/post%73", &[]);
    }

    #[test]
    fn what_says_more_comes_first() {
        let mut templates = ["/{rest=**}", "/v1/{id}", "/v1/posts", "/v1/{id}:hide"];
        templates.sort_by_cached_key(|text| Template::parse(text).unwrap().rank());
        assert_eq!(templates, ["/v1/posts", "/v1/{id}:hide", "/v1/{id}", "/{rest=**}"]);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "v1", "/v1/{id", "/**/{id}", "/{a={b}}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
