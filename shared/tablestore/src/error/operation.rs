//! The errors of single operations: what each is known to answer, and the rest.

/// Makes the error of an operation: one variant and one question for each code that it is known to answer.
macro_rules! operation_error {
    ($(#[$doc:meta])* $name:ident { $($variant:ident, $is:ident;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("See [`ErrorCode::", stringify!($variant), "`](crate::error::ErrorCode::", stringify!($variant), ").")]
                #[error("{0}")]
                $variant(crate::error::ErrorMetadata),
            )*
            /// Every other code.
            #[error("{0}")]
            Unhandled(crate::error::ErrorMetadata),
        }

        impl $name {
            /// What the service says.
            pub fn meta(&self) -> &crate::error::ErrorMetadata {
                match self {
                    $($name::$variant(meta) => meta,)*
                    $name::Unhandled(meta) => meta,
                }
            }

            $(
                #[doc = concat!("Whether it is [`ErrorCode::", stringify!($variant), "`](crate::error::ErrorCode::", stringify!($variant), ").")]
                pub fn $is(&self) -> bool {
                    matches!(self, $name::$variant(_))
                }
            )*
        }

        impl From<crate::error::ErrorMetadata> for $name {
            fn from(meta: crate::error::ErrorMetadata) -> Self {
                match meta.code() {
                    $(crate::error::ErrorCode::$variant => $name::$variant(meta),)*
                    _ => $name::Unhandled(meta),
                }
            }
        }

        impl crate::error::ProvideErrorMetadata for $name {
            fn metadata(&self) -> Option<&crate::error::ErrorMetadata> {
                Some(self.meta())
            }
        }
    };
}

pub(crate) use operation_error;
