//! The operations. Each takes a request and the desk, and gives an answer.

mod batch;
mod index;
mod range;
mod row;
mod table;
mod transaction;

use jiff::Timestamp;
use prost::Message;

use super::error::OtsError;
use super::instance::Instance;
use super::knobs::TablestoreKnobs;
use super::rows::Rows;
use super::schema::KeySchema;
use super::table::Table;
use super::value::Key;

/// One call being carried out, with the instance locked.
pub(crate) struct Desk<'a> {
    pub(crate) instance: &'a mut Instance,
    pub(crate) knobs: &'a TablestoreKnobs,
    /// The emulator's clock.
    pub(crate) now: Timestamp,
    /// The tables that the call named.
    pub(crate) named: Vec<String>,
}

/// What a read looks at: a table, an index, or what a transaction sees of a table.
pub(crate) struct View<'a> {
    pub(crate) schema: &'a KeySchema,
    pub(crate) rows: &'a Rows,
}

/// Every operation there is.
pub(crate) const NAMES: [&str; 17] = [
    "CreateTable",
    "DescribeTable",
    "ListTable",
    "UpdateTable",
    "DeleteTable",
    "CreateIndex",
    "DropIndex",
    "GetRow",
    "PutRow",
    "UpdateRow",
    "DeleteRow",
    "GetRange",
    "BatchGetRow",
    "BatchWriteRow",
    "StartLocalTransaction",
    "CommitTransaction",
    "AbortTransaction",
];

/// The operation of this name.
pub(crate) fn find(name: &str) -> Option<&'static str> {
    NAMES.into_iter().find(|known| *known == name)
}

/// Carries an operation out.
pub(crate) fn carry_out(desk: &mut Desk<'_>, operation: &str, body: &[u8]) -> Result<Vec<u8>, OtsError> {
    use super::change::Kind;
    match operation {
        "CreateTable" => call(desk, body, table::create),
        "DescribeTable" => call(desk, body, table::describe),
        "ListTable" => call(desk, body, table::list),
        "UpdateTable" => call(desk, body, table::update),
        "DeleteTable" => call(desk, body, table::delete),
        "CreateIndex" => call(desk, body, index::create),
        "DropIndex" => call(desk, body, index::drop),
        "GetRow" => call(desk, body, row::get),
        "PutRow" => call(desk, body, |desk, request| row::write(desk, Kind::Put, request)),
        "UpdateRow" => call(desk, body, |desk, request| row::write(desk, Kind::Update, request)),
        "DeleteRow" => call(desk, body, |desk, request| row::write(desk, Kind::Delete, request)),
        "GetRange" => call(desk, body, range::get),
        "BatchGetRow" => call(desk, body, batch::get),
        "BatchWriteRow" => call(desk, body, batch::write),
        "StartLocalTransaction" => call(desk, body, transaction::start),
        "CommitTransaction" => call(desk, body, transaction::commit),
        "AbortTransaction" => call(desk, body, transaction::abort),
        other => Err(OtsError::parameter(format!("Unsupported operation: '{other}'."))),
    }
}

fn call<Q, A>(
    desk: &mut Desk<'_>,
    body: &[u8],
    operation: impl FnOnce(&mut Desk<'_>, &Q) -> Result<A, OtsError>,
) -> Result<Vec<u8>, OtsError>
where
    Q: Message + Default,
    A: Message,
{
    let request =
        Q::decode(body).map_err(|_| OtsError::parameter("Parse PBMessage from RawString failed."))?;
    operation(desk, &request).map(|answer| answer.encode_to_vec())
}

impl Desk<'_> {
    pub(crate) fn name(&mut self, table: &str) {
        if !self.named.iter().any(|named| named == table) {
            self.named.push(table.to_owned());
        }
    }

    /// Counts a call to a table down that is not ready yet.
    fn ready(&mut self, name: &str) -> Result<(), OtsError> {
        let Some(table) = self.instance.tables.get_mut(name) else { return Ok(()) };
        if table.not_ready_calls > 0 {
            table.not_ready_calls -= 1;
            return Err(OtsError::not_ready());
        }
        Ok(())
    }

    /// A table that is written to or asked about.
    fn table(&mut self, name: &str) -> Result<&Table, OtsError> {
        self.name(name);
        self.ready(name)?;
        if self.instance.index(name).is_some() {
            return Err(OtsError::parameter("Can't write index table directly."));
        }
        self.instance.tables.get(name).ok_or_else(OtsError::no_such_table)
    }

    /// What a read sees.
    fn view(&mut self, name: &str, transaction: Option<&str>) -> Result<View<'_>, OtsError> {
        self.name(name);
        self.ready(name)?;
        if let Some(table) = self.instance.tables.get(name) {
            let Some(id) = transaction else { return Ok(View { schema: &table.schema, rows: &table.rows }) };
            let open = self.instance.transactions.get(id).filter(|open| open.table == name);
            let open = open.ok_or_else(OtsError::no_such_transaction)?;
            return Ok(View { schema: &table.schema, rows: &open.rows });
        }
        let (_, index) = self.instance.index(name).ok_or_else(OtsError::no_such_table)?;
        if transaction.is_some() {
            return Err(OtsError::no_such_transaction());
        }
        if index.is_building() {
            // Message asserted by OTS-T; code and status unconfirmed.
            return Err(OtsError::parameter("Disallow read index table in building base state"));
        }
        Ok(View { schema: &index.schema, rows: &index.rows })
    }

    /// Checks that a transaction is for this partition.
    fn check_partition(&self, transaction: &str, key: &Key) -> Result<(), OtsError> {
        let open = self.instance.transactions.get(transaction).ok_or_else(OtsError::no_such_transaction)?;
        if key.first() == Some(&open.partition) {
            return Ok(());
        }
        Err(OtsError::parameter("Data out of scope of transaction is not allowed.")) // message invented
    }
}
