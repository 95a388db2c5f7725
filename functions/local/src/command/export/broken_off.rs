//! The file of an export that broke off: where its last whole record ends, and which event that is.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};

use csv::{ByteRecord, ReaderBuilder};
use kubeconfig::EventId;
use revocation::ExportFormat;
use serde_json::Value;

/// More than the largest line: an event has at most 1 MiB of data, which JSON may write as twice as much.
const TAIL: u64 = 8 << 20;

/// Where a file goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Bytes up to the end of the last whole record.
    pub(super) bytes: u64,
    /// Its event.
    pub(super) event: EventId,
}

/// Looks for the last whole record; `None`: there is none of this format.
pub(super) fn end(file: &File, format: ExportFormat) -> io::Result<Option<End>> {
    match format {
        ExportFormat::Csv => end_of_csv(file),
        ExportFormat::Ndjson => end_of_lines(file, "/id"),
        ExportFormat::Ocsf => end_of_lines(file, "/metadata/uid"),
        ExportFormat::CloudEvents => Ok(None),
    }
}

/// No line feed stands within a record.
fn end_of_lines(mut file: &File, id: &str) -> io::Result<Option<End>> {
    let length = file.seek(SeekFrom::End(0))?;
    let begin = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = vec![];
    file.take(TAIL).read_to_end(&mut tail)?;
    let Some(feed) = tail.iter().rposition(|byte| *byte == b'\n') else { return Ok(None) };
    let line = tail[..feed].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let record: Value = serde_json::from_slice(line).unwrap_or_default();
    let event = record.pointer(id).and_then(Value::as_str).and_then(|id| id.parse().ok());
    Ok(event.map(|event| End { bytes: begin + feed as u64 + 1, event }))
}

/// Line feeds may stand in quotes, so that records can be told from the beginning on only.
fn end_of_csv(mut file: &File) -> io::Result<Option<End>> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(BufReader::new(file));
    let columns = reader.byte_headers()?.len();
    let (mut record, mut last) = (ByteRecord::new(), None);
    let mut before_last = None;
    while reader.read_byte_record(&mut record)? {
        let id = record.get(0).and_then(|id| std::str::from_utf8(id).ok()).and_then(|id| id.parse().ok());
        let Some(event) = id.filter(|_| record.len() == columns) else { return Ok(last) };
        before_last = last.replace(End { bytes: reader.position().byte(), event });
    }
    // The last one may lack its end.
    let ended = last.as_ref().is_none_or(|end| ends_with_a_line(file, end.bytes).unwrap_or(false));
    Ok(if ended { last } else { before_last })
}

fn ends_with_a_line(mut file: &File, bytes: u64) -> io::Result<bool> {
    let mut byte = [0];
    file.seek(SeekFrom::Start(bytes.saturating_sub(1)))?;
    file.read_exact(&mut byte)?;
    Ok(byte == *b"\n")
}
