//! Every alarm has a runbook, and every runbook an alarm.

use std::collections::BTreeSet;

use hcl_edit::expr::Expression;
use packaging::module::{Module, labels};
use packaging::workspace;

/// The names of the alarms: the keys of `local.alerts`, and the alarms of CloudMonitor.
fn alarms() -> BTreeSet<String> {
    let module = Module::read(&workspace().join("infra/terraform")).unwrap();
    let (_, locals) = module.blocks("locals").find(|(_, block)| block.body.has_attribute("alerts")).unwrap();
    let Expression::Conditional(alerts) = &locals.body.get_attribute("alerts").unwrap().value else {
        panic!("`alerts` is a condition")
    };
    let Expression::Object(alerts) = &alerts.false_expr else { panic!("`alerts` is an object") };
    let mut names: BTreeSet<String> =
        alerts.iter().map(|(key, _)| key.as_ident().unwrap().to_string()).collect();
    let monitored = module.blocks("resource").filter(|(_, block)| labels(block)[0] == "alicloud_cms_alarm");
    names.extend(monitored.map(|(_, block)| labels(block)[1].replace('_', "-")));
    names.into_iter().map(|name| name.trim().to_owned()).collect()
}

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm() {
    let guide = std::fs::read_to_string(workspace().join("docs/operations.md")).unwrap();
    let (_, runbooks) = guide.split_once("\n## Runbooks\n").unwrap();
    let runbooks = runbooks.split("\n## ").next().unwrap();
    let written: BTreeSet<String> =
        runbooks.lines().filter_map(|line| line.strip_prefix("### ")).map(str::to_owned).collect();
    assert_eq!(alarms(), written);
    assert_eq!(written.len(), 5, "{written:?}");
    for part in runbooks.split("\n### ").skip(1) {
        assert!(part.contains("\n1. "), "what to do first: {part}");
    }
}
