//! The row encoding: the published vectors, and what the decoder does with anything else.

use proptest::prelude::*;
use tablestore_rs::plainbuffer::{
    Cell, CellOperation, DecodeErrorKind, EncodeError, Variant, WireRow, decode_row, decode_rows,
    decode_variant, encode_row, encode_rows, encode_variant,
};
use tablestore_rs::types::{KeyColumn, KeyValue, PrimaryKey, Row, RowUpdate, Value};

use crate::requests::key;

const KEY: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b0948";
const PUT: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b020304010000007605060000000301000000780a8d0304010000006e05090000000007000000000000000a2203040100000062050200000002010a3e09a2";
const UPDATE: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b020304010000007605060000000301000000790a8a0304010000006e06010a2403040100000063050900000000010000000000000006040a780998";
const DELETE: &str = "7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b08094f";
const INFINITE: &str = "7500000001030402000000706b0501000000090a3a03040300000073657105010000000a0a8c092c";
const AUTO: &str =
    "7500000001030402000000706b05060000000301000000610ad403040300000073657105010000000b0a8b09a5";

fn cell(name: &str, value: Option<Value>, operation: Option<CellOperation>) -> Cell {
    Cell { name: name.to_owned(), value, operation, timestamp: None }
}

/// Every published vector with the row that it is.
fn published() -> Vec<(&'static str, WireRow)> {
    let put: WireRow = Row::new(key(1)).column("v", "x").column("n", 7).column("b", true).into();
    let update = WireRow {
        cells: vec![
            cell("v", Some("y".into()), None),
            cell("n", None, Some(CellOperation::DeleteAllVersions)),
            cell("c", Some(1.into()), Some(CellOperation::Increment)),
        ],
        ..WireRow::key(key(1))
    };
    let infinite = PrimaryKey::new().column("pk", KeyValue::InfMin).column("seq", KeyValue::InfMax);
    vec![
        (KEY, WireRow::key(key(1))),
        (PUT, put),
        (UPDATE, update),
        (DELETE, WireRow::deletion(key(1))),
        (INFINITE, WireRow::key(infinite)),
        (AUTO, WireRow::key(key(KeyValue::AutoIncrement))),
    ]
}

#[test]
fn published_vectors_are_encoded_and_decoded_byte_for_byte() {
    for (bytes, row) in published() {
        assert_eq!(hex::encode(encode_row(&row).unwrap()), bytes);
        assert_eq!(decode_row(&hex::decode(bytes).unwrap()).unwrap(), row);
    }
    for (variant, bytes) in
        [(Variant::Integer(7), "000700000000000000"), (Variant::String("x"), "030100000078")]
    {
        assert_eq!(hex::encode(encode_variant(variant).unwrap()), bytes);
        assert_eq!(decode_variant(&hex::decode(bytes).unwrap()).unwrap(), variant);
    }
}

#[test]
fn the_checksum_has_the_timestamp_before_the_operation_and_the_wire_has_it_behind() {
    let update = RowUpdate::new(key(1)).delete_version("o", 1_700_000_000_000);
    assert_eq!(update.primary_key(), &key(1));
    let row = WireRow {
        cells: vec![Cell {
            timestamp: Some(1_700_000_000_000),
            ..cell("o", None, Some(CellOperation::DeleteOneVersion))
        }],
        ..WireRow::key(key(1))
    };
    let bytes = encode_row(&row).unwrap();
    let timestamp = bytes.windows(3).position(|window| window == [0x06, 0x03, 0x07]);
    assert!(timestamp.is_some(), "operation, then timestamp");
    assert_eq!(decode_row(&bytes).unwrap(), row);
}

#[test]
fn a_row_without_a_key_is_not_sent() {
    assert_eq!(encode_row(&WireRow::key(PrimaryKey::new())), Err(EncodeError::NoPrimaryKey));
}

#[test]
fn every_single_changed_byte_of_every_vector_is_found() {
    for (bytes, _) in published() {
        let whole = hex::decode(bytes).unwrap();
        for at in 0..whole.len() {
            for change in 1..=255u8 {
                let mut damaged = whole.clone();
                damaged[at] ^= change;
                assert!(decode_row(&damaged).is_err(), "byte {at} ^ {change:#04x} of {bytes}");
            }
        }
    }
}

#[test]
fn a_checksum_is_named_by_the_place_where_it_is_wrong() {
    let kind = |at: usize| {
        let mut bytes = hex::decode(PUT).unwrap();
        let at = if at == 0 { bytes.len() - 1 } else { at };
        bytes[at] ^= 1;
        let error = decode_row(&bytes).unwrap_err();
        (error.offset == at, error.kind)
    };
    assert!(matches!(kind(0), (true, DecodeErrorKind::RowChecksum { .. })), "the last row's too");
    let cell_checksum = 4 + 1 + 8 + 11 + 1;
    assert!(matches!(kind(cell_checksum), (true, DecodeErrorKind::CellChecksum { .. })));
}

#[test]
fn every_truncation_is_an_error() {
    let rows: Vec<WireRow> = published().into_iter().map(|(_, row)| row).collect();
    let whole = encode_rows(&rows).unwrap();
    assert_eq!(decode_rows(&whole).unwrap(), rows);
    // Cut between two rows it is a shorter list, which the answer around it has to tell; everywhere else an error.
    let ends: Vec<usize> = (0..=rows.len()).map(|n| encode_rows(&rows[..n]).unwrap().len()).collect();
    for length in 0..whole.len() {
        assert_eq!(decode_rows(&whole[..length]).is_ok(), ends.contains(&length), "{length} bytes");
        assert!(decode_row(&whole[..length]).is_err() || length == ends[1], "{length} bytes");
    }
}

#[test]
fn what_the_format_does_not_know_is_refused() {
    let refused = |from: &str, to: &str| {
        let changed = PUT.replacen(from, to, 1);
        assert_ne!(changed, PUT);
        decode_row(&hex::decode(changed).unwrap()).unwrap_err().kind
    };
    assert_eq!(refused("75000000", "76000000"), DecodeErrorKind::Header(0x76));
    assert_eq!(refused("050200000002", "050200000004"), DecodeErrorKind::Type(4));
    assert_eq!(refused("05020000000201", "05020000000202"), DecodeErrorKind::Boolean(2));
    assert_eq!(refused("0506000000", "0507000000"), DecodeErrorKind::Length { declared: 7, actual: 6 });
    assert_eq!(refused("030100000061", "0301000000ff"), DecodeErrorKind::Utf8);
    let trailing = hex::decode(format!("{PUT}00")).unwrap();
    assert_eq!(decode_row(&trailing).unwrap_err().kind, DecodeErrorKind::Trailing(1));
    assert!(matches!(decode_rows(&trailing).unwrap_err().kind, DecodeErrorKind::Tag { .. }));
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{1,12}", ".{0,40}"]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_filter("NaN is not equal to itself", |v| !v.is_nan()).prop_map(Value::Double),
        any::<bool>().prop_map(Value::Boolean),
        text().prop_map(Value::String),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Value::Binary),
    ]
}

fn key_value() -> impl Strategy<Value = KeyValue> {
    prop_oneof![
        any::<i64>().prop_map(KeyValue::Integer),
        any::<bool>().prop_map(KeyValue::Boolean),
        text().prop_map(KeyValue::String),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(KeyValue::Binary),
        Just(KeyValue::InfMin),
        Just(KeyValue::InfMax),
        Just(KeyValue::AutoIncrement),
    ]
}

fn any_cell() -> impl Strategy<Value = Cell> {
    let operation = prop::option::of(prop::sample::select(vec![
        CellOperation::DeleteAllVersions,
        CellOperation::DeleteOneVersion,
        CellOperation::Increment,
    ]));
    (text(), prop::option::of(value()), operation, prop::option::of(any::<i64>()))
        .prop_map(|(name, value, operation, timestamp)| Cell { name, value, operation, timestamp })
}

fn any_row() -> impl Strategy<Value = WireRow> {
    let column = (text(), key_value()).prop_map(|(name, value)| KeyColumn { name, value });
    let columns = prop::collection::vec(column, 1..5);
    (columns, prop::collection::vec(any_cell(), 0..6), any::<bool>()).prop_map(|(columns, cells, deleted)| {
        WireRow { primary_key: PrimaryKey::from_columns(columns), cells, deleted }
    })
}

proptest! {
    #[test]
    fn what_was_encoded_is_decoded(rows in prop::collection::vec(any_row(), 0..5)) {
        let bytes = encode_rows(&rows).unwrap();
        prop_assert_eq!(decode_rows(&bytes).unwrap(), rows);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode_rows(&bytes);
        let _ = decode_variant(&bytes);
        let mut headed = vec![0x75, 0, 0, 0, 1, 3, 4];
        headed.extend(bytes);
        let _ = decode_rows(&headed);
    }

    #[test]
    fn damaged_rows_never_panic_and_are_never_the_same(
        row in any_row(), at in any::<prop::sample::Index>(), change in 1..=255u8,
    ) {
        let mut bytes = encode_row(&row).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= change;
        prop_assert_ne!(decode_row(&bytes), Ok(row));
    }

    #[test]
    fn a_changed_byte_of_a_value_or_name_is_found(
        payload in "[a-z]{8,40}", at in 0..8usize, change in 1..=255u8, in_name: bool,
    ) {
        let (name, data) = if in_name { (payload.as_str(), "v") } else { ("n", payload.as_str()) };
        let row: WireRow = Row::new(key(1)).column(name, data.as_bytes().to_vec()).into();
        let mut bytes = encode_row(&row).unwrap();
        let start = bytes.windows(payload.len()).position(|window| window == payload.as_bytes()).unwrap();
        bytes[start + at] ^= change;
        let kind = decode_row(&bytes).unwrap_err().kind;
        let found = matches!(kind, DecodeErrorKind::CellChecksum { .. } | DecodeErrorKind::Utf8);
        prop_assert!(found, "{:?}", kind);
    }

    #[test]
    fn a_truncated_row_is_an_error(row in any_row(), length in any::<prop::sample::Index>()) {
        let bytes = encode_row(&row).unwrap();
        prop_assert!(decode_row(&bytes[..length.index(bytes.len())]).is_err());
    }
}
