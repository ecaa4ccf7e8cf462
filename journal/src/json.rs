use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Room for the text of an order; those of other rows are shorter.
const USUAL_BYTES: usize = 1_024;

/// A value that is stored as its JSON text.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> ToSql for Json<&T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let mut text = Vec::with_capacity(USUAL_BYTES);
        let failed = |cause: Box<dyn std::error::Error + Send + Sync>| rusqlite::Error::ToSqlConversionFailure(cause);
        serde_json::to_writer(&mut text, self.0).map_err(|cause| failed(cause.into()))?;
        let text = String::from_utf8(text).map_err(|cause| failed(cause.into()))?;
        Ok(ToSqlOutput::Owned(Value::Text(text)))
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}
