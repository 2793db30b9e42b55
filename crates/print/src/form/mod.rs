//! A site's own copy of an official form, filled: values go into its fields, or on named spots of its pages, as an
//! incremental update. The form's own bytes stand untouched at the front of the result; no word of it is set anew.

mod fields;
mod letters;
mod paint;
mod sheet;

use lopdf::{Dictionary, Document, IncrementalDocument, Object, ObjectId, dictionary};
use vigil_domain::notice::Spot;

pub use fields::{FieldKind, FormField};

/// A form could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    /// No PDF, or a damaged one.
    #[error("the file cannot be read as a PDF: {0}")]
    Unreadable(String),
    /// It asks for a password before it opens.
    #[error("the form opens only with a password: save a copy that anybody may open and fill")]
    Locked,
    /// It has no page.
    #[error("the form has no page")]
    Empty,
    /// The result could not be written.
    #[error("the filled form cannot be written: {0}")]
    Unwritable(String),
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// A fillable field, by its full name.
    Field(&'a str),
    /// A rectangle of a page.
    Spot(Spot),
}

/// What is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'a> {
    /// Words. A tick box takes `yes`, `no`, or the name of one of its states.
    Words(&'a str),
    /// A drawn signature: a path of `M x y` and `L x y` in a field of 480 by 140.
    Drawn(&'a str),
}

/// One value for one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// Our name of the field, for what is told of it.
    pub field: &'a str,
    /// Where.
    pub target: Target<'a>,
    /// What.
    pub mark: Mark<'a>,
}

/// A value that did not go onto the form, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// Our name of the field.
    pub field: String,
    /// Why not.
    pub why: String,
}

/// A form with what could be written on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The PDF.
    pub bytes: Vec<u8>,
    /// What did not go onto it.
    pub unwritten: Vec<Unwritten>,
}

/// The fillable fields of a form, in order.
///
/// # Errors
/// [`FormFault`] when the file is no PDF that can be filled.
pub fn fields(form: &[u8]) -> Result<Vec<FormField>, FormFault> {
    let document = open(form)?;
    Ok(fields::all(&document).into_iter().map(|field| field.told(&document)).collect())
}

/// How many pages a form has.
///
/// # Errors
/// As [`fields`].
pub fn pages(form: &[u8]) -> Result<usize, FormFault> {
    Ok(open(form)?.get_pages().len())
}

/// Fills a form. What does not fit, or has letters that the form's type lacks, is left out and told.
///
/// # Errors
/// As [`fields`], and [`FormFault::Unwritable`].
pub fn fill(form: &[u8], entries: &[Entry<'_>]) -> Result<Filled, FormFault> {
    let document = open(form)?;
    let known = fields::all(&document);
    let mut pen = Pen { pdf: IncrementalDocument::create_from(form.to_vec(), document), font: None };
    let mut unwritten = Vec::new();
    for entry in entries {
        let done = match entry.target {
            Target::Field(name) => match known.iter().find(|field| field.name == name) {
                Some(field) => paint::field(&mut pen, field, entry.mark),
                None => Err(format!("the form has no field {name:?}")),
            },
            Target::Spot(spot) => paint::spot(&mut pen, spot, entry.mark),
        };
        if let Err(why) = done {
            unwritten.push(Unwritten { field: entry.field.to_owned(), why });
        }
    }
    if !entries.is_empty() {
        pen.plain_form().map_err(|error| FormFault::Unwritable(error.to_string()))?;
    }
    Ok(Filled { bytes: pen.finish()?, unwritten })
}

/// Puts the pages of another PDF of ours behind a form.
///
/// # Errors
/// As [`fill`].
pub fn attach(form: &[u8], behind: &[u8]) -> Result<Vec<u8>, FormFault> {
    let document = open(form)?;
    let mut pen = Pen { pdf: IncrementalDocument::create_from(form.to_vec(), document), font: None };
    sheet::attach(&mut pen.pdf, open(behind)?).map_err(|error| FormFault::Unwritable(error.to_string()))?;
    pen.finish()
}

fn open(form: &[u8]) -> Result<Document, FormFault> {
    let document = Document::load_mem(form).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => FormFault::Locked,
        other => FormFault::Unreadable(other.to_string()),
    })?;
    if document.is_encrypted() {
        return Err(FormFault::Locked);
    }
    if document.get_pages().is_empty() {
        return Err(FormFault::Empty);
    }
    Ok(document)
}

/// The form while it is written on.
struct Pen {
    pdf: IncrementalDocument,
    font: Option<ObjectId>,
}

impl Pen {
    /// An object as it stands now: changed here, or as the form has it.
    fn object(&self, id: ObjectId) -> lopdf::Result<&Object> {
        match self.pdf.new_document.get_object(id) {
            Ok(object) => Ok(object),
            Err(_) => self.pdf.get_prev_documents().get_object(id),
        }
    }

    /// A dictionary that may be changed.
    fn change(&mut self, id: ObjectId) -> lopdf::Result<&mut Dictionary> {
        self.pdf.opt_clone_object_to_new_document(id)?;
        self.pdf.new_document.get_object_mut(id)?.as_dict_mut()
    }

    fn add(&mut self, object: impl Into<Object>) -> ObjectId {
        self.pdf.new_document.add_object(object)
    }

    /// The type that values are written in: one of the standard ones, which every reader has.
    fn font(&mut self) -> ObjectId {
        if let Some(font) = self.font {
            return font;
        }
        let font = self.add(dictionary! {
            "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
        });
        *self.font.insert(font)
    }

    /// Takes away what would hide or forbid the filled fields: a second, XML, copy of the form, and usage rights that hold
    /// for the untouched file only.
    fn plain_form(&mut self) -> lopdf::Result<()> {
        let root = self.pdf.get_prev_documents().trailer.get(b"Root")?.as_reference()?;
        let (form, perms) = {
            let catalog = self.object(root)?.as_dict()?;
            (catalog.get(b"AcroForm").ok().cloned(), catalog.has(b"Perms"))
        };
        if perms {
            self.change(root)?.remove(b"Perms");
        }
        match form {
            Some(Object::Reference(id)) if self.object(id)?.as_dict()?.has(b"XFA") => {
                self.change(id)?.remove(b"XFA");
            }
            Some(Object::Dictionary(form)) if form.has(b"XFA") => {
                self.change(root)?.get_mut(b"AcroForm")?.as_dict_mut()?.remove(b"XFA");
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, FormFault> {
        let mut bytes = Vec::new();
        self.pdf.save_to(&mut bytes).map_err(|error| FormFault::Unwritable(error.to_string()))?;
        Ok(bytes)
    }
}
