//! The two halves of an event as it is stored, its type and its fields: each written alone, without a copy of either.
//!
//! Events are enumerations that serde writes as `{"type": …, "data": …}`. What is asked for here is one of the two, so a
//! [`Half`] hands that one on to the serializer behind it and leaves the other out.

use std::fmt::{self, Display};

use serde::ser::{Impossible, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::event::Event;

/// The fields of an event: what is stored as `data`. Borrowed, for writing many of them.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a>(pub &'a Event);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Event::Unrecognised(stored) => stored.data.serialize(serializer),
            known => known.serialize(Half { of: "data", to: serializer }),
        }
    }
}

/// The type of an event.
pub(crate) struct TypeName<'a>(pub(crate) &'a Event);

impl Display for TypeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Event::Unrecognised(stored) => f.write_str(&stored.type_name),
            known => known.serialize(Half { of: "type", to: f }),
        }
    }
}

struct Half<S> {
    of: &'static str,
    to: S,
}

struct Halves<S: Serializer> {
    of: &'static str,
    to: Option<S>,
    written: Option<S::Ok>,
}

impl<S: Serializer> SerializeStruct for Halves<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), S::Error> {
        if key == self.of
            && let Some(to) = self.to.take()
        {
            self.written = Some(value.serialize(to)?);
        }
        Ok(())
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.written.ok_or_else(no_event)
    }
}

/// A test writes every event there is.
fn no_event<E: serde::ser::Error>() -> E {
    E::custom("an event has a type and fields, and nothing else")
}

macro_rules! no_events {
    ($($name:ident($($of:ty),*)),+ $(,)?) => {
        $(fn $name(self, $(_: $of),*) -> Result<S::Ok, S::Error> {
            Err(no_event())
        })+
    };
}

impl<S: Serializer> Serializer for Half<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Impossible<S::Ok, S::Error>;
    type SerializeStruct = Halves<S>;
    type SerializeStructVariant = Impossible<S::Ok, S::Error>;

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Halves<S>, S::Error> {
        Ok(Halves { of: self.of, to: Some(self.to), written: None })
    }

    no_events! {
        serialize_bool(bool),
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64),
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_str(&str),
        serialize_bytes(&[u8]),
        serialize_none(),
        serialize_unit(),
        serialize_unit_struct(&'static str),
        serialize_unit_variant(&'static str, u32, &'static str),
    }

    fn serialize_some<T: ?Sized + Serialize>(self, _: &T) -> Result<S::Ok, S::Error> {
        Err(no_event())
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        Err(no_event())
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<S::Ok, S::Error> {
        Err(no_event())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Err(no_event())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, S::Error> {
        Err(no_event())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        Err(no_event())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        Err(no_event())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Err(no_event())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        Err(no_event())
    }
}
