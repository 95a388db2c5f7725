//! How a setting is written: as the text of a variable, and as a value of a file.

use toml::{Table, Value};

use super::keys::{KEYS, Key};

/// How a setting is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A text, as it is.
    Text,
    /// A whole number or a fraction.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts; in a variable separated by commas.
    List,
}

impl Form {
    /// Reads the text of a variable.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::String(text.to_owned())),
            Self::List => Ok(Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|t| !t.is_empty())
                    .map(|t| Value::String(t.into()))
                    .collect(),
            )),
            Self::Switch => {
                text.parse().map(Value::Boolean).map_err(|_| format!("`{text}` is neither true nor false"))
            }
            Self::Number => text
                .parse()
                .map(Value::Integer)
                .or_else(|_| text.parse().map(Value::Float))
                .map_err(|_| format!("`{text}` is not a number")),
        }
    }

    /// Whether a value of a file is of the right type.
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_str(),
            Self::Number => value.is_integer() || value.is_float(),
            Self::Switch => value.is_bool(),
            Self::List => value.as_array().is_some_and(|texts| texts.iter().all(Value::is_str)),
        }
    }

    /// What a file has to have.
    const fn in_a_file(self) -> &'static str {
        match self {
            Self::Text => "a text in quotes",
            Self::Number => "a number",
            Self::Switch => "true or false",
            Self::List => "a list of texts in quotes",
        }
    }
}

/// What is of a wrong type. It is looked for before anything is made of the values, for what does that quotes those that it
/// cannot take, and one may be a secret.
pub(super) fn wrong_type(table: &Table) -> Option<String> {
    KEYS.iter().find_map(|key| wrong_type_of(key, table))
}

fn wrong_type_of(key: &Key, table: &Table) -> Option<String> {
    let (sections, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
    let (mut table, mut path) = (table, String::new());
    for section in sections.split_terminator('.') {
        path = format!("{path}{section}");
        let Value::Table(inner) = table.get(section)? else {
            return Some(format!("{path} has to be a table"));
        };
        table = inner;
        path.push('.');
    }
    let value = table.get(name)?;
    (!key.form.fits(value)).then(|| format!("{} has to be {}", key.path, key.form.in_a_file()))
}
