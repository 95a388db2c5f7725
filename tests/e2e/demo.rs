//! The demo is the README's first command.

use std::process::Command;

#[test]
fn the_demo_ends_well_and_tells_the_whole_story() {
    let output = Command::new(env!("CARGO_BIN_EXE_reaper")).args(["demo", "--once"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in
        ["DeletionReceived", "RevocationHeld", "approved:  by peter; confirmed", "0 of 3 certificates"]
    {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}
