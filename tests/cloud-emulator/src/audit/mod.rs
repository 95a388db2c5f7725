//! Queries over audit logs: the search language of the log service, and as much of its SQL as clients send.

mod lexer;
mod search;
mod sql;

use std::collections::BTreeMap;

use crate::account::AccessRecord;

/// One log: every value is text, as the log service answers them.
pub(crate) type Log = BTreeMap<String, String>;

/// A query that cannot be evaluated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("unexpected `{0}`")]
    Unexpected(String),
    #[error("the query ends too early")]
    End,
    #[error("an open quote")]
    Quote,
}

/// A query: a search, and possibly SQL over what it finds.
#[derive(Debug)]
pub(crate) struct Query {
    search: search::Search,
    sql: Option<sql::Select>,
}

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        let (search, sql) = match lexer::split_at_pipe(text) {
            Some((search, sql)) => (search, Some(sql::Select::parse(sql)?)),
            None => (text, None),
        };
        Ok(Self { search: search::Search::parse(search)?, sql })
    }

    pub(crate) fn has_sql(&self) -> bool {
        self.sql.is_some()
    }

    /// What the query answers over these logs.
    pub(crate) fn run(&self, logs: Vec<Log>) -> Vec<Log> {
        let found: Vec<_> = logs.into_iter().filter(|log| self.search.matches(log)).collect();
        match &self.sql {
            Some(select) => select.run(&found),
            None => found,
        }
    }
}

/// An access as the audit log shows it (Kubernetes audit.k8s.io/v1, with the index fields that ACK documents).
pub(crate) fn log(record: &AccessRecord) -> Log {
    let resource = record.uri.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let time = record.at.as_second().to_string();
    let received = record.at.to_string();
    let status = record.status.to_string();
    let source = format!("[\"{}\"]", record.source);
    let reason = format!("RBAC: allowed by ClusterRoleBinding to User \"{}\"", record.username);
    let fields = [
        ("__time__", time.as_str()),
        ("__source__", "203.0.113.1"),
        ("__topic__", ""),
        ("auditID", &record.audit_id),
        ("stage", "ResponseComplete"),
        ("level", "Metadata"),
        ("verb", &record.verb),
        ("requestURI", &record.uri),
        ("user.username", &record.username),
        ("user.groups", "[\"system:users\",\"system:authenticated\"]"),
        ("objectRef.resource", resource),
        ("responseStatus.code", &status),
        ("sourceIPs", &source),
        ("requestReceivedTimestamp", &received),
        ("annotations.authorization.k8s.io/decision", "allow"),
        ("annotations.authorization.k8s.io/reason", &reason),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs() -> Vec<Log> {
        let log = |user: &str, time: &str| {
            let fields = [("user.username", user), ("__time__", time), ("verb", "get")];
            fields.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
        };
        vec![
            log("2001-17000001", "100"),
            log("2001", "300"),
            log("20019-17000002", "900"),
            log("2002-1", "700"),
        ]
    }

    fn run(query: &str) -> Vec<Log> {
        Query::parse(query).expect("a query").run(logs())
    }

    fn only(query: &str, name: &str) -> String {
        let mut found = run(query);
        assert_eq!(found.len(), 1, "{query}");
        found.remove(0).remove(name).expect("the column")
    }

    #[test]
    fn the_documented_query_counts_the_bare_uid_and_the_one_with_a_suffix_and_no_longer_uid() {
        let query = r#"* and "user.username": 2001* | select max(__time__) as last, count(1) as n where "user.username" = '2001' or "user.username" like '2001-%'"#;
        assert_eq!(only(query, "last"), "300");
        assert_eq!(only(query, "n"), "2");
    }

    #[test]
    fn the_search_alone_finds_every_word_that_begins_so() {
        assert_eq!(run("2001*").len(), 3);
        assert_eq!(run("2001* and not 20019*").len(), 2);
        assert_eq!(run("user.username: 2001").len(), 2);
        assert_eq!(run("user.username: 2001 or user.username: 2002").len(), 3);
        assert_eq!(run("(2001 or 2002) verb: get").len(), 3);
        assert_eq!(run("verb: 2001").len(), 0);
        assert_eq!(run("*").len(), 4);
        assert_eq!(run("").len(), 4);
    }

    #[test]
    fn an_aggregate_over_nothing_is_one_row_with_null_and_zero() {
        let query = "nobody | select max(__time__) as last, count(*) as n";
        assert_eq!(only(query, "last"), "null");
        assert_eq!(only(query, "n"), "0");
    }

    #[test]
    fn plain_columns_conditions_and_a_limit() {
        let found = run(
            "* | select __time__, \"user.username\" as who from log where __time__ >= 300 and not verb != 'get' limit 2",
        );
        let who: Vec<_> = found.iter().map(|log| log["who"].as_str()).collect();
        assert_eq!(who, ["2001", "20019-17000002"]);
        assert!(!found[0].contains_key("verb"));
    }

    #[test]
    fn what_cannot_be_evaluated_is_an_error() {
        for query in
            ["(2001", "a and", "\"open", "* | select", "* | select a group by a", "* | drop table log"]
        {
            assert!(Query::parse(query).is_err(), "{query}");
        }
    }
}
