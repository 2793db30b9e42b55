//! Laying one layer over another: an id may be taken over only by saying so, and a later due time only with a reason.

use std::{collections::BTreeMap, sync::Arc};

use vigil_domain::{
    calendar::Calendars,
    law::{Family, Rule},
};

use super::{
    Place,
    read::{FamilyRead, VersionRead},
};
use crate::{issue::PackIssue, probe, shelf::PackFile};

/// Puts one family of one file over what lies below.
pub(super) fn lay(
    read: FamilyRead,
    file: &PackFile,
    families: &mut Vec<Family>,
    places: &mut BTreeMap<String, Place>,
    calendars: &Calendars,
    issues: &mut Vec<PackIssue>,
) {
    let at = match families.iter().position(|f| f.id == read.id) {
        Some(at) if file.layer == 0 => {
            let message =
                format!("family {:?} is already in {}; a family stands in one place", read.id, families[at].file);
            issues.push(PackIssue::new(&file.path, read.line, message));
            return;
        }
        Some(at) => at,
        None => {
            families.push(Family {
                id: read.id.clone(),
                title: read.title.clone(),
                file: file.path.clone(),
                ..Family::default()
            });
            families.len() - 1
        }
    };
    for version in read.versions {
        let place = Place { file: file.path.clone(), line: version.line, layer: file.layer };
        let had = families
            .iter()
            .enumerate()
            .find_map(|(f, family)| family.versions.iter().position(|v| v.id == version.rule.id).map(|v| (f, v)));
        match had {
            None if version.replaces.is_some() => {
                issues.push(complaint(&place, "replaces a rule that is not in the library below it"));
            }
            None => {
                places.insert(version.rule.id.clone(), place);
                families[at].versions.push(Arc::new(version.rule));
            }
            Some((f, v)) => {
                let old = families[f].versions[v].clone();
                if let Err(message) = may_replace(&old, &version, calendars) {
                    issues.push(complaint(&place, &message));
                    continue;
                }
                places.insert(version.rule.id.clone(), place);
                families[f].versions.remove(v);
                families[at].versions.push(Arc::new(version.rule));
            }
        }
    }
    families[at].gaps.extend(read.gaps);
    families[at].conflicts.extend(read.conflicts);
}

fn complaint(place: &Place, message: &str) -> PackIssue {
    PackIssue::new(&place.file, place.line, message)
}

fn may_replace(old: &Rule, new: &VersionRead, calendars: &Calendars) -> Result<(), String> {
    let wanted = format!("{}@{}", old.id, old.digest);
    match &new.replaces {
        None => {
            return Err(format!("{} is already in the library; say replaces = \"{wanted}\" to take its place", old.id));
        }
        Some(said) if *said != wanted => {
            return Err(format!("replaces {said:?}, but the rule below is {wanted:?}: read the change first"));
        }
        Some(_) => {}
    }
    if new.loosens.as_deref().is_none_or(|reason| reason.trim().is_empty())
        && let Some(example) = probe::later(&new.rule, old, calendars)
    {
        return Err(format!("{}: the new limit is later ({example}); say loosens = \"reason\"", old.id));
    }
    Ok(())
}
