//! Lengths from the wire never decide how much memory is taken. The decoders run in a child process that may use 256 MiB:
//! a decoder that believed one of these lengths would end it.
#![cfg(target_os = "linux")]

use std::process::{Command, ExitStatus};

use prost::Message;
use tablestore_rs::plainbuffer::{decode_row, decode_rows, decode_variant};
use tablestore_rs::protobuf;

const LIMIT_KIB: u32 = 256 << 10;

/// Lengths close to 4 GiB, 2 GiB and 1 GiB.
const LENGTHS: [u32; 3] = [u32::MAX, i32::MAX as u32, 1 << 30];

/// Runs an ignored test of this binary with a limit on its memory.
fn limited(test: &str) -> ExitStatus {
    let script = format!("ulimit -v {LIMIT_KIB} && exec \"$0\" --ignored --exact --test-threads=1 {test}");
    let this = std::env::current_exe().unwrap();
    Command::new("sh").arg("-c").arg(script).arg(this).output().unwrap().status
}

#[test]
fn lengths_from_the_wire_are_not_believed() {
    assert!(limited("allocation::child_decodes_hostile_lengths").success());
}

/// Without this nobody would know whether the limit works.
#[test]
fn a_decoder_that_believed_them_would_be_found() {
    assert!(!limited("allocation::child_believes_a_length").success());
}

#[test]
#[ignore = "run by lengths_from_the_wire_are_not_believed, in a child with little memory"]
fn child_decodes_hostile_lengths() {
    for length in LENGTHS {
        let length = length.to_le_bytes();
        let with = |parts: [&[u8]; 3]| parts.concat();
        let header = [0x75, 0, 0, 0, 1, 3, 4];
        let name = with([&header, &length, b"abc"]);
        let value = with([&[&header[..], &[1, 0, 0, 0, b'k', 5]].concat(), &length, &[3, 1, 0, 0, 0, b'x']]);
        let string = with([&[&header[..], &[1, 0, 0, 0, b'k', 5, 9, 0, 0, 0, 3]].concat(), &length, b"x"]);
        for bytes in [&name, &value, &string] {
            decode_rows(bytes).unwrap_err();
            decode_row(bytes).unwrap_err();
        }
        decode_variant(&with([&[3], &length, b"x"])).unwrap_err();
        decode_variant(&with([&[7], &length, b"x"])).unwrap_err();
    }
    // The length of protobuf: up to 2^64.
    for length in
        [&[0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]]
    {
        for tag in [0x0a, 0x12, 0x1a, 0x22] {
            let bytes = [&[tag], length, b"abc"].concat();
            protobuf::GetRowResponse::decode(&*bytes).unwrap_err();
            protobuf::GetRangeResponse::decode(&*bytes).unwrap_err();
            protobuf::Error::decode(&*bytes).err();
            protobuf::BatchGetRowResponse::decode(&*bytes).err();
            protobuf::DescribeTableResponse::decode(&*bytes).err();
        }
    }
    // Many small parts take more memory than bytes, but within a bound.
    let cells = [&[0x75, 0, 0, 0, 1, 2][..], &[3, 4, 0, 0, 0, 0, 0x0a, 0].repeat(1 << 17)].concat();
    decode_rows(&cells).unwrap_err();
    let tables = [0x0a, 0].repeat(1 << 19);
    protobuf::BatchGetRowResponse::decode(&*tables).unwrap();
}

#[test]
#[ignore = "run by a_decoder_that_believed_them_would_be_found, in a child with little memory"]
fn child_believes_a_length() {
    for length in LENGTHS {
        let bytes: Vec<u8> = Vec::with_capacity(length as usize);
        assert!(std::hint::black_box(bytes).is_empty());
    }
}
