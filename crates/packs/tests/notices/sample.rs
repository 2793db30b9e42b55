//! A filled case for every letter, from the samples of the field catalogue.

use vigil_domain::notice::{FieldKind, FieldSpec, FieldValue, Fields, NoticeTemplate, Purpose};

/// Every field the template uses, filled.
pub fn fields(template: &NoticeTemplate, language: &str) -> Fields {
    let mut fields = Fields::new();
    for (name, spec) in &template.fields {
        if name == "lines" {
            fields.set("lines", lines(template, language));
        } else if let Some(text) = spec.example.get(language).or_else(|| spec.example.get("en")) {
            set(&mut fields, name, spec, text);
        }
    }
    for name in ["member_address_lines", "provider_address_lines"] {
        fields.set_items(name, ["14 Elm Street, Apt 3", "Albany, NY 12210"]);
    }
    fields.set("member_name", "Jane Rivera").set("provider_name", "Dr. Luis Ortega");
    fields.set("partial", true);
    fields
}

fn set(fields: &mut Fields, name: &str, spec: &FieldSpec, text: &str) {
    match spec.kind {
        FieldKind::Text => fields.set(name, text),
        FieldKind::Day => fields.set(name, text.parse::<jiff::civil::Date>().expect("a day in fields.toml")),
        FieldKind::List => fields.set_items(name, text.lines()),
        FieldKind::Flag => fields.set(name, text == "true"),
    };
}

fn lines(template: &NoticeTemplate, language: &str) -> Vec<Fields> {
    let spanish = language == "es";
    let word = |en: &str, es: &str| FieldValue::Text(if spanish { es } else { en }.to_owned());
    let day = |month, day| FieldValue::Day(jiff::civil::date(2026, month, day));
    let all = template.purposes.contains(&Purpose::Approval);
    let mut therapy = Fields::from_iter([
        ("service", word("Physical therapy for the knee", "Terapia física para la rodilla")),
        ("code", word("97110", "97110")),
        ("asked", word("12 visits", "12 visitas")),
        ("approved", word("12 visits", "12 visitas")),
        ("from", day(3, 16)),
        ("through", day(5, 29)),
    ]);
    let mut imaging = Fields::from_iter([
        ("service", word("MRI of the left knee", "Resonancia magnética de la rodilla izquierda")),
        ("code", word("73721", "73721")),
        ("asked", word("1 exam", "1 examen")),
    ]);
    if all {
        imaging.set("approved", word("1 exam", "1 examen")).set("from", day(3, 16)).set("through", day(4, 30));
    } else {
        imaging.set("not_approved", word("1 exam", "1 examen"));
        imaging.set(
            "reason_plain",
            word("six weeks of treatment come first.", "primero van seis semanas de tratamiento."),
        );
        therapy.set("not_approved", "");
    }
    vec![therapy, imaging]
}

/// Takes a field, or a part of every entry of a list, away.
pub fn remove(fields: &mut Fields, name: &str) {
    match name.split_once('.') {
        None => {
            fields.0.remove(name);
        }
        Some((list, part)) => {
            if let Some(FieldValue::List(items)) = fields.0.get_mut(list) {
                items.iter_mut().for_each(|item| {
                    item.0.remove(part);
                });
            }
        }
    }
}

/// The README's section about one template.
pub fn section(template: &NoticeTemplate) -> String {
    let required = template.required_fields();
    let mut names: Vec<&str> = required.iter().map(|name| name.split('.').next().unwrap_or(name)).collect();
    names.dedup();
    let parts: Vec<&str> = required.iter().filter_map(|name| name.strip_prefix("lines.")).collect();
    let optional: Vec<&str> = template.fields.keys().map(String::as_str).filter(|name| !names.contains(name)).collect();
    let code = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let mut out = format!("\n### {}\n\n{}\n\nRequired: {}", template.id, template.trigger, code(&names));
    if !parts.is_empty() {
        out.push_str(&format!("; in each of `lines`: {}", code(&parts)));
    }
    out.push_str(&format!(".\n\nWhere they apply: {}.\n", code(&optional)));
    let conditional = template.elements.iter().filter_map(|e| e.when.as_ref().map(|when| (when, &e.fields)));
    for (when, fields) in conditional {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        out.push_str(&format!("With `{when}`: also {}.\n", code(&fields)));
    }
    out
}
