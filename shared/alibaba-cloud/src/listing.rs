//! Lists in pages, read as streams.
//!
//! A stream yields `Result<Entry<T>, Error>`. A failed call ends it. An entry that cannot be understood does not: it is
//! yielded as an [`InvalidEntry`] that names it, and the others follow, so that one odd entry never hides the rest.

use std::collections::HashSet;
use std::fmt;

use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStream, TryStreamExt};
use serde_json::Value;

use crate::error::{Error, bounded};
use crate::operation::Operation;

/// No list is this long; a server that never ends one is not followed for ever.
const MAX_PAGES: u32 = 2_000;

/// One entry of a list, understood or not.
pub type Entry<T> = Result<T, InvalidEntry>;

/// A list as a stream. Nothing is called before it is polled.
pub type Entries<T> = BoxStream<'static, Result<Entry<T>, Error>>;

/// An entry that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: entry {name}: {reason}")]
pub struct InvalidEntry {
    /// The operation that listed it.
    pub operation: &'static str,
    /// What it calls itself, e.g. `account_id=alice`, else its place in the page.
    pub name: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A whole list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was understood.
    pub entries: Vec<T>,
    /// What was not.
    pub invalid: Vec<InvalidEntry>,
}

impl<T> Listing<T> {
    /// Reads a stream to its end.
    ///
    /// # Errors
    /// The call that failed. What was read until then is dropped: a part of a list must not be taken for the list.
    pub async fn collect<S>(entries: S) -> Result<Self, S::Error>
    where
        S: TryStream<Ok = Entry<T>>,
    {
        let empty = Self { entries: Vec::new(), invalid: Vec::new() };
        entries
            .try_fold(empty, async |mut listing, entry| {
                match entry {
                    Ok(entry) => listing.entries.push(entry),
                    Err(invalid) => listing.invalid.push(invalid),
                }
                Ok(listing)
            })
            .await
    }
}

/// How an entry is read, and which of its fields name it.
pub(crate) struct Reader<T> {
    pub(crate) operation: &'static Operation,
    pub(crate) names: &'static [&'static str],
    pub(crate) read: fn(&Value) -> Result<T, String>,
}

impl<T> Clone for Reader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reader<T> {}

impl<T> Reader<T> {
    pub(crate) fn entries(&self, page: &[Value]) -> Vec<Entry<T>> {
        page.iter().enumerate().map(|(place, value)| self.entry(place, value)).collect()
    }

    fn entry(&self, place: usize, value: &Value) -> Entry<T> {
        (self.read)(value).map_err(|reason| InvalidEntry {
            operation: self.operation.name,
            name: self.name(value).unwrap_or_else(|| format!("number {}", place + 1)),
            reason: bounded(&reason),
        })
    }

    fn name(&self, value: &Value) -> Option<String> {
        self.names.iter().find_map(|name| {
            let value = match value.get(name)? {
                Value::String(text) if !text.is_empty() => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            Some(bounded(&format!("{name}={value}")))
        })
    }
}

/// A page that is asked for by its number.
pub(crate) struct NumberedPage {
    pub(crate) entries: Vec<Value>,
    /// How many entries the whole list has, where the service says so.
    pub(crate) total: Option<u64>,
}

/// A page that is asked for by the marker in the one before.
pub(crate) struct MarkedPage {
    pub(crate) entries: Vec<Value>,
    pub(crate) next: Option<String>,
}

/// Reads page after page, until one is empty or the total is reached.
pub(crate) fn numbered<T, F, Fut>(reader: Reader<T>, fetch: F) -> Entries<T>
where
    T: Send + 'static,
    F: Fn(u32) -> Fut + Send + 'static,
    Fut: Future<Output = Result<NumberedPage, Error>> + Send,
{
    let start = Some(Numbered { number: 1, seen: 0, before: Vec::new(), fetch });
    stream::try_unfold(start, move |state| async move {
        let Some(mut state) = state else { return Ok(None) };
        let page = (state.fetch)(state.number).await?;
        let more = state.follow(reader.operation, page.total, &page.entries)?;
        let entries = reader.entries(&page.entries);
        state.before = page.entries;
        Ok::<_, Error>(Some((stream::iter(entries.into_iter().map(Ok)), more.then_some(state))))
    })
    .try_flatten()
    .boxed()
}

struct Numbered<F> {
    number: u32,
    seen: u64,
    before: Vec<Value>,
    fetch: F,
}

impl<F> Numbered<F> {
    /// Takes a page into account. Whether another is to be asked for.
    fn follow(
        &mut self,
        operation: &'static Operation,
        total: Option<u64>,
        page: &[Value],
    ) -> Result<bool, Error> {
        if !page.is_empty() && page == self.before {
            return Err(endless(operation, format_args!("page {} repeats the one before", self.number)));
        }
        self.seen += page.len() as u64;
        if page.is_empty() {
            if let Some(total) = total.filter(|total| *total > self.seen) {
                tracing::warn!(
                    cloud.operation = operation.name,
                    list.total = total,
                    list.seen = self.seen,
                    "a list ended before its total"
                );
            }
            return Ok(false);
        }
        // A total of zero beside entries is no total.
        if total.is_some_and(|total| total > 0 && self.seen >= total) {
            return Ok(false);
        }
        if self.number == MAX_PAGES {
            return Err(endless(operation, format_args!("more than {MAX_PAGES} pages")));
        }
        self.number += 1;
        Ok(true)
    }
}

/// Reads page after page, until one has no marker.
pub(crate) fn marked<T, F, Fut>(reader: Reader<T>, fetch: F) -> Entries<T>
where
    T: Send + 'static,
    F: Fn(Option<String>) -> Fut + Send + 'static,
    Fut: Future<Output = Result<MarkedPage, Error>> + Send,
{
    let start = Some((None::<String>, HashSet::new(), fetch));
    stream::try_unfold(start, move |state| async move {
        let Some((marker, mut seen, fetch)) = state else { return Ok(None) };
        let page = fetch(marker).await?;
        let next = match page.next {
            None => None,
            Some(marker) if !seen.insert(marker.clone()) => {
                return Err(endless(reader.operation, "a marker occurs twice"));
            }
            Some(_) if seen.len() >= MAX_PAGES as usize => {
                return Err(endless(reader.operation, format_args!("more than {MAX_PAGES} pages")));
            }
            Some(marker) => Some((Some(marker), seen, fetch)),
        };
        let entries = reader.entries(&page.entries);
        Ok(Some((stream::iter(entries.into_iter().map(Ok)), next)))
    })
    .try_flatten()
    .boxed()
}

/// The same list with its entries turned into something else.
pub(crate) fn map<A, B, F>(entries: Entries<A>, turn: F) -> Entries<B>
where
    A: 'static,
    B: 'static,
    F: Fn(A) -> B + Send + 'static,
{
    entries.map_ok(move |entry| entry.map(&turn)).boxed()
}

fn endless(operation: &'static Operation, why: impl fmt::Display) -> Error {
    Error::invalid_response(operation, format_args!("the list does not end: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::operation::Service;

    static LIST: Operation = Operation::read(Service::Cs, "1", "List", 1);

    fn reader() -> Reader<u64> {
        Reader {
            operation: &LIST,
            names: &["id"],
            read: |value| value.as_u64().ok_or("no number".to_owned()),
        }
    }

    async fn numbers(pages: Vec<Vec<Value>>, total: Option<u64>) -> Result<Listing<u64>, Error> {
        let fetch = move |number: u32| {
            let entries = pages.get(number as usize - 1).cloned().unwrap_or_default();
            async move { Ok(NumberedPage { entries, total }) }
        };
        Listing::collect(numbered(reader(), fetch)).await
    }

    #[tokio::test]
    async fn pages_are_read_until_one_is_empty_or_the_total_is_reached() {
        let pages = vec![vec![json!(1), json!(2)], vec![json!(3)]];
        assert_eq!(numbers(pages.clone(), None).await.unwrap().entries, [1, 2, 3]);
        assert_eq!(numbers(pages.clone(), Some(2)).await.unwrap().entries, [1, 2]);
        assert_eq!(numbers(pages, Some(9)).await.unwrap().entries, [1, 2, 3]);
        assert!(numbers(vec![], Some(0)).await.unwrap().entries.is_empty());
    }

    #[tokio::test]
    async fn an_odd_entry_is_named_and_hides_no_other() {
        let pages = vec![vec![json!(1), json!({"id": "x\n1"}), json!([]), json!(2)]];
        let listing = numbers(pages, None).await.unwrap();
        assert_eq!(listing.entries, [1, 2]);
        let names: Vec<_> = listing.invalid.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["List: entry id=x 1: no number", "List: entry number 3: no number"]);
    }

    #[tokio::test]
    async fn a_server_that_sends_the_same_page_again_and_again_is_left() {
        let fetch = |_| async { Ok(NumberedPage { entries: vec![json!(1)], total: None }) };
        let error = Listing::collect(numbered(reader(), fetch)).await.unwrap_err();
        assert!(error.message().contains("page 2 repeats"), "{error}");
    }

    #[tokio::test]
    async fn a_list_of_pages_without_end_is_left() {
        let fetch = |page: u32| async move { Ok(NumberedPage { entries: vec![json!(page)], total: None }) };
        let error = Listing::collect(numbered(reader(), fetch)).await.unwrap_err();
        assert!(error.message().contains("more than 2000 pages"), "{error}");
        let fetch = |marker: Option<String>| async move {
            Ok(MarkedPage { entries: vec![], next: Some(format!("{}x", marker.unwrap_or_default())) })
        };
        let error = Listing::collect(marked(reader(), fetch)).await.unwrap_err();
        assert!(error.message().contains("more than 2000 pages"), "{error}");
    }

    #[tokio::test]
    async fn markers_are_followed_and_a_repeated_one_is_an_error() {
        let fetch = |marker: Option<String>| async move {
            let (entries, next) = match marker.as_deref() {
                None => (vec![json!(1)], Some("a".to_owned())),
                _ => (vec![json!(2)], None),
            };
            Ok(MarkedPage { entries, next })
        };
        assert_eq!(Listing::collect(marked(reader(), fetch)).await.unwrap().entries, [1, 2]);
        let fetch = |_| async { Ok(MarkedPage { entries: vec![json!(1)], next: Some("a".to_owned()) }) };
        let error = Listing::collect(marked(reader(), fetch)).await.unwrap_err();
        assert!(error.message().contains("a marker occurs twice"), "{error}");
    }
}
