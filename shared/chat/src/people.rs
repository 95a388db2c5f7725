//! Who is who: ids of a chat system, the names that the history knows people by, and what they may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest id or name, in bytes.
const NAME_MAX: usize = 64;

/// What somebody may do, in chats and over HTTP. Each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// May read.
    Viewer,
    /// May ask for revocations.
    Operator,
    /// May decide on what is held.
    Approver,
}

impl Role {
    /// All of them, the lowest first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Approver];

    /// The word of the configuration, and of the document of the HTTP interface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// A person, as `id:name:role`: the id at the chat system, the name that the history has, the role.
///
/// The name is what tells two people apart. Give one person the same name in every chat system and in `api.tokens`:
/// nobody approves what the same name has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Person {
    /// The id at the chat system, e.g. `U2CERLKJA`.
    pub id: String,
    /// The name in the history.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonError {
    /// Not three parts.
    #[error("a person is written id:name:role, e.g. U2CERLKJA:olga:operator")]
    Form,
    /// An id that does not fit.
    #[error("the id of a person has 1 to {NAME_MAX} letters, digits, `.`, `_`, `-`, `$` or `=`")]
    Id,
    /// A name that does not fit.
    #[error("the name of a person has 1 to {NAME_MAX} letters, digits, `.`, `_`, `-` or `@`")]
    Name,
    /// A role that does not exist.
    #[error("the role of a person is viewer, operator or approver")]
    Role,
}

impl FromStr for Person {
    type Err = PersonError;

    fn from_str(text: &str) -> Result<Self, PersonError> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let [id, name, role] = parts[..] else { return Err(PersonError::Form) };
        let fits = |text: &str, others: &[u8]| {
            let good = |b: u8| b.is_ascii_alphanumeric() || others.contains(&b);
            (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(good)
        };
        if !fits(id, b"._-$=") {
            return Err(PersonError::Id);
        }
        if !fits(name, b"._-@") {
            return Err(PersonError::Name);
        }
        let role = role.parse().map_err(|()| PersonError::Role)?;
        Ok(Self { id: id.to_owned(), name: name.to_owned(), role })
    }
}

impl TryFrom<String> for Person {
    type Error = PersonError;

    fn try_from(text: String) -> Result<Self, PersonError> {
        text.parse()
    }
}

impl From<Person> for String {
    fn from(person: Person) -> Self {
        format!("{}:{}:{}", person.id, person.name, person.role)
    }
}

/// The first two entries, counted from 1, that give one id twice or one name two roles: neither may depend on the order.
pub fn contradiction(people: &[Person]) -> Option<(usize, usize)> {
    let clash = |a: &Person, b: &Person| a.id == b.id || (a.name == b.name && a.role != b.role);
    (0..people.len()).find_map(|late| {
        let early = (0..late).find(|early| clash(&people[*early], &people[late]))?;
        Some((early + 1, late + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_an_id_a_name_and_a_role() {
        let olga: Person = " U2CERLKJA : olga : operator ".parse().unwrap();
        assert_eq!((olga.id.as_str(), olga.name.as_str(), olga.role), ("U2CERLKJA", "olga", Role::Operator));
        assert_eq!(String::from(olga), "U2CERLKJA:olga:operator");
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, error) in [
            ("", PersonError::Form),
            ("U1:olga", PersonError::Form),
            ("U1:olga:operator:x", PersonError::Form),
            (":olga:operator", PersonError::Id),
            ("U 1:olga:operator", PersonError::Id),
            ("U1::operator", PersonError::Name),
            ("U1:olga o:operator", PersonError::Name),
            ("U1:olga:admin", PersonError::Role),
            ("U1:olga:", PersonError::Role),
        ] {
            assert_eq!(text.parse::<Person>(), Err(error), "{text}");
        }
    }

    #[test]
    fn one_id_is_one_person_and_one_name_has_one_role() {
        let people = |entries: &[&str]| entries.iter().map(|e| e.parse().unwrap()).collect::<Vec<_>>();
        assert_eq!(contradiction(&people(&["U1:olga:viewer", "U2:olga:viewer", "U3:anna:approver"])), None);
        assert_eq!(contradiction(&people(&["U1:olga:viewer", "U1:anna:viewer"])), Some((1, 2)));
        assert_eq!(contradiction(&people(&["U1:a:viewer", "U2:b:viewer", "U3:a:approver"])), Some((1, 3)));
    }
}
