//! What a form on a stay's page may be filled with: what the stay, the library and the present moment already say.

use vigil_domain::{library::Library, stay::Stay, time::Moment};

use crate::web::{
    panel::{Choice, Field, Kind},
    words,
};

/// What a form may be filled with.
pub struct Known<'a> {
    /// The stay.
    pub stay: &'a Stay,
    /// The library.
    pub library: &'a Library,
    /// The thing it is about: a payer, a notice's number, …
    pub about: &'a str,
    /// The present moment.
    pub now: Moment,
}

/// The choices of a set of words.
macro_rules! words_of {
    ($set:ty) => {
        <$set>::ALL
            .iter()
            .map(|w| {
                $crate::web::panel::Choice::new(
                    w.word(),
                    $crate::web::words::capital(&$crate::web::words::plain(w.word())),
                )
            })
            .collect::<Vec<_>>()
    };
}

pub(super) use words_of;

impl Known<'_> {
    /// A day and time as a field shows it, in the facility's zone.
    fn field_time(&self, at: Moment) -> String {
        self.stay.zone().at(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    fn today(&self) -> String {
        self.stay.day(self.now).to_string()
    }

    /// A day and time that is now unless a person says otherwise.
    pub(super) fn when(&self, name: &str, label: &str) -> Field {
        Field::new(name, label, Kind::DayTime)
            .value(self.field_time(self.now))
            .hint(words::zone_name(self.now, self.stay.zone()))
    }

    /// A day that is today unless a person says otherwise.
    pub(super) fn day(&self, name: &str, label: &str) -> Field {
        Field::new(name, label, Kind::Day).value(self.today())
    }

    /// Which payer: the one it is about, else the first.
    pub(super) fn payer(&self) -> Field {
        let choices = self.stay.held.iter().map(|h| Choice::new(h.payer_id.clone(), h.name.clone())).collect();
        let first = self.stay.held.first().map_or("", |h| &h.payer_id);
        Field::select("payer", "Payer", choices).value(if self.about.is_empty() { first } else { self.about })
    }

    /// Which of several numbered things: the one it is about, else the first.
    pub(super) fn numbered(&self, label: &str, choices: Vec<Choice>) -> Field {
        let first = choices.first().map_or(String::new(), |c| c.value.clone());
        Field::select("about", label, choices).value(if self.about.is_empty() { first } else { self.about.to_owned() })
    }
}

/// The coded reasons of delays, and none.
pub(super) fn reasons(library: &Library) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", "–")];
    choices
        .extend(library.status.delays().iter().map(|d| Choice::new(d.code.clone(), format!("{} {}", d.code, d.label))));
    choices
}
