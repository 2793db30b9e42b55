//! Letters on paper: a composed [`Letter`] and the plan's [`Letterhead`] become a tagged PDF (PDF/UA-1).
//!
//! The page is one Typst template; the letter reaches it as JSON data through a file that exists in memory only, so no
//! word of a patient or a reviewer is ever read as markup. No system font, clock or file is touched, and the same letter
//! gives the same bytes. Fonts and the template are read once per process. [`form`] fills a site's own copy of an official form.

pub mod form;
mod letterhead;
mod press;
mod world;

pub use letterhead::Letterhead;
pub use press::{Press, PrintFault};

use vigil_domain::notice::Letter;

/// Sets a letter with the press of the process (bundled fonts only).
///
/// # Errors
/// [`PrintFault::NoGlyph`] when a character has no shape in the fonts; [`PrintFault::Engine`] when typesetting fails.
pub fn pdf(letter: &Letter, head: &Letterhead) -> Result<Vec<u8>, PrintFault> {
    Press::shared()?.pdf(letter, head)
}
