//! The services that the simulated providers ask for, with evidence under which the public criteria are met, not met or
//! open. The evidence is taken from the worked cases beside the packs.

use jiff::Span;
use vigil_domain::{
    code::{Code, CodeSystem},
    evidence::{ClinicalItem, ItemKind, Value, When},
    time::Day,
};

/// One service that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Id of the criteria pack, or a word of our own where none exists.
    pub id: &'static str,
    /// Code system word.
    pub system: &'static str,
    /// Code.
    pub code: &'static str,
    /// The requester's words.
    pub words: &'static str,
    /// Diagnosis, ICD-10-CM.
    pub diagnosis: &'static str,
    /// Amount and unit.
    pub quantity: (f64, &'static str),
    /// How often it is asked for, beside the others.
    pub weight: u32,
    /// Part B drug.
    pub drug: bool,
    /// Asked while the member is in the hospital.
    pub concurrent: bool,
    /// So many of a thousand are expedited.
    pub expedited: u32,
    /// Facts that meet the criteria: `id=value` with blanks between; empty where no pack exists.
    pub met: &'static str,
    /// Facts that change a met request into one that is not met.
    pub spoil: &'static str,
    /// Facts that go missing in an incomplete request.
    pub missing: &'static str,
}

const fn service(id: &'static str, system: &'static str, code: &'static str, words: &'static str) -> Service {
    Service {
        id,
        system,
        code,
        words,
        diagnosis: "Z00.00",
        quantity: (1.0, "unit"),
        weight: 10,
        drug: false,
        concurrent: false,
        expedited: 60,
        met: "",
        spoil: "",
        missing: "",
    }
}

/// Every service of the simulated department, by codes that are in the public domain: HCPCS Level II (without D codes), ICD-10-PCS,
/// revenue codes. None by a CPT code (docs/decisions/0026-no-cpt-codes.md).
pub const SERVICES: &[Service] = &[
    Service {
        diagnosis: "J96.11",
        quantity: (12.0, "month"),
        weight: 30,
        expedited: 90,
        met: "test_ordered_evaluated=true test_by_dme_supplier=false inpatient_origin=false time_of_need_documented=true sole_reason=none abg_same_session=false pao2_rest=54",
        spoil: "pao2_rest=70 sao2_rest=93 dependent_edema_chf=false pulm_htn_or_cor_pulmonale=false hematocrit=44 pao2_sleep=70 sao2_sleep=93 sao2_sleep_fall=2 pao2_sleep_fall=3 pao2_exercise=70 sao2_exercise=93 literature_supported_condition=false",
        missing: "pao2_rest time_of_need_documented",
        ..service("home-oxygen", "hcpcs", "E1390", "Oxygen concentrator")
    },
    Service {
        diagnosis: "G47.33",
        weight: 28,
        met: "adult=true clinical_eval_before_test=true sleep_test_type=facility-psg test_ordered_by_treating=true education_done=true recorded_sleep_hours=6 device=E0601 ahi=22",
        spoil: "ahi=4",
        missing: "ahi education_done",
        ..service("pap-osa-initial", "hcpcs", "E0601", "Continuous positive airway pressure device")
    },
    Service {
        diagnosis: "G35",
        weight: 14,
        met: "days_f2f_before_order=30 mrdl_limited_in_home=true other_limits_block_benefit=false safe_and_willing=true cane_walker_enough=false manual_chair_self_propel=false home_supports_device=true device=power-wheelchair pov_suitable=false extra_features_needed=true user_can_operate=true weight_pct_capacity=80",
        spoil: "pov_suitable=true",
        missing: "mrdl_limited_in_home home_supports_device",
        ..service("power-mobility-device", "hcpcs", "K0823", "Power wheelchair, group 2")
    },
    Service {
        diagnosis: "I63.9",
        quantity: (14.0, "day"),
        weight: 12,
        expedited: 800,
        met: "therapy_disciplines=2 includes_pt_or_ot=true therapy_hours_per_day=3 therapy_days_per_week=5 can_participate_benefit=true stable_for_program=true needs_rehab_physician_3x=true needs_interdisciplinary=true preadmission_screen=true hours_screen_before_admission=24 physician_concurrence=true hours_to_first_therapy=24",
        spoil: "therapy_disciplines=1 needs_interdisciplinary=false",
        missing: "physician_concurrence",
        ..service("irf-admission", "revenue", "0118", "Inpatient rehabilitation admission")
    },
    Service {
        diagnosis: "I50.23",
        quantity: (3.0, "day"),
        weight: 16,
        concurrent: true,
        expedited: 500,
        met: "inpatient_order=true hospital_care_needed=true expected_midnights=3 inpatient_only_procedure=false factors_documented=true",
        spoil: "expected_midnights=1 unforeseen_short_stay=false case_by_case_exception=false",
        missing: "factors_documented",
        ..service("inpatient-admission", "revenue", "0120", "Hospital inpatient admission")
    },
    Service {
        diagnosis: "G43.709",
        quantity: (155.0, "unit"),
        weight: 14,
        drug: true,
        expedited: 120,
        met: "use=chronic-migraine-initial cosmetic_intent=false contraindication=false fda_approved_serotype=true headache_days_month=18 migraine_days_month=10 hours_per_attack=6 months_chronic=6 classes_failed=3 trial_days_each=60 disability_documented=true moderate_severe=true dose_units=155 cgrp_use=false first_ever=true",
        spoil: "migraine_days_month=5",
        missing: "classes_failed",
        ..service("botulinum-toxin", "hcpcs", "J0585", "OnabotulinumtoxinA")
    },
    Service {
        diagnosis: "E11.65",
        weight: 18,
        met: "diabetes=true training_ok=true fda_labeled_use=true insulin_treated=true days_visit_before_order=60 request=initial",
        spoil: "insulin_treated=false level2_events=0 plan_adjustments=0 level3_events=0",
        missing: "days_visit_before_order",
        ..service("continuous-glucose-monitor", "hcpcs", "E2103", "Continuous glucose monitor")
    },
    Service {
        diagnosis: "I25.10",
        quantity: (36.0, "visit"),
        weight: 10,
        met: "program=cardiac-rehab ami_ever=true months_since_ami=2 cabg=false stable_angina=false valve=false pci=false transplant=false hf_stable_chronic=false itp_signed=true sessions_used=0 extension_approved=false covered_setting=true",
        spoil: "months_since_ami=20",
        missing: "itp_signed",
        ..service("cardiac-rehab", "hcpcs", "G0422", "Intensive cardiac rehabilitation")
    },
    Service {
        diagnosis: "L89.154",
        quantity: (3.0, "month"),
        weight: 10,
        met: "completely_immobile=true",
        spoil: "completely_immobile=false limited_mobility=true trunk_pelvis_ulcer_any_stage=false impaired_nutrition=false incontinence=false altered_sensation=false poor_circulation=false",
        missing: "completely_immobile",
        ..service("support-surface-group-1", "hcpcs", "E0185", "Pressure-reducing mattress overlay")
    },
    Service {
        diagnosis: "E66.01",
        weight: 6,
        met: "bmi=42 obesity_comorbidity=true medical_treatment_failed=true procedure=rygb sole_purpose_obesity=false",
        spoil: "bmi=31",
        missing: "medical_treatment_failed",
        ..service("bariatric-surgery", "icd10pcs", "0D160ZA", "Gastric bypass")
    },
    Service {
        diagnosis: "Z51.89",
        quantity: (30.0, "day"),
        weight: 10,
        expedited: 150,
        met: "needs_aid_or_help_to_leave=true leaving_contraindicated=false normally_unable_to_leave=true taxing_effort=true under_care_practitioner=true skilled_need=intermittent-nursing nursing_days_per_week=3 plan_of_care=true by_hha=true f2f_days_before_soc=20 f2f_related=true",
        spoil: "f2f_days_before_soc=120",
        missing: "f2f_related plan_of_care",
        ..service("home-health", "hcpcs", "G0299", "Home health nursing")
    },
    Service { weight: 16, ..service("clinic-visit", "hcpcs", "G0463", "Hospital outpatient clinic visit") },
    Service {
        weight: 10,
        expedited: 40,
        ..service("genetic-test", "hcpcs", "G9143", "Genetic test of warfarin response")
    },
    Service { weight: 5, ..service("hearing-aid", "hcpcs", "V5261", "Hearing aid, digital, both ears") },
    Service {
        diagnosis: "M54.16",
        weight: 10,
        ..service("lumbar-fusion", "icd10pcs", "0SG00AJ", "Fusion of one joint of the lumbar spine")
    },
];

impl Service {
    /// The last day of the service: as many days or months as are asked for, two visits a week; a thing is taken within sixty days.
    pub fn last_day(&self, from: Day) -> Day {
        let amount = self.quantity.0 as i64;
        let after = match self.quantity.1 {
            "day" => Span::new().days(amount),
            "month" => Span::new().months(amount),
            "visit" => Span::new().weeks((amount + 1) / 2),
            _ => Span::new().days(60),
        };
        from.checked_add(after).and_then(|day| day.yesterday()).unwrap_or(from)
    }

    /// The code as a line asks for it.
    pub fn line_code(&self) -> Code {
        Code { system: CodeSystem::read(self.system), value: self.code.into(), label: Some(self.words.into()) }
    }

    /// Whether facts speak of it at all.
    pub fn has_criteria(&self) -> bool {
        !self.met.is_empty()
    }

    /// The facts of a request: met, or spoiled.
    pub fn facts(&self, met: bool) -> Vec<(&'static str, Value)> {
        let mut facts = read(self.met);
        if !met {
            for (id, value) in read(self.spoil) {
                match facts.iter_mut().find(|(known, _)| *known == id) {
                    Some(slot) => slot.1 = value,
                    None => facts.push((id, value)),
                }
            }
        }
        facts
    }

    /// Whether a fact goes missing in an incomplete request.
    pub fn may_miss(&self, fact: &str) -> bool {
        self.missing.split_whitespace().any(|id| id == fact)
    }

    /// A fact as an answered question of this service's questionnaire.
    pub fn answer(&self, id: &str, value: Value, on: Day) -> ClinicalItem {
        ClinicalItem {
            bound: None,
            doubt: None,
            kind: ItemKind::Answer,
            codes: Vec::new(),
            link_id: Some(id.to_owned()),
            questionnaire: Some(format!("urn:vigil:questionnaire:{}", self.id)),
            value: Some(value),
            unit: None,
            when: Some(When::Day(on)),
            place: format!("QuestionnaireResponse/{}#{id}", self.id),
        }
    }
}

/// Reads `id=value` words.
fn read(text: &'static str) -> Vec<(&'static str, Value)> {
    text.split_whitespace()
        .filter_map(|word| {
            let (id, value) = word.split_once('=')?;
            let value = match (value, value.parse::<f64>()) {
                ("true", _) => Value::Bool(true),
                ("false", _) => Value::Bool(false),
                (_, Ok(number)) => Value::Number(number),
                (words, Err(_)) => Value::Text(words.to_owned()),
            };
            Some((id, value))
        })
        .collect()
}

/// A service by its id.
///
/// # Panics
/// When the table has no such service.
pub fn by_id(id: &str) -> &'static Service {
    SERVICES.iter().find(|s| s.id == id).expect("the simulation asks only for services of its table")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_days_of_a_request_are_as_many_as_it_asks_for() {
        let from = date(2026, 11, 2);
        for service in SERVICES {
            let through = service.last_day(from);
            let days = (through - from).get_days() + 1;
            let amount = service.quantity.0 as i32;
            match service.quantity.1 {
                "day" => assert_eq!(days, amount, "{}", service.id),
                "month" => assert_eq!(
                    through.tomorrow().unwrap(),
                    from.saturating_add(Span::new().months(amount)),
                    "{}",
                    service.id
                ),
                "visit" => assert_eq!(days, amount.div_euclid(2) * 7, "{}", service.id),
                _ => assert_eq!(days, 60, "{}", service.id),
            }
        }
    }

    #[test]
    fn nothing_is_asked_for_by_a_code_whose_list_is_licensed() {
        for service in SERVICES {
            let public = match service.system {
                "hcpcs" => !service.code.starts_with(|c: char| c.is_ascii_digit() || c == 'D'),
                "icd10pcs" | "revenue" => true,
                _ => false,
            };
            assert!(public, "{} {} {}", service.id, service.system, service.code);
        }
    }
}
