//! What the two ends of a transaction have in common.

/// The builder of an operation that ends a transaction, and its error.
macro_rules! transaction_end {
    ($builder:ident, $error:ident, $operation:expr) => {
        /// Builds the request. Needed is the transaction.
        #[derive(Debug, Clone)]
        #[must_use = "nothing is sent before `send`"]
        pub struct $builder {
            client: crate::client::Client,
            transaction_id: Option<String>,
        }

        impl $builder {
            pub(crate) fn new(client: crate::client::Client) -> Self {
                Self { client, transaction_id: None }
            }

            /// The transaction.
            pub fn transaction_id(self, id: impl Into<String>) -> Self {
                Self { transaction_id: Some(id.into()), ..self }
            }

            /// Sends it.
            ///
            /// # Errors
            /// See [`SdkError`](crate::error::SdkError).
            pub async fn send(
                self,
            ) -> Result<crate::operation::Acknowledgement, crate::error::SdkError<$error>> {
                let request = super::required_text("transaction_id", &self.transaction_id)
                    .map(|transaction_id| crate::protobuf::EndTransactionRequest { transaction_id });
                let read = crate::operation::Acknowledgement::read::<crate::protobuf::EndTransactionResponse>;
                self.client.call($operation, request, read).await
            }
        }

        crate::error::operation_error! {
            /// Why the service refused or failed.
            $error {
                ParameterInvalid, is_parameter_invalid;
            }
        }
    };
}

pub(super) use transaction_end;
