//! Notices: what the law makes us tell someone. Requirement sets as data, words as tiny templates, a composed letter.
//!
//! A [`NoticeTemplate`] names its required elements, each with its citation; [`compose`] releases a [`Letter`] only
//! when every one of them is really in it, and [`preview`] shows the same letter with its gaps while it is written.
//! Nothing here knows paper: the print room turns a letter into a PDF.

mod book;
mod compose;
mod fields;
mod letter;
mod loaded;
mod markup;
mod reading;
mod sheet;
mod template;
pub mod tongue;
mod words;

pub use book::{NoticeBook, Words};
pub use compose::{MissingElement, compose, preview};
pub use fields::{FieldValue, Fields};
pub use letter::{Block, Letter, Span, Table};
pub use loaded::{FormPlace, LoadedForm, Spot, places_by_name};
pub use markup::{Body, BodyFault, FieldUse};
pub use reading::{ReadingLevel, reading_level, reading_level_of};
pub use sheet::{DataSheet, data_sheet};
pub use template::{
    Audience, Confidence, Element, FieldKind, FieldSpec, FormField, LastDay, NoticeTemplate, OfficialForm, Owed,
    Purpose, Signature, StandardForm, StatedIn, Window,
};
pub use words::{day_in_words, day_to_the_hour_in_words};
