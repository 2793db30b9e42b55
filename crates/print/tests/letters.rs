//! Letters as PDF: the structure that accessibility needs, all the words, the same bytes twice, nothing read as markup.

use vigil_domain::notice::{FieldKind, Fields, Letter, compose};
use vigil_packs::{notice, shelf::Shelf};
use vigil_print::{Letterhead, PrintFault, pdf};

#[path = "../../packs/tests/notices/sample.rs"]
#[allow(dead_code)]
mod sample;

fn head(large_print: bool) -> Letterhead {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    Letterhead {
        plan_name: "Harbor Health Advantage".to_owned(),
        address_lines: lines(&["200 Quay Street", "Albany, NY 12207"]),
        return_address_lines: Vec::new(),
        phone: "1-800-555-0142".to_owned(),
        tty: "711".to_owned(),
        printed_on: "March 11, 2026".to_owned(),
        large_print,
        foot_note: "Demonstration letter".to_owned(),
    }
}

fn letters() -> Vec<Letter> {
    let shelf = Shelf::read(&[]).expect("embedded packs");
    let book = notice::load(&shelf, &mut Vec::new());
    let mut letters = Vec::new();
    for template in book.all().filter(|template| !template.bodies.is_empty()) {
        for language in ["en", "es"] {
            let fields = sample::fields(template, language);
            letters.push(compose(template, language, &fields).expect("whole"));
        }
    }
    letters
}

fn one(language: &str, change: impl Fn(&mut Fields)) -> Letter {
    let shelf = Shelf::read(&[]).expect("embedded packs");
    let book = notice::load(&shelf, &mut Vec::new());
    let template = book.get("us.medicare-advantage.adverse").expect("the letter");
    assert!(template.fields.values().any(|spec| spec.kind == FieldKind::Day));
    let mut fields = sample::fields(template, language);
    change(&mut fields);
    compose(template, language, &fields).expect("whole")
}

fn has(pdf: &[u8], part: &str) -> bool {
    pdf.windows(part.len()).any(|window| window == part.as_bytes())
}

#[test]
fn every_letter_is_a_tagged_pdf_with_title_and_language() {
    let out = std::env::var_os("VIGIL_PDF_FOLDER");
    for letter in letters() {
        let made = pdf(&letter, &head(false)).unwrap_or_else(|fault| panic!("{}: {fault}", letter.template_id));
        let name = format!("{}.{}", letter.template_id, letter.language);
        assert!(made.starts_with(b"%PDF-1."), "{name}");
        assert!(has(&made, "/MarkInfo") && has(&made, "/StructTreeRoot"), "{name}: tagged");
        assert!(
            has(&made, &format!("/Lang({}-US)", letter.language))
                || has(&made, &format!("/Lang ({}-US)", letter.language)),
            "{name}: language"
        );
        assert!(has(&made, "<pdfuaid:part>1</pdfuaid:part>") || has(&made, "pdfuaid:part=\"1\""), "{name}: PDF/UA-1");
        assert!(has(&made, "<dc:title>"), "{name}: title");
        assert!(has(&made, "/DisplayDocTitle true"), "{name}: shows its title");
        reads_back(&letter, &made);
        if let Some(folder) = &out {
            std::fs::write(std::path::Path::new(folder).join(format!("{name}.pdf")), &made).expect("a file");
        }
    }
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let letter = one("es", |_| {});
    let first = pdf(&letter, &head(false)).expect("a letter");
    let other = pdf(&one("en", |_| {}), &head(false)).expect("a letter");
    let again = pdf(&letter, &head(false)).expect("a letter");
    assert!(first == again, "bytes differ");
    assert!(first != other);
}

#[test]
fn words_of_people_are_never_markup() {
    let wild = "#panic(\"no\") = Heading *bold* _it_ $x^2$ @ref <label> \\ // note\n#include \"/etc/passwd\" [ ] { } ``` - + ~ \u{7}end";
    let letter = one("en", |fields| {
        fields.set("reason_plain", wild).set("member_name", wild);
    });
    let made = pdf(&letter, &head(false)).expect("plain words");
    let Ok(text) = pdftotext(&made) else {
        println!("skipped the reading back: pdftotext is not installed");
        return;
    };
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "#panic(\"no\") = Heading *bold* _it_ $x^2$ @ref <label> \\ // note",
        "#include \"/etc/passwd\"",
        "``` - + ~ end",
    ] {
        assert!(flat.contains(part), "{part} is not in\n{flat}");
    }
}

/// The words of the letter are all in the PDF's text, in order of reading, and pages are numbered.
fn reads_back(letter: &Letter, made: &[u8]) {
    let Ok(text) = pdftotext(made) else {
        println!("skipped the reading back: pdftotext is not installed");
        return;
    };
    let squeeze = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
    let have = squeeze(&text);
    let plain = letter.plain_text();
    let words = plain.split_whitespace().map(|word| word.trim_end_matches(':'));
    for word in words.filter(|word| word.chars().any(char::is_alphanumeric)) {
        assert!(have.contains(&squeeze(word)), "{} {}: {word} is lost", letter.template_id, letter.language);
    }
    let page = if letter.language == "es" { "Página 1 de" } else { "Page 1 of" };
    assert!(text.contains(page), "{}: no page numbers", letter.template_id);
}

#[test]
fn large_print_takes_more_pages_and_a_missing_shape_is_named() {
    let letter = one("en", |_| {});
    let small = pdf(&letter, &head(false)).expect("a letter");
    let large = pdf(&letter, &head(true)).expect("a letter");
    if let Some(folder) = std::env::var_os("VIGIL_PDF_FOLDER") {
        std::fs::write(std::path::Path::new(&folder).join("large-print.pdf"), &large).expect("a file");
    }
    let pages = |pdf: &[u8]| {
        String::from_utf8_lossy(pdf)
            .matches("/Type/Page/")
            .count()
            .max(String::from_utf8_lossy(pdf).matches("/Type /Page\n").count())
    };
    assert!(pages(&large) > pages(&small), "{} and {} pages", pages(&large), pages(&small));
    let letter = one("en", |fields| {
        fields.set("member_name", "Ōta 太田");
    });
    assert_eq!(pdf(&letter, &head(false)), Err(PrintFault::NoGlyph("太田".to_owned())));
}

fn pdftotext(pdf: &[u8]) -> std::io::Result<String> {
    use std::{
        io::Write as _,
        process::{Command, Stdio},
    };
    let mut child = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().expect("a pipe");
    let bytes = pdf.to_vec();
    let feed = std::thread::spawn(move || stdin.write_all(&bytes));
    let out = child.wait_with_output()?;
    let _ = feed.join();
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}
