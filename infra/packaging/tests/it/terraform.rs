//! The Terraform module, checked without Terraform and without an account.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use packaging::module::{File, Module, labels};
use packaging::schema::Schema;
use packaging::workspace;

use crate::description;

fn directory() -> PathBuf {
    workspace().join("infra/terraform")
}

fn module() -> Module {
    Module::read(&directory()).unwrap()
}

fn examples() -> Vec<Module> {
    ["simple", "complete"].map(|name| Module::read(&directory().join("examples").join(name)).unwrap()).into()
}

/// The provider's schema: `terraform providers schema -json`, one resource type to a key.
fn schema() -> Option<Schema> {
    let named = std::env::var_os("REAPER_TERRAFORM_SCHEMA").map(PathBuf::from);
    let path =
        named.clone().unwrap_or_else(|| workspace().join("../shared/terraform-alicloud-1.246.0-schema.json"));
    if !path.exists() {
        assert!(named.is_none(), "REAPER_TERRAFORM_SCHEMA names {}, which is not there", path.display());
        eprintln!(
            "SKIPPED: the resources were NOT checked against the provider: no schema at {}; name one in \
             REAPER_TERRAFORM_SCHEMA",
            path.display()
        );
        return None;
    }
    Some(Schema::read(&path).unwrap())
}

#[test]
fn every_resource_is_such_that_the_provider_takes_it() {
    let Some(schema) = schema() else { return };
    let mut resources = 0;
    for module in std::iter::once(module()).chain(examples()) {
        let report = schema.check(&module);
        assert!(report.problems.is_empty(), "{}", report.problems.join("\n"));
        resources += report.checked.resources;
        println!("{:?}", report.checked);
    }
    assert!(resources >= 16, "only {resources} resources were looked at");
}

#[test]
fn the_check_names_what_the_provider_does_not_take() {
    let Some(schema) = schema() else { return };
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
resource "alicloud_fcv3_function" "x" {
  handler = "a"
  memory  = 1
  create_time = "now"
  code {
    zip = "a"
  }
  code {}
  nothing {}
}
resource "alicloud_fcv4_function" "y" {}
resource "alicloud_ots_table" "z" {
  instance_name = "a"
  table_name    = "b"
  time_to_live  = 1
  max_version   = 1
}
"#;
    std::fs::write(folder.path().join("main.tf"), text).unwrap();
    let problems = schema.check(&Module::read(folder.path()).unwrap()).problems.join("\n");
    for problem in [
        "fcv3_function.x: there is no argument memory",
        "x: create_time is an attribute, not an argument",
        "x: runtime is required",
        "x.code: there is no argument zip",
        "x: more than Some(1) code",
        "x: there is no block nothing",
        "fcv4_function.y: there is no such resource type",
        "ots_table.z: at least 1 primary_key",
    ] {
        assert!(problems.contains(problem), "{problem} is not among:\n{problems}");
    }
}

#[test]
fn what_expressions_refer_to_is_declared() {
    for module in std::iter::once(module()).chain(examples()) {
        let declared = module.declared();
        let undeclared: Vec<_> = module.referred().difference(&declared).cloned().collect();
        assert!(undeclared.is_empty(), "{undeclared:?}");
    }
    assert!(module().referred().contains("alicloud_ram_role.function"), "the check sees references");
}

#[test]
fn what_is_declared_is_used() {
    let module = module();
    let referred = module.referred();
    let used_by_name = |name: &String| name.starts_with("var.") || name.starts_with("local.");
    let unused: Vec<_> =
        module.declared().into_iter().filter(used_by_name).filter(|name| !referred.contains(name)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn variables_and_outputs_are_described_and_variables_have_a_type() {
    let module = module();
    for (_, block) in module.blocks("variable") {
        assert!(block.body.has_attribute("description"), "{:?}", labels(block));
        assert!(block.body.has_attribute("type"), "{:?}", labels(block));
    }
    for (_, block) in module.blocks("output") {
        assert!(block.body.has_attribute("description"), "{:?}", labels(block));
    }
}

#[test]
fn examples_give_what_the_module_asks_for_and_nothing_that_it_does_not_know() {
    let module = module();
    let known: BTreeSet<String> = module.names("variable").into_iter().collect();
    let required: BTreeSet<String> = module
        .blocks("variable")
        .filter(|(_, block)| !block.body.has_attribute("default"))
        .map(|(_, block)| labels(block).join("."))
        .collect();
    for example in examples() {
        let (_, call) = example.blocks("module").next().unwrap();
        let given: BTreeSet<String> = call.body.attributes().map(|a| a.key.as_str().to_owned()).collect();
        let given: BTreeSet<String> = given.into_iter().filter(|key| key != "source").collect();
        assert!(given.is_subset(&known), "{:?}", given.difference(&known));
        assert!(required.is_subset(&given), "{:?}", required.difference(&given));
    }
    let (_, complete) = examples().remove(1).blocks("module").next().map(|(_, b)| ((), b.clone())).unwrap();
    let given: BTreeSet<&str> = complete.body.attributes().map(|a| a.key.as_str()).collect();
    let left: Vec<_> =
        known.iter().filter(|name| !given.contains(name.as_str()) && *name != "instance_type").collect();
    assert_eq!(left, ["only_look"], "the complete example sets everything that a deployment sets");
}

#[test]
fn the_values_of_all_settings_are_those_that_functions_are_given() {
    let module = module();
    let (_, locals) = module.blocks("locals").find(|(_, block)| block.body.has_attribute("values")).unwrap();
    let Expression::Object(values) = &locals.body.get_attribute("values").unwrap().value else {
        panic!("`values` is an object")
    };
    let values: BTreeSet<String> =
        values.iter().map(|(key, _)| key.as_ident().unwrap().as_str().to_owned()).collect();
    let described = description();
    let given: BTreeSet<String> = described.functions.values().flat_map(|f| f.settings.clone()).collect();
    assert_eq!(values, given);
}

#[test]
fn the_runtime_is_one_that_the_provider_takes_and_that_is_described() {
    let module = module();
    let described = description().runtime;
    let (file, runtime) = module.blocks("variable").find(|(_, block)| labels(block) == ["runtime"]).unwrap();
    assert_eq!(Module::source(file, runtime, "default"), Some(format!("{:?}", described.default).as_str()));
    let validation = runtime.body.get_blocks("validation").next().unwrap();
    let condition = Module::source(file, validation, "condition").unwrap();
    let accepted: Vec<&str> = condition.split('"').filter(|word| word.starts_with("custom")).collect();
    assert_eq!(accepted, described.accepted);
    // Provider 1.246.0 validates the value, and knows no later one.
    assert!(["custom", "custom.debian10"].contains(&described.default.as_str()));
}

#[test]
fn formatting_is_that_of_terraform_fmt() {
    for file in module().files.iter().chain(examples().iter().flat_map(|module| &module.files)) {
        for (number, line) in (1..).zip(file.text.lines()) {
            let place = format!("{}:{number}", file.path.display());
            assert!(!line.contains('\t') && line.trim_end() == line, "{place}: white space");
        }
        assert!(file.text.ends_with('\n') && !file.text.ends_with("\n\n"), "{}", file.path.display());
    }
    // Alignment is Terraform's own business.
    match Command::new("terraform")
        .args(["fmt", "-recursive", "-check", "-diff"])
        .current_dir(directory())
        .output()
    {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(_) => eprintln!("SKIPPED: no terraform here: alignment was NOT checked"),
    }
}

#[test]
fn no_secret_passes_through_the_state_but_those_that_are_said_to() {
    let module = module();
    for file in &module.files {
        for argument in ["zip_file", "secret_key", "access_key", "password"] {
            assert!(!file.text.contains(argument), "{}: {argument}", file.path.display());
        }
    }
    let secrets = ["domain_private_key", "console_session_key"];
    let hidden = |(file, block): &(&File, &Block)| Module::source(file, block, "sensitive") == Some("true");
    let names: Vec<_> =
        module.blocks("variable").filter(hidden).flat_map(|(_, block)| labels(block)).collect();
    assert_eq!(names, secrets);
    let readme = std::fs::read_to_string(directory().join("README.md")).unwrap();
    let (_, told) = readme.split_once("**Secrets.**").unwrap();
    let told = told.split("\n\n").next().unwrap();
    for secret in secrets {
        assert!(told.contains(&format!("`{secret}`")), "{secret} is in the state, and nobody is told");
    }
}

#[test]
fn the_domain_is_made_only_where_one_is_named_and_with_all_described_routes() {
    let module = module();
    let is_domain = |(_, block): &(&File, &Block)| labels(block) == ["alicloud_fcv3_custom_domain", "this"];
    let (file, domain) = module.blocks("resource").find(is_domain).unwrap();
    let each = Module::source(file, domain, "for_each").unwrap();
    assert_eq!(each, "var.domain == null ? {} : { (var.domain) = local.deployment.domain }");
    let routes =
        domain.body.get_blocks("route_config").next().unwrap().body.get_blocks("dynamic").next().unwrap();
    assert_eq!(Module::source(file, routes, "for_each"), Some("each.value.routes"));
    let made: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(directory().join("deployment.json")).unwrap()).unwrap();
    let made = made["domain"]["routes"].as_array().unwrap();
    let described = description();
    assert_eq!(made.len(), described.domain.routes.len());
    for (made, (route, methods)) in made.iter().zip(described.routes()) {
        assert_eq!(
            (&made["path"], &made["function"]),
            (&route.path.as_str().into(), &route.function.as_str().into())
        );
        assert_eq!(made["methods"].as_array().unwrap().len(), methods.len());
    }
}

#[test]
fn a_file_that_is_no_hcl_is_named_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.tf"), "a = 1\nb = = 2\n").unwrap();
    let problem = Module::read(Path::new(folder.path())).unwrap_err().to_string();
    assert!(problem.contains("broken.tf") && problem.contains("line 2"), "{problem}");
}
