//! `--help` teaches: what a command is for, its options, its exit codes and examples.

use crate::world::alone;

const COMMANDS: [&str; 21] = [
    "demo",
    "status",
    "history",
    "revoke",
    "approve",
    "reject",
    "sweep",
    "replay",
    "inspect",
    "doctor",
    "store",
    "serve",
    "emulate",
    "verify",
    "prove",
    "erase",
    "key",
    "notify",
    "token",
    "config",
    "completions",
];

#[test]
fn the_whole_help_is_this() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("help", alone(&["--help"]).out);
        for command in COMMANDS {
            let help = alone(&[command, "--help"]);
            assert_eq!(help.code, Some(0));
            insta::assert_snapshot!(format!("help_{command}"), help.out);
        }
    });
}

#[test]
fn every_command_shows_an_example_of_itself() {
    for command in COMMANDS {
        let help = alone(&[command, "--help"]).out;
        let (_, examples) =
            help.split_once("Examples:").unwrap_or_else(|| panic!("{command} has no examples"));
        assert!(
            examples.contains(&format!("reaper {command}")) || examples.contains("reaper --config"),
            "{command}"
        );
    }
}

#[test]
fn a_misspelt_command_or_option_is_a_usage_error_with_a_suggestion() {
    let ended = alone(&["statsu"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("'status'"), "{}", ended.err);
    let ended = alone(&["status", "--leftover"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("'--leftovers'"), "{}", ended.err);
    let ended = alone(&["status", "--status", "Efective"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("'Effective'"), "{}", ended.err);
}

#[test]
fn completions_come_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = alone(&["completions", shell]);
        assert_eq!(ended.code, Some(0));
        assert!(ended.out.contains("reaper") && ended.out.contains("leftovers"), "{shell}");
    }
}
