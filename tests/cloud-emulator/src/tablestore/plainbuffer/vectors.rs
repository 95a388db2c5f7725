//! Buffers that package tablestore 6.4.8 wrote, byte for byte.

use super::{
    Cell, DELETE_ALL_VERSIONS, INCREMENT, Malformed, Variant, WireRow, read_key, read_row, read_rows,
    read_variant, write_rows, write_variant,
};
use crate::tablestore::value::Value;

const KEY: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b0948";
const PUT: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b020304010000007605060000000301000000780a8d0304010000006e05090000000007000000000000000a2203040100000062050200000002010a3e09a2";
const UPDATE: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b020304010000007605060000000301000000790a8a0304010000006e06010a2403040100000063050900000000010000000000000006040a780998";
const DELETE: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b08094f";
const BOUNDS: &str = "7500000001030402000000706b0501000000090a3a03040300000073657105010000000a0a8c092c";
const AUTO: &str =
    "7500000001030402000000706b05060000000301000000610ad403040300000073657105010000000b0a8b09a5";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn string(text: &str) -> Variant {
    Variant::Value(Value::String(text.to_owned()))
}

fn integer(number: i64) -> Variant {
    Variant::Value(Value::Integer(number))
}

fn key() -> Vec<Cell> {
    vec![Cell::new("pk", string("a")), Cell::new("seq", integer(1))]
}

#[track_caller]
fn both_ways(buffer: &str, row: &WireRow) {
    assert_eq!(read_row(&bytes(buffer)).as_ref(), Ok(row));
    assert_eq!(hex::encode(write_rows([row])), buffer);
}

#[test]
fn a_key_alone() {
    both_ways(KEY, &WireRow { key: key(), ..WireRow::default() });
    assert_eq!(read_key(&bytes(KEY)), Ok(key()));
}

#[test]
fn a_put() {
    let cells = vec![
        Cell::new("v", string("x")),
        Cell::new("n", integer(7)),
        Cell::new("b", Variant::Value(Value::Boolean(true))),
    ];
    both_ways(PUT, &WireRow { key: key(), cells, deleted: false });
    assert_eq!(read_key(&bytes(PUT)), Err(Malformed::Trailing));
}

#[test]
fn an_update_with_operations() {
    let delete = Cell { value: None, operation: Some(DELETE_ALL_VERSIONS), ..Cell::new("n", Variant::Null) };
    let add = Cell { operation: Some(INCREMENT), ..Cell::new("c", integer(1)) };
    let cells = vec![Cell::new("v", string("y")), delete, add];
    both_ways(UPDATE, &WireRow { key: key(), cells, deleted: false });
}

#[test]
fn a_delete() {
    both_ways(DELETE, &WireRow { key: key(), cells: vec![], deleted: true });
}

#[test]
fn keys_that_are_no_values() {
    let bounds = vec![Cell::new("pk", Variant::InfMin), Cell::new("seq", Variant::InfMax)];
    both_ways(BOUNDS, &WireRow { key: bounds, ..WireRow::default() });
    let auto = vec![Cell::new("pk", string("a")), Cell::new("seq", Variant::AutoIncrement)];
    both_ways(AUTO, &WireRow { key: auto, ..WireRow::default() });
}

#[test]
fn bare_variants_of_filters() {
    for (text, variant) in [("000700000000000000", integer(7)), ("030100000078", string("x"))] {
        assert_eq!(read_variant(&bytes(text)).as_ref(), Ok(&variant));
        assert_eq!(hex::encode(write_variant(&variant)), text);
    }
}

#[test]
fn the_padding_of_the_node_package_is_no_part_of_a_row() {
    let bounds = read_row(&bytes(BOUNDS)).unwrap();
    assert_eq!(read_row(&bytes(&format!("{BOUNDS}0000"))), Ok(bounds));
    for bad in [format!("{BOUNDS}000000"), format!("{BOUNDS}01"), format!("{AUTO}0000"), format!("{KEY}00")] {
        assert_eq!(read_row(&bytes(&bad)), Err(Malformed::Trailing), "{bad}");
    }
}

#[test]
fn many_rows_share_one_header() {
    let row = read_row(&bytes(PUT)).unwrap();
    let two = write_rows([&row, &row]);
    assert_eq!(hex::encode(&two), format!("{PUT}{}", &PUT[8..]));
    assert_eq!(read_rows(&two), Ok(vec![row.clone(), row]));
    assert_eq!(read_row(&two), Err(Malformed::Trailing));
    assert_eq!(write_rows([]), Vec::<u8>::new());
}

#[test]
fn timestamps_come_behind_operations_on_the_wire_and_before_them_in_the_checksum() {
    let cell = Cell { operation: Some(3), timestamp: Some(5), value: None, ..Cell::new("v", Variant::Null) };
    let row = WireRow { key: key(), cells: vec![cell], deleted: false };
    let written = write_rows([&row]);
    let wire = hex::encode(&written);
    assert!(wire.contains("03040100000076060307050000000000000"), "{wire}");
    assert_eq!(read_row(&written), Ok(row));
}

#[test]
fn no_changed_byte_goes_unnoticed_and_none_panics() {
    for good in [KEY, PUT, UPDATE, DELETE, BOUNDS, AUTO] {
        let good = bytes(good);
        let row = read_row(&good).unwrap();
        for index in 0..good.len() {
            for flip in 1..=255_u8 {
                let mut bad = good.clone();
                bad[index] ^= flip;
                assert_ne!(read_row(&bad).as_ref(), Ok(&row), "byte {index} xor {flip}");
            }
            assert!(read_row(&good[..index]).is_err(), "cut at {index}");
        }
    }
}
