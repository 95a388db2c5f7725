//! RAM policies: what somebody may do (DOC:ram/policy-structure-and-syntax).
//!
//! Written without the code that makes the project's policies. Elements that are not understood here, such as
//! `Condition` and `NotAction`, are refused, so that no document counts for more than it says.

use serde::Deserialize;
use serde_json::Value;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    version: Version,
    statement: Vec<Statement>,
}

/// The only version there is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
enum Version {
    #[serde(rename = "1")]
    One,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    effect: Effect,
    action: Patterns,
    resource: Patterns,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

/// Why a document is no policy.
#[derive(Debug, thiserror::Error)]
#[error("the policy is not understood: {0}")]
pub struct PolicyError(#[from] serde_json::Error);

/// What policies say to an action on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// One statement allows it and none denies it.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it, whatever others allow.
    Denied,
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// It has another form, or elements that are not evaluated here.
    pub fn parse(document: &Value) -> Result<Self, PolicyError> {
        Ok(Self::deserialize(document)?)
    }
}

/// Evaluates everything that is attached to somebody. `*` as a resource stands for operations on no resource in
/// particular: only the pattern `*` covers it.
pub fn verdict(policies: &[Policy], action: &str, resource: &str) -> Verdict {
    let statements = || policies.iter().flat_map(|policy| &policy.statement);
    let says = |effect| {
        statements().any(|statement| {
            statement.effect == effect
                && statement.action.any(|pattern| covers(pattern, action))
                && statement.resource.any(|pattern| pattern == "*" || covers(pattern, resource))
        })
    };
    if says(Effect::Deny) {
        Verdict::Denied
    } else if says(Effect::Allow) {
        Verdict::Allowed
    } else {
        Verdict::NotAllowed
    }
}

impl Patterns {
    fn any(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(pattern) => fits(pattern),
            Self::Many(patterns) => patterns.iter().any(|pattern| fits(pattern)),
        }
    }
}

/// `*` stands for any characters, also none, and `?` for one.
fn covers(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The texts that a beginning of the pattern fits, by length.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for wanted in pattern {
        if wanted == '*' {
            let first = fits.iter().position(|fit| *fit).unwrap_or(fits.len());
            fits.iter_mut().skip(first).for_each(|fit| *fit = true);
            continue;
        }
        for length in (1..fits.len()).rev() {
            fits[length] = fits[length - 1] && (wanted == '?' || wanted == text[length - 1]);
        }
        fits[0] = false;
    }
    fits.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statements: &Value) -> Policy {
        Policy::parse(&json!({ "Version": "1", "Statement": statements })).unwrap()
    }

    const CLUSTER: &str = "acs:cs:cn-hangzhou:1000000000000001:cluster/c1";

    #[test]
    fn what_nothing_allows_is_not_allowed() {
        assert_eq!(verdict(&[], "cs:CleanUserPermissions", "*"), Verdict::NotAllowed);
        let other = policy(&json!([{ "Effect": "Allow", "Action": "cs:Clean", "Resource": "*" }]));
        assert_eq!(verdict(&[other], "cs:CleanUserPermissions", "*"), Verdict::NotAllowed);
    }

    #[test]
    fn a_denial_goes_before_every_allowance_in_any_document() {
        let all = policy(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
        let no = policy(&json!([{ "Effect": "Deny", "Action": ["ram:AttachPolicyTo*"], "Resource": ["*"] }]));
        for order in [[all.clone(), no.clone()], [no, all]] {
            assert_eq!(verdict(&order, "ram:AttachPolicyToRole", "*"), Verdict::Denied);
            assert_eq!(verdict(&order, "ram:ListUsers", "*"), Verdict::Allowed);
        }
    }

    #[test]
    fn a_resource_is_covered_by_its_pattern_alone() {
        let of_clusters = policy(&json!([{
            "Effect": "Allow",
            "Action": "cs:DescribeClusterDetail",
            "Resource": "acs:cs:*:1000000000000001:cluster/*",
        }]));
        let says =
            |resource| verdict(std::slice::from_ref(&of_clusters), "cs:DescribeClusterDetail", resource);
        assert_eq!(says(CLUSTER), Verdict::Allowed);
        assert_eq!(says("acs:cs:cn-hangzhou:1000000000000002:cluster/c1"), Verdict::NotAllowed);
        assert_eq!(says("*"), Verdict::NotAllowed, "everything is more than every cluster");
    }

    #[test]
    fn wildcards_stand_for_what_the_documentation_says() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*", "a", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("**b", "ab", true),
            ("a.c", "abc", false),
            ("abc", "abcd", false),
            ("", "a", false),
        ] {
            assert_eq!(covers(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_not_evaluated_is_refused() {
        let condition = json!({ "Bool": { "acs:MFAPresent": "true" } });
        for document in [
            json!({ "Version": "2", "Statement": [] }),
            json!({ "Statement": [] }),
            json!({ "Version": "1", "Statement": [{ "Effect": "Permit", "Action": "*", "Resource": "*" }] }),
            json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "NotAction": "a:b", "Resource": "*" }] }),
            json!({ "Version": "1", "Statement": [
                { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition },
            ] }),
        ] {
            assert!(Policy::parse(&document).is_err(), "{document}");
        }
    }
}
