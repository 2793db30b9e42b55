//! The plan's roster as files for `vigil import`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use vigil_desk::replay::pool::Pool;
use vigil_domain::{
    code::Code,
    party::{Address, Contract, Coverage, Member, Provider},
};

/// Writes contracts, providers, members and coverages into a folder.
///
/// # Errors
/// The system's.
pub fn write(pool: &Pool, folder: &Path) -> std::io::Result<u64> {
    std::fs::create_dir_all(folder)?;
    let mut contracts = table(folder, "contracts.csv", CONTRACTS)?;
    for one in pool.contracts() {
        row(&mut contracts, &contract(one))?;
    }
    contracts.flush()?;
    let mut providers = table(folder, "providers.csv", PROVIDERS)?;
    for one in pool.providers() {
        row(&mut providers, &provider(one))?;
    }
    providers.flush()?;
    let mut members = table(folder, "members.csv", MEMBERS)?;
    let mut coverages = table(folder, "coverages.csv", COVERAGES)?;
    let mut count = 0;
    for (one, covered) in pool.roster() {
        row(&mut members, &member(&one))?;
        for coverage in &covered {
            row(&mut coverages, &coverage_row(coverage))?;
        }
        count += 1;
    }
    members.flush()?;
    coverages.flush()?;
    Ok(count)
}

const MEMBERS: &str = "payer_id,member_id,family,given,birth_day,sex,line1,line2,city,state,zip,phone,language";
const COVERAGES: &str = "payer_id,member_id,subscriber_id,plan_id,from,through,order";
const PROVIDERS: &str = "npi,name,kind,specialties,phone,line1,line2,city,state,zip,networks";
const CONTRACTS: &str = "id,payer_id,plan_id,name,line_of_business,state,zone,rating_period_start,contractors,phone,tty,\
line1,line2,city,address_state,zip,demonstration,excluded_services,network_only,correspondence";

fn table(folder: &Path, name: &str, header: &str) -> std::io::Result<BufWriter<File>> {
    let mut out = BufWriter::new(File::create(folder.join(name))?);
    writeln!(out, "{header}")?;
    Ok(out)
}

fn row(out: &mut impl Write, fields: &[String]) -> std::io::Result<()> {
    let quoted: Vec<String> = fields
        .iter()
        .map(|f| if f.contains([',', '"', '\n']) { format!("\"{}\"", f.replace('"', "\"\"")) } else { f.clone() })
        .collect();
    writeln!(out, "{}", quoted.join(","))
}

fn day(day: Option<vigil_domain::time::Day>) -> String {
    day.map_or_else(String::new, |d| d.to_string())
}

fn yes(yes: bool) -> String {
    if yes { "yes".into() } else { String::new() }
}

fn address(of: Option<&Address>) -> [String; 5] {
    let Some(a) = of else { return Default::default() };
    let line = |n: usize| a.lines.get(n).cloned().unwrap_or_default();
    [line(0), line(1), a.city.clone(), a.state.clone(), a.zip.clone()]
}

fn member(m: &Member) -> Vec<String> {
    let mut fields = vec![
        m.payer_id.clone(),
        m.member_id.clone(),
        m.name.family.clone(),
        m.name.given.clone(),
        day(m.birth_day),
        m.sex.word().to_owned(),
    ];
    fields.extend(address(m.address.as_ref()));
    fields.extend([m.phone.clone().unwrap_or_default(), m.language.clone().unwrap_or_default()]);
    fields
}

fn coverage_row(c: &Coverage) -> Vec<String> {
    vec![
        c.payer_id.clone(),
        c.member_id.clone(),
        c.subscriber_id.clone().unwrap_or_default(),
        c.plan_id.clone(),
        c.from.to_string(),
        day(c.through),
        c.order.to_string(),
    ]
}

fn provider(p: &Provider) -> Vec<String> {
    let kind = if p.organization { "organization" } else { "person" };
    let mut fields = vec![
        p.npi.clone().unwrap_or_default(),
        p.name.clone(),
        kind.to_owned(),
        p.specialties.join(";"),
        p.phone.clone().unwrap_or_default(),
    ];
    fields.extend(address(p.address.as_ref()));
    fields.push(p.networks.join(";"));
    fields
}

fn contract(c: &Contract) -> Vec<String> {
    let excluded: Vec<String> = c.excluded_services.iter().map(code).collect();
    let said: Vec<String> = c.correspondence.iter().map(|(k, v)| format!("{k}={}", v.replace('\n', "/"))).collect();
    let mut fields = vec![
        c.id.clone(),
        c.payer_id.clone(),
        c.plan_id.clone(),
        c.name.clone(),
        c.line_of_business.word().to_owned(),
        c.state.clone(),
        c.zone.name().to_owned(),
        day(c.rating_period_start),
        c.contractors.join(";"),
        c.phone.clone().unwrap_or_default(),
        c.tty.clone().unwrap_or_default(),
    ];
    fields.extend(address(c.address.as_ref()));
    fields.extend([yes(c.demonstration), excluded.join(";"), yes(c.network_only), said.join(";")]);
    fields
}

fn code(code: &Code) -> String {
    format!("{}:{}", code.system.word(), code.value)
}
