//! A small client with its own signing code.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::{Emulator, Options, Scenario, Service, TablestoreOptions};
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::message::{Fields, Message, Value, read_rows, row};
use crate::client::{Answer, Keys, Plain, hmac_sha1, hmac_sha256};

/// IGNORE, EXPECT_EXIST, EXPECT_NOT_EXIST.
pub(crate) const IGNORE: u64 = 0;
pub(crate) const PRESENT: u64 = 1;
pub(crate) const ABSENT: u64 = 2;

/// Status and code of an answer.
pub(crate) type Refused = (u16, String);

/// An emulator with one caller.
pub(crate) struct Store {
    pub(crate) emulator: Emulator,
    pub(crate) keys: Keys,
}

impl Store {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let emulator = Emulator::start(Scenario::believable(), options).await.expect("started");
        emulator.tune(|knobs| knobs.tablestore.table_operations_per_second = 0);
        Self { emulator, keys: Keys::root() }
    }

    /// With its tables in a file.
    pub(crate) async fn on(file: &std::path::Path) -> Self {
        let tablestore = TablestoreOptions { file: Some(file.to_owned()), ..TablestoreOptions::default() };
        Self::with(Options { tablestore, ..Options::default() }).await
    }

    /// Sends a request as it is; nothing if the connection broke.
    pub(crate) fn send(&self, plain: &Plain) -> Option<Answer> {
        plain.send(self.emulator.endpoints().address(Service::Tablestore))
    }

    /// Calls an operation; nothing if the connection broke.
    pub(crate) fn try_call(&self, operation: &str, body: &[u8]) -> Option<Result<Fields, Refused>> {
        let answer = self.send(&signed(operation, body, &self.keys))?;
        Some(match answer.status {
            200 => Ok(Fields::read(&answer.raw)),
            status => Err((status, Fields::read(&answer.raw).text(1))),
        })
    }

    #[track_caller]
    pub(crate) fn call(&self, operation: &str, body: &Message) -> Result<Fields, Refused> {
        self.try_call(operation, &body.0).expect("an answer")
    }

    /// Makes a table with the key (pk STRING, seq INTEGER), the predefined column `at` and these indexes on columns.
    #[track_caller]
    pub(crate) fn create(&self, table: &str, indexes: &[(&str, &str)]) {
        self.call("CreateTable", &create_table(table, indexes)).expect("created");
    }

    pub(crate) fn put(
        &self,
        table: &str,
        key: (&str, i64),
        v: impl Into<Value>,
        expect: u64,
    ) -> Result<(), Refused> {
        self.call("PutRow", &put_row(table, key, &[("v", v.into())], expect)).map(drop)
    }

    /// The cells of a row, key columns first.
    #[track_caller]
    pub(crate) fn get(&self, table: &str, key: (&str, i64)) -> Option<Vec<(String, Value)>> {
        let request = Message::new().text(1, table).bytes(2, &row(&keys(key), &[], false)).number(5, 1);
        let answer = self.call("GetRow", &request).expect("an answer");
        read_rows(&answer.part(2).expect("a row, if only an empty one")).pop()
    }

    /// The keys of a whole table or index, in order, whatever page they are on.
    #[track_caller]
    pub(crate) fn scan(&self, table: &str, columns: &[&str]) -> Vec<Vec<Value>> {
        let bound = |value: &Value| {
            let cells: Vec<_> = columns.iter().map(|name| (*name, value.clone())).collect();
            row(&cells, &[], false)
        };
        let (mut start, mut found) = (Some(bound(&Value::Min)), Vec::new());
        while let Some(from) = start {
            let request = Message::new().text(1, table).number(2, 0).number(5, 1);
            let answer = self.call("GetRange", &request.bytes(7, &from).bytes(8, &bound(&Value::Max)));
            let answer = answer.expect("an answer");
            let rows = read_rows(&answer.part(2).expect("rows"));
            found.extend(rows.into_iter().map(|cells| {
                cells.into_iter().take(columns.len()).map(|(_, value)| value).collect::<Vec<_>>()
            }));
            start = answer.part(3);
        }
        found
    }
}

pub(crate) fn keys((pk, seq): (&str, i64)) -> [(&'static str, Value); 2] {
    [("pk", pk.into()), ("seq", seq.into())]
}

pub(crate) fn put_row(table: &str, key: (&str, i64), columns: &[(&str, Value)], expect: u64) -> Message {
    let condition = Message::new().number(1, expect);
    Message::new().text(1, table).bytes(2, &row(&keys(key), columns, false)).message(3, &condition)
}

pub(crate) fn create_table(table: &str, indexes: &[(&str, &str)]) -> Message {
    let column = |name: &str, kind| Message::new().text(1, name).number(2, kind);
    let meta = Message::new().text(1, table).message(2, &column("pk", 2)).message(2, &column("seq", 1));
    let meta = meta.message(3, &column("at", 1));
    let throughput = Message::new().message(1, &Message::new().number(1, 0).number(2, 0));
    // -1 in the ten bytes of a negative int32.
    let options = Message::new().number(1, u64::MAX).number(2, 1);
    let request = Message::new().message(1, &meta).message(2, &throughput).message(3, &options);
    indexes.iter().fold(request, |request, (name, column)| {
        request.message(7, &Message::new().text(1, name).text(2, column).number(4, 0).number(5, 0))
    })
}

/// A request with signature V2.
pub(crate) fn signed(operation: &str, body: &[u8], keys: &Keys) -> Plain {
    let plain = unsigned(operation, body, keys);
    let signature = hmac_sha1(keys.secret.as_bytes(), &string_to_sign(&plain));
    plain.header("x-ots-signature", &signature)
}

/// A request with signature V4.
pub(crate) fn signed_v4(operation: &str, body: &[u8], keys: &Keys, date: &str, region: &str) -> Plain {
    let plain =
        unsigned(operation, body, keys).header("x-ots-signdate", date).header("x-ots-signregion", region);
    let text = format!("{}ots", string_to_sign(&plain));
    let signature = STANDARD.encode(hmac_sha256(&key_v4(&keys.secret, date, region), &text));
    plain.header("x-ots-signaturev4", &signature)
}

pub(crate) fn key_v4(secret: &str, date: &str, region: &str) -> Vec<u8> {
    let start = format!("aliyun_v4{secret}").into_bytes();
    let steps = [date, region, "ots", "aliyun_v4_request"];
    STANDARD.encode(steps.iter().fold(start, |key, step| hmac_sha256(&key, step))).into_bytes()
}

fn unsigned(operation: &str, body: &[u8], keys: &Keys) -> Plain {
    let mut plain = Plain::new("POST", &format!("/{operation}"));
    plain.body = body.to_vec();
    let plain = plain
        .header("x-ots-date", &Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
        .header("x-ots-apiversion", "2015-12-31")
        .header("x-ots-accesskeyid", &keys.id)
        .header("x-ots-instancename", "reaper-test")
        .header("x-ots-contentmd5", &STANDARD.encode(Md5::digest(body)));
    keys.token.iter().fold(plain, |plain, token| plain.header("x-ots-ststoken", token))
}

pub(crate) fn string_to_sign(plain: &Plain) -> String {
    let mut lines: Vec<_> = plain.headers.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    lines.sort();
    format!("{}\nPOST\n\n{}\n", plain.path, lines.join("\n"))
}
