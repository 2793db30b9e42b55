//! Messages made: news of a stay written as ADT and orders, for load, for demonstration, and to prove that both roads lead to
//! the same stay.

use vigil_domain::{
    stay::news::{Identifier, NewsKind, Place, Practitioner, StayNews, Told},
    time::{Moment, Zone},
};

use super::{lexer::escape, time};

/// Who a made message comes from.
#[derive(Debug, Clone)]
pub struct Maker {
    /// Sending application (MSH-3).
    pub application: String,
    /// Sending facility (MSH-4).
    pub facility: String,
    /// The zone in which times are written, with their offset.
    pub zone: Zone,
}

fn trigger(kind: &NewsKind) -> Option<&'static str> {
    Some(match kind {
        NewsKind::Register => "A04",
        NewsKind::Admit => "A01",
        NewsKind::PreAdmit => "A05",
        NewsKind::Transfer => "A02",
        NewsKind::Discharge => "A03",
        NewsKind::ClassUp => "A06",
        NewsKind::ClassDown => "A07",
        NewsKind::Update => "A08",
        NewsKind::CancelVisit => "A11",
        NewsKind::CancelTransfer => "A12",
        NewsKind::CancelDischarge => "A13",
        NewsKind::Merge => "A40",
        _ => return None,
    })
}

impl Maker {
    /// The message of one news; none for kinds that are not written as messages.
    pub fn message(&self, news: &StayNews, control: &str) -> Option<String> {
        let trigger = trigger(&news.kind)?;
        let sent = news.sent_at.unwrap_or(news.recorded_at);
        let mut out = format!(
            "MSH|^~\\&|{}|{}|VIGIL|VIGIL|{}||ADT^{trigger}|{}|P|2.5.1||||||UNICODE UTF-8\r",
            escape(&self.application),
            escape(&self.facility),
            self.time(sent),
            escape(control),
        );
        out.push_str(&format!("EVN|{trigger}|{}||||{}\r", self.time(news.recorded_at), self.time(news.effective_at)));
        out.push_str(&self.pid(news));
        if let Some((from, _)) = news.joins.as_ref().and_then(|j| j.patient.as_ref()) {
            out.push_str(&format!("MRG|{}\r", identifier(from)));
        }
        if news.kind != NewsKind::Merge {
            out.push_str(&self.pv1(news));
            out.push_str(&insurance(news));
            for (index, diagnosis) in news.diagnoses.iter().flatten().enumerate() {
                let code = &diagnosis.code;
                let system = if code.system == vigil_domain::code::CodeSystem::Icd10Cm { "I10" } else { "" };
                let label = escape(code.label.as_deref().unwrap_or_default());
                let line = format!(
                    "DG1|{}||{}^{label}^{system}|||{}",
                    index + 1,
                    escape(&code.value),
                    escape(&diagnosis.kind)
                );
                out.push_str(&format!("{line}|||||||||{}\r", diagnosis.rank));
            }
        }
        Some(out)
    }

    fn time(&self, at: Moment) -> String {
        time::write(at, &self.zone)
    }

    fn pid(&self, news: &StayNews) -> String {
        let patient = &news.patient;
        let ids: Vec<String> = patient.identifiers.iter().map(identifier).collect();
        let name = value(patient.name.as_ref());
        let name = name.map(|n| format!("{}^{}", escape(&n.family), escape(&n.given))).unwrap_or_default();
        let born = value(patient.birth_day.as_ref()).map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
        let sex = value(patient.sex.as_ref()).map_or("", |s| match s.word() {
            "female" => "F",
            "male" => "M",
            "other" => "O",
            _ => "U",
        });
        let address = value(patient.address.as_ref()).map(|a| {
            let lines = a.lines.iter().map(|l| escape(l)).collect::<Vec<_>>().join(", ");
            format!("{lines}^^{}^{}^{}", escape(&a.city), escape(&a.state), escape(&a.zip))
        });
        let phone = value(patient.phone.as_ref()).map(|p| escape(p)).unwrap_or_default();
        let account = news.visit.account.as_ref().map(identifier).unwrap_or_default();
        format!(
            "PID|1||{}||{name}||{born}|{sex}|||{}||{phone}|||||{account}\r",
            ids.join("~"),
            address.unwrap_or_default()
        )
    }

    fn pv1(&self, news: &StayNews) -> String {
        let mut fields = vec![String::new(); 51];
        let mut set = |number: usize, text: String| fields[number] = text;
        set(0, "PV1".into());
        set(1, "1".into());
        if let Some(class) = &news.class {
            set(2, escape(&class.class));
            set(10, escape(&class.service));
            set(18, escape(&class.patient_type));
        }
        set(3, value(news.place.as_ref()).map(place).unwrap_or_default());
        set(6, news.prior_place.as_ref().map(place).unwrap_or_default());
        set(7, value(news.attending.as_ref()).map(practitioner).unwrap_or_default());
        set(14, value(news.visit.admit_source.as_ref()).map(|t| escape(t)).unwrap_or_default());
        set(17, value(news.admitting.as_ref()).map(practitioner).unwrap_or_default());
        set(19, news.visit.number.as_ref().map(identifier).unwrap_or_default());
        set(44, value(news.visit.started_at.as_ref()).map(|at| self.time(*at)).unwrap_or_default());
        if let Some(end) = value(news.discharge.as_ref()) {
            set(36, escape(&end.disposition));
            set(45, end.at.map(|at| self.time(at)).unwrap_or_default());
        }
        format!("{}\r", fields.join("|").trim_end_matches('|'))
    }
}

fn value<T>(told: Option<&Told<T>>) -> Option<&T> {
    told.and_then(|t| t.value())
}

fn identifier(id: &Identifier) -> String {
    format!("{}^^^{}^{}", escape(&id.value), escape(&id.authority), escape(&id.kind))
}

fn place(place: &Place) -> String {
    let parts = [&place.unit, &place.room, &place.bed].map(|p| escape(p));
    parts.join("^")
}

fn practitioner(one: &Practitioner) -> String {
    let (family, given) = one.name.split_once(", ").unwrap_or((&one.name, ""));
    format!("{}^{}^{}", escape(&one.id), escape(family), escape(given))
}

fn insurance(news: &StayNews) -> String {
    let mut out = String::new();
    for (index, payer) in news.payers.iter().flatten().enumerate() {
        let day =
            |day: Option<vigil_domain::time::Day>| day.map(|d| d.strftime("%Y%m%d").to_string()).unwrap_or_default();
        let mut fields = vec![String::new(); 50];
        let told = [
            (0, "IN1".to_owned()),
            (1, (index + 1).to_string()),
            (2, escape(&payer.plan_id)),
            (3, escape(&payer.payer_id)),
            (4, escape(&payer.name)),
            (8, escape(&payer.group)),
            (12, day(payer.from)),
            (13, day(payer.through)),
            (15, escape(&payer.plan_type)),
            (22, payer.order.to_string()),
            (36, escape(&payer.member_id)),
        ];
        for (number, text) in told {
            fields[number] = text;
        }
        out.push_str(&format!("{}\r", fields.join("|").trim_end_matches('|')));
    }
    out
}
