#![no_main]

use tablestore_rs::plainbuffer::{decode_row, decode_rows, decode_variant, encode_rows};
use tablestore_rs::types::Row;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = decode_row(bytes);
    let _ = decode_variant(bytes);
    if let Ok(rows) = decode_rows(bytes) {
        // Compared as bytes: a double that is no number does not equal itself.
        let Ok(encoded) = encode_rows(&rows) else { panic!("what was decoded cannot be encoded") };
        assert_eq!(decode_rows(&encoded).map(|rows| encode_rows(&rows)), Ok(Ok(encoded.clone())));
        let _: Vec<_> = rows.into_iter().map(Row::try_from).collect();
    }
});
