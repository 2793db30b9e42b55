//! The engine room: the only place that knows a SQL dialect. Statements that both engines understand stand here, run
//! through [`sql`]; what only one engine has stands in its own folder behind [`Engine`].

pub(crate) mod beside;
pub(crate) mod export;
pub(crate) mod fail;
pub(crate) mod kept;
pub(crate) mod lists;
pub(crate) mod load;
pub(crate) mod lookup;
pub(crate) mod postgres;
pub(crate) mod prepared;
pub(crate) mod seals;
pub(crate) mod seam;
pub(crate) mod sql;
pub(crate) mod sqlite;
pub(crate) mod stays;
pub(crate) mod value;
pub(crate) mod words;
pub(crate) mod work;
pub(crate) mod write;
