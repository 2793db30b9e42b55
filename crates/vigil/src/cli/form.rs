//! `vigil form`: a site's own copies of official forms: look into one, load it, list what is loaded.

use std::{io::Write, path::PathBuf};

use clap::{Args, Subcommand};
use vigil_desk::MAIN_TENANT;
use vigil_print::form::{FormFault, fields, pages};

use super::{ask::Asked, ask::Wrong, message};
use crate::{
    control::{Ask, FormAsk},
    exit,
};

/// Official forms.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: vigil form fields MOON.pdf; vigil form load moon MOON.pdf --places moon.toml; vigil form list
Vigil ships no official form. What you load is kept as it is and filled, never set anew; without one a data sheet is printed that
says it is none. The places file says where our fields go, see docs/operate/hospital-feeds.md; without it the form's fields whose
names are ours are taken.
Exit codes: 0 done, 1 failed, 64 wrong usage, 65 the form or its places do not fit, 75 data directory busy"
)]
pub struct FormArgs {
    #[command(subcommand)]
    command: FormCommand,
    /// The tenant
    #[arg(long, default_value = MAIN_TENANT, global = true)]
    tenant: String,
    /// Answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum FormCommand {
    /// List the fillable fields of a PDF
    #[command(after_help = "Example: vigil form fields MOON.pdf
Exit codes: 0 done, 1 failed, 64 wrong usage, 65 the form or its places do not fit, 75 data directory busy")]
    Fields {
        /// The PDF
        file: PathBuf,
    },
    /// Load your copy of a notice's form; the same notice and language replace
    #[command(after_help = "Example: vigil form load moon MOON.pdf --places moon.toml
Exit codes: 0 done, 1 failed, 64 wrong usage, 65 the form or its places do not fit, 75 data directory busy")]
    Load {
        /// The notice, by its short name: moon, im, mcsn, dnd, hinn-1, hinn-10, hinn-11, hinn-12, ny-obs, …
        notice: String,
        /// The PDF
        file: PathBuf,
        /// The language of the copy, as BCP 47 says it
        #[arg(long, default_value = "en")]
        language: String,
        /// Where our fields go, as TOML
        #[arg(long, value_name = "FILE")]
        places: Option<PathBuf>,
    },
    /// List the forms that are loaded
    #[command(after_help = "Example: vigil form list --json
Exit codes: 0 done, 1 failed, 64 wrong usage, 65 the form or its places do not fit, 75 data directory busy")]
    List,
}

impl FormArgs {
    /// What is asked of the data directory; none when looking into a file is all.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn ask(&self) -> Result<Option<Asked>, Wrong> {
        let (tenant, json) = (self.tenant.clone(), self.json);
        match &self.command {
            FormCommand::Fields { .. } => Ok(None),
            FormCommand::List => Ok(Some((Ask::Form(FormAsk::List { tenant, json }), Vec::new()))),
            FormCommand::Load { notice, file, language, places } => {
                let mut inputs = vec![message::read(file)?];
                if let Some(places) = places {
                    inputs.push(message::read(places)?);
                }
                let (notice, language) = (notice.clone(), language.clone());
                Ok(Some((Ask::Form(FormAsk::Load { tenant, notice, language, json }), inputs)))
            }
        }
    }

    /// Lists the fields of a file.
    pub fn look(&self, out: &mut impl Write, err: &mut impl Write) -> u8 {
        let FormCommand::Fields { file } = &self.command else { return exit::USAGE };
        let input = match message::read(file) {
            Ok(input) => input,
            Err(wrong) => {
                let _closed = writeln!(err, "vigil: {}", wrong.says);
                return wrong.code;
            }
        };
        let look = || Ok::<_, FormFault>((pages(&input.bytes)?, fields(&input.bytes)?));
        let (pages, fields) = match look() {
            Ok(seen) => seen,
            Err(fault) => {
                let _closed = writeln!(err, "vigil: {}: {fault}", input.name);
                return exit::UNREADABLE;
            }
        };
        if self.json {
            let told = |f: &vigil_print::form::FormField| serde_json::json!({ "name": f.name, "says": f.says, "kind": f.kind.word(), "states": f.states });
            let fields: Vec<_> = fields.iter().map(told).collect();
            let _closed = writeln!(out, "{}", serde_json::json!({ "pages": pages, "fields": fields }));
            return exit::SUCCESS;
        }
        for field in &fields {
            let states =
                if field.states.is_empty() { String::new() } else { format!(" [{}]", field.states.join(", ")) };
            let _closed = writeln!(out, "{:<9} {}{states} {}", field.kind.word(), field.name, field.says);
        }
        if fields.is_empty() {
            let _closed = writeln!(err, "{pages} pages, no fillable field: name spots in the places file");
        }
        exit::SUCCESS
    }
}
