//! A small form in the page: title, fields, a button. One shape for every action of a case, so that all of them look, work
//! and come back filled alike when they are refused.

use vigil_domain::case::refusal::Refusal;

use super::{form::Form, house};

/// One choice of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The value posted.
    pub value: String,
    /// The words shown.
    pub label: String,
    /// Chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice that is not chosen yet.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), chosen: false }
    }
}

/// What kind of field it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Text,
    /// Several lines.
    Area(usize),
    /// A number.
    Number,
    /// A day.
    Day,
    /// A day and a time of day, in the zone the hint names.
    DayTime,
    /// One of a list.
    Select(Vec<Choice>),
    /// One of a few.
    Radio(Vec<Choice>),
    /// Any of a few.
    Checks(Vec<Choice>),
    /// Yes or not.
    Tick,
    /// A signature drawn with finger, pen or mouse.
    Signature,
    /// A file.
    File,
    /// Not shown.
    Hidden,
    /// Words only.
    Says,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What it asks.
    pub label: String,
    /// A word of help under it.
    pub hint: String,
    /// What kind.
    pub kind: Kind,
    /// What stands in it.
    pub value: String,
}

impl Field {
    /// A field of a kind.
    pub fn new(name: &str, label: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), label: label.to_owned(), hint: String::new(), kind, value: String::new() }
    }

    /// One line of text.
    pub fn text(name: &str, label: &str) -> Self {
        Self::new(name, label, Kind::Text)
    }

    /// Several lines of text.
    pub fn area(name: &str, label: &str, rows: usize) -> Self {
        Self::new(name, label, Kind::Area(rows))
    }

    /// Words between fields.
    pub fn says(words: impl Into<String>) -> Self {
        Self { label: words.into(), ..Self::new("", "", Kind::Says) }
    }

    /// A hidden value.
    pub fn hidden(name: &str, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::new(name, "", Kind::Hidden) }
    }

    /// One of a list, the first one standing there.
    pub fn select(name: &str, label: &str, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Kind::Select(choices))
    }

    /// With a word of help.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// With a value standing in it.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        let value = value.into();
        self.choose(&[value.as_str()]);
        self.value = value;
        self
    }

    /// Its choices are sentences, which stand one under the other.
    pub fn long_choices(&self) -> bool {
        let (Kind::Select(choices) | Kind::Radio(choices) | Kind::Checks(choices)) = &self.kind else { return false };
        choices.iter().any(|choice| choice.label.len() > 40)
    }

    /// Marks the chosen ones.
    fn choose(&mut self, values: &[&str]) {
        if let Kind::Select(choices) | Kind::Radio(choices) | Kind::Checks(choices) = &mut self.kind {
            for choice in choices {
                choice.chosen = values.contains(&choice.value.as_str());
            }
        }
    }

    /// Takes what was posted, so that nothing typed is lost.
    fn refill(&mut self, form: &Form) {
        match &self.kind {
            Kind::Says | Kind::File | Kind::Signature => {}
            Kind::Tick => self.value = if form.ticked(&self.name) { "on".to_owned() } else { String::new() },
            Kind::Select(_) | Kind::Radio(_) | Kind::Checks(_) => {
                let values: Vec<String> = form.all(&self.name).into_iter().map(str::to_owned).collect();
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                self.choose(&values);
                self.value = values.first().copied().unwrap_or_default().to_owned();
            }
            _ => self.value = form.get(&self.name).to_owned(),
        }
    }
}

/// One refusal as shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalView {
    /// Why not.
    pub says: String,
    /// What would do.
    pub instead: String,
    /// Who says so: the paragraph of law with its rule, or a rule of our own by name.
    pub by: String,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        Self {
            says: refusal.says.clone(),
            instead: refusal.instead.clone(),
            by: house::said_by(&refusal.rule, refusal.cite.as_deref().unwrap_or_default()),
        }
    }
}

/// The form.
#[derive(Debug, Clone, Default)]
pub struct Panel {
    /// Word of the action; the form posts to it.
    pub action: String,
    /// What it does.
    pub title: String,
    /// One sentence about it.
    pub says: String,
    /// The button.
    pub submit: String,
    /// It cannot be taken back: the button says so.
    pub grave: bool,
    /// It carries a file.
    pub multipart: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Why it was declined.
    pub refusals: Vec<RefusalView>,
}

impl Panel {
    /// A form with a title and a button.
    pub fn new(action: &str, title: &str, submit: &str) -> Self {
        Self { action: action.to_owned(), title: title.to_owned(), submit: submit.to_owned(), ..Self::default() }
    }

    /// With a sentence.
    pub fn says(mut self, says: impl Into<String>) -> Self {
        self.says = says.into();
        self
    }

    /// With a field more.
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Comes back filled with what was posted and with every reason why it was declined.
    pub fn refused(mut self, form: &Form, refusals: &[Refusal]) -> Self {
        for field in &mut self.fields {
            field.refill(form);
        }
        self.refusals = refusals.iter().map(RefusalView::from).collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_form_comes_back_filled_with_every_reason() {
        let panel = Panel::new("refer", "Refer", "Refer")
            .field(Field::area("why", "Why", 3))
            .field(Field::select("to", "To", vec![Choice::new("a", "A"), Choice::new("b", "B")]))
            .field(Field::new("sure", "Sure", Kind::Tick));
        let form =
            Form::new(vec![("why".into(), "because".into()), ("to".into(), "b".into()), ("sure".into(), "on".into())]);
        let refusal = Refusal::law("RULE-1", "42 CFR 1.1", "No.", "Do that.");
        let panel = panel.refused(&form, std::slice::from_ref(&refusal));
        assert_eq!(panel.fields[0].value, "because");
        assert!(matches!(&panel.fields[1].kind, Kind::Select(c) if !c[0].chosen && c[1].chosen));
        assert_eq!(panel.fields[2].value, "on");
        assert_eq!(panel.refusals[0].by, "42 CFR 1.1 · RULE-1");
    }
}
