//! What the writes of single rows have in common.

use crate::client::Meta;
use crate::error::ResponseProblem;
use crate::protobuf;
use crate::types::{ConsumedCapacity, Row};

use super::answer;

/// What PutRow, UpdateRow and DeleteRow answer.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteRowOutput {
    consumed: ConsumedCapacity,
    row: Option<Row>,
    request_id: Option<String>,
}

impl WriteRowOutput {
    pub(super) fn read(response: protobuf::WriteRowResponse, meta: &Meta) -> Result<Self, ResponseProblem> {
        Ok(Self {
            consumed: answer::consumed(response.consumed)?,
            row: response.row.as_ref().map(answer::row).transpose()?.flatten(),
            request_id: meta.request_id.clone(),
        })
    }

    /// What it cost.
    pub fn consumed(&self) -> ConsumedCapacity {
        self.consumed
    }

    /// What was asked to be returned.
    pub fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

/// The builder of an operation that writes one row, and its error.
macro_rules! write_operation {
    (
        $builder:ident, $error:ident, $operation:expr, $request:ident,
        $(#[$doc:meta])* $member:ident: $type:ty => $field:ident by $encode:expr
    ) => {
        /// Builds the request. Needed are the table and what is written.
        #[derive(Debug, Clone)]
        #[must_use = "nothing is sent before `send`"]
        pub struct $builder {
            client: crate::client::Client,
            table_name: Option<String>,
            $member: Option<$type>,
            condition: crate::types::Condition,
            return_values: crate::types::ReturnValues,
            transaction_id: Option<String>,
        }

        impl $builder {
            pub(crate) fn new(client: crate::client::Client) -> Self {
                Self {
                    client,
                    table_name: None,
                    $member: None,
                    condition: crate::types::Condition::ignore(),
                    return_values: crate::types::ReturnValues::None,
                    transaction_id: None,
                }
            }

            /// The table.
            pub fn table_name(self, name: impl Into<String>) -> Self {
                Self { table_name: Some(name.into()), ..self }
            }

            $(#[$doc])*
            pub fn $member(self, $member: $type) -> Self {
                Self { $member: Some($member), ..self }
            }

            /// What has to hold for it to happen. Default nothing.
            pub fn condition(self, condition: crate::types::Condition) -> Self {
                Self { condition, ..self }
            }

            /// What it answers. Default nothing.
            pub fn return_values(self, return_values: crate::types::ReturnValues) -> Self {
                Self { return_values, ..self }
            }

            /// The transaction that it is a part of.
            pub fn transaction_id(self, id: impl Into<String>) -> Self {
                Self { transaction_id: Some(id.into()), ..self }
            }

            fn request(self) -> Result<crate::protobuf::$request, crate::error::ConstructionFailure> {
                let $member = super::required(stringify!($member), self.$member)?;
                let encode: fn($type) -> Result<Vec<u8>, crate::plainbuffer::EncodeError> = $encode;
                Ok(crate::protobuf::$request {
                    table_name: super::required_text("table_name", &self.table_name)?,
                    $field: encode($member)?.into(),
                    condition: Some(self.condition.wire()?),
                    return_content: self.return_values.wire(),
                    transaction_id: self.transaction_id,
                })
            }

            /// Sends it. It is repeated only while it is known not to have been carried out.
            ///
            /// # Errors
            /// See [`SdkError`](crate::error::SdkError); ask
            /// [`may_have_been_applied`](crate::error::SdkError::may_have_been_applied) before writing again.
            pub async fn send(
                self,
            ) -> Result<crate::operation::WriteRowOutput, crate::error::SdkError<$error>> {
                let client = self.client.clone();
                client.call($operation, self.request(), crate::operation::WriteRowOutput::read).await
            }
        }

        crate::error::operation_error! {
            /// Why the service refused or failed.
            $error {
                ConditionCheckFail, is_condition_check_fail;
                InvalidPk, is_invalid_pk;
                ObjectNotExist, is_object_not_exist;
                OutOfColumnCountLimit, is_out_of_column_count_limit;
                OutOfRowSizeLimit, is_out_of_row_size_limit;
                ParameterInvalid, is_parameter_invalid;
                RequestBodyTooLarge, is_request_body_too_large;
                RowOperationConflict, is_row_operation_conflict;
            }
        }
    };
}

pub(super) use write_operation;
