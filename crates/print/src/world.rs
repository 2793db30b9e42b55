//! What Typst may see: its library, our fonts, one template, one file of data. Nothing of the machine.

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};

use crate::press::PrintFault;

const TEMPLATE: &str = include_str!("letter.typ");
const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/OpenSans-Regular.ttf"),
    include_bytes!("../fonts/OpenSans-Semibold.ttf"),
    include_bytes!("../fonts/OpenSans-Bold.ttf"),
];

/// What all letters share.
pub(crate) struct Shop {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    data: FileId,
}

impl Shop {
    /// Reads the bundled fonts, then the site's own.
    pub(crate) fn open(extra: Vec<Vec<u8>>) -> Result<Self, PrintFault> {
        let bundled = FONTS.iter().map(|bytes| Bytes::new(*bytes));
        let fonts: Vec<Font> = bundled.chain(extra.into_iter().map(Bytes::new)).flat_map(Font::iter).collect();
        if fonts.len() < FONTS.len() {
            return Err(PrintFault::Engine("a bundled font cannot be read".to_owned()));
        }
        let book = FontBook::from_fonts(&fonts);
        let main = Source::new(file("main.typ")?, TEMPLATE.to_owned());
        Ok(Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(book),
            fonts,
            main,
            data: file("letter.json")?,
        })
    }

    /// Whether some font has a shape for a character.
    pub(crate) fn covers(&self, character: char) -> bool {
        self.fonts.iter().any(|font| font.info().coverage.contains(u32::from(character)))
    }

    /// Names of the font families, the bundled one first.
    pub(crate) fn families(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for font in &self.fonts {
            let name = font.info().family.as_str().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

fn file(name: &str) -> Result<FileId, PrintFault> {
    let path = VirtualPath::new(name).map_err(|error| PrintFault::Engine(format!("{name}: {error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The world of one letter.
pub(crate) struct Desk<'s> {
    pub(crate) shop: &'s Shop,
    pub(crate) letter: Bytes,
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.shop.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shop.book
    }

    fn main(&self) -> FileId {
        self.shop.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.shop.main.id() { Ok(self.shop.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shop.data { Ok(self.letter.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shop.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
