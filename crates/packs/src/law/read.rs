//! One law file to families and versions; every complaint names its line.

use serde::{Deserialize, Deserializer};
use toml::Spanned;
use vigil_domain::{
    law::{
        Basis, Breach, Combine, Confidence, Conflict, Deadline, Effective, Extension, Gap, GivesWay, Incomplete,
        InfoRequest, NoticeDuty, NoticeException, Requires, Rule, RuleScope, Source, StatedScope, Tolling,
        Verification,
    },
    time::Day,
};

use crate::{
    issue::{PackIssue, line_of},
    shelf::{PackFile, digest_of},
};

/// A family as one file has it.
pub(super) struct FamilyRead {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) versions: Vec<VersionRead>,
    pub(super) gaps: Vec<Gap>,
    pub(super) conflicts: Vec<Conflict>,
    pub(super) line: usize,
}

/// A version, with what only overlays say.
pub(super) struct VersionRead {
    pub(super) rule: Rule,
    pub(super) replaces: Option<String>,
    pub(super) loosens: Option<String>,
    pub(super) line: usize,
}

/// A TOML date, written without quotes.
#[derive(Clone, Copy)]
struct TomlDay(Day);

impl<'de> Deserialize<'de> for TomlDay {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let read = toml::value::Datetime::deserialize(d)?;
        read.to_string().parse().map(Self).map_err(|_| serde::de::Error::custom("write a date as 2026-01-01"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    #[serde(default)]
    rule: Vec<Spanned<FamilyToml>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyToml {
    family: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    version: Vec<Spanned<VersionToml>>,
    #[serde(default)]
    gap: Vec<GapToml>,
    #[serde(default)]
    conflict: Vec<ConflictToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GapToml {
    from: Option<TomlDay>,
    to: Option<TomlDay>,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConflictToml {
    with: String,
    says: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionToml {
    id: Spanned<String>,
    cite: String,
    says: String,
    confidence: Confidence,
    read_on: Option<TomlDay>,
    jurisdiction: String,
    effective: EffectiveToml,
    scope: ScopeToml,
    #[serde(default)]
    stated: StatedScope,
    #[serde(default)]
    deadlines: Vec<Deadline>,
    combine: Combine,
    extension: Option<Extension>,
    #[serde(default)]
    tolling: Tolling,
    info_request: Option<InfoRequest>,
    incomplete: Option<Incomplete>,
    #[serde(default)]
    exceptions: Vec<NoticeException>,
    notice: Option<NoticeDuty>,
    on_breach: Breach,
    calendar: String,
    #[serde(default)]
    source: Vec<Source>,
    verification: Option<VerificationToml>,
    partly_seen: Option<String>,
    notes: Option<String>,
    supersedes: Option<String>,
    tightens: Option<String>,
    prose_only: Option<String>,
    replaces: Option<String>,
    loosens: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectiveToml {
    from: Option<TomlDay>,
    to: Option<TomlDay>,
    #[serde(default)]
    basis: Basis,
    note: Option<String>,
    stated: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScopeToml {
    lines_of_business: Vec<String>,
    reviews: Vec<String>,
    urgency: String,
    subject: Option<String>,
    #[serde(default)]
    requires: Requires,
    gives_way: Option<GivesWayToml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivesWayToml {
    to: String,
    from: TomlDay,
    pa_required: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VerificationToml {
    verdict: String,
    tier: String,
    read: TomlDay,
    source: String,
    text_version: String,
}

/// Reads one file.
pub(super) fn families(file: &PackFile, issues: &mut Vec<PackIssue>) -> Vec<FamilyRead> {
    let read: FileToml = match toml::from_str(&file.text) {
        Ok(read) => read,
        Err(error) => {
            let line = error.span().map_or(0, |span| line_of(&file.text, span.start));
            issues.push(PackIssue::new(&file.path, line, error.message()));
            return Vec::new();
        }
    };
    let read: Vec<FamilyRead> = read.rule.into_iter().map(|family| family_of(family, file)).collect();
    for family in read.iter().filter(|family| family.versions.is_empty() && family.gaps.is_empty()) {
        issues.push(PackIssue::new(&file.path, family.line, format!("family {:?} has no version", family.id)));
    }
    read
}

fn family_of(read: Spanned<FamilyToml>, file: &PackFile) -> FamilyRead {
    let line = line_of(&file.text, read.span().start);
    let read = read.into_inner();
    let versions =
        read.version.into_iter().map(|version| version_of(version.into_inner(), &read.family, file)).collect();
    let day = |d: Option<TomlDay>| d.map(|d| d.0);
    FamilyRead {
        id: read.family,
        title: read.title,
        versions,
        gaps: read.gap.into_iter().map(|g| Gap { from: day(g.from), to: day(g.to), reason: g.reason }).collect(),
        conflicts: read.conflict.into_iter().map(|c| Conflict { with: c.with, says: c.says }).collect(),
        line,
    }
}

fn version_of(read: VersionToml, family: &str, file: &PackFile) -> VersionRead {
    let line = line_of(&file.text, read.id.span().start);
    let (effective, scope) = (read.effective, read.scope);
    let mut rule = Rule {
        id: read.id.into_inner(),
        family: family.to_owned(),
        cite: read.cite,
        says: read.says,
        source: read.source,
        read_on: read.read_on.map(|d| d.0),
        confidence: read.confidence,
        verification: read.verification.map(|v| Verification {
            verdict: v.verdict,
            tier: v.tier,
            read: v.read.0,
            source: v.source,
            text_version: v.text_version,
        }),
        partly_seen: read.partly_seen,
        jurisdiction: read.jurisdiction,
        effective: Effective {
            from: effective.from.map(|d| d.0),
            to: effective.to.map(|d| d.0),
            basis: effective.basis,
            note: effective.note,
            stated: effective.stated,
        },
        scope: RuleScope {
            lines_of_business: scope.lines_of_business,
            reviews: scope.reviews,
            urgency: scope.urgency,
            subject: scope.subject,
            requires: scope.requires,
            gives_way: scope.gives_way.map(|w| GivesWay { to: w.to, from: w.from.0, pa_required: w.pa_required }),
        },
        stated: read.stated,
        deadlines: read.deadlines,
        combine: read.combine,
        extension: read.extension,
        tolling: read.tolling,
        info_request: read.info_request,
        incomplete: read.incomplete,
        exceptions: read.exceptions,
        notice: read.notice,
        breach: read.on_breach,
        calendar: read.calendar,
        notes: read.notes,
        supersedes: read.supersedes,
        tightens: read.tightens,
        prose_only: read.prose_only,
        digest: String::new(),
    };
    rule.digest = digest_of(&rule.canonical());
    VersionRead { rule, replaces: read.replaces, loosens: read.loosens, line }
}
