//! The stays of hospitals: one row each, by the day on which the hospital's measures count it.

use jiff::ToSpan as _;
use vigil_domain::time::Day;
use vigil_store::{CensusRow, FiguresRow};

use super::{
    Export, ExportError, Files, date_of,
    table::{Cell, Column, Kind},
};

/// Before it nothing is looked for month by month.
const EARLIEST: Day = jiff::civil::date(2000, 1, 1);

const STAYS: &[Column] = &[
    ("stay_id", Kind::Text, false),
    ("hospital", Kind::Text, false),
    ("zone", Kind::Text, false),
    ("unit", Kind::Text, false),
    ("in_house", Kind::Yes, false),
    ("status", Kind::Text, false),
    ("supported", Kind::Text, false),
    ("basis", Kind::Text, false),
    ("line_of_business", Kind::Text, false),
    ("payer", Kind::Text, false),
    ("attending", Kind::Text, false),
    ("first_care_at", Kind::Moment, true),
    ("observed_at", Kind::Moment, true),
    ("admitted_at", Kind::Moment, true),
    ("discharged_at", Kind::Moment, true),
    ("payer_answer", Kind::Text, false),
    ("authorized_through", Kind::Day, true),
    ("days_at_risk_behind", Kind::Number, false),
    ("at_risk_from", Kind::Day, true),
    ("ms_drg", Kind::Text, true),
    ("late", Kind::Yes, false),
    ("bill_held", Kind::Yes, false),
    ("patient_name", Kind::Text, true),
    ("birth_day", Kind::Day, true),
    ("sex", Kind::Text, true),
    ("visit_number", Kind::Text, true),
    ("patient_number", Kind::Text, true),
    ("authorization_number", Kind::Text, true),
];

impl Export<'_> {
    /// Every stay, a month at a time.
    pub(super) fn stays(&mut self, tenant: &str) -> Result<(), ExportError> {
        let last = date_of(self.wanted.now).saturating_add(2.days());
        let mut from = Day::MIN;
        let mut through = EARLIEST;
        while from <= last {
            self.stays_between(tenant, from, through)?;
            let Ok(next) = through.tomorrow() else { break };
            from = next;
            through = next.last_of_month();
        }
        Ok(())
    }

    fn stays_between(&mut self, tenant: &str, from: Day, through: Day) -> Result<(), ExportError> {
        let mut counted: Vec<FiguresRow> = self.view.stay_rows_between(tenant, from, through)?;
        counted.sort_by(|a, b| (a.day, &a.stay_id).cmp(&(b.day, &b.stay_id)));
        let mut files = Files::new();
        for figures in counted {
            let Some(row) = self.view.stay(tenant, &figures.stay_id)? else { continue };
            let cells = self.cells(row);
            self.file(&mut files, ("stays", STAYS), (tenant, figures.day), "stays")?.row(cells)?;
        }
        self.end("stays", files.into_values())
    }

    /// The cells of a stay, in the order of the columns; of the patient only when it is asked for.
    fn cells(&self, row: CensusRow) -> Vec<Cell> {
        let patients = self.wanted.patients;
        let only = |cell: Cell| if patients { cell } else { Cell::Empty };
        vec![
            row.stay_id.into(),
            row.hospital.into(),
            row.zone.into(),
            row.unit.into(),
            row.in_house.into(),
            row.status.into(),
            row.supported.into(),
            row.basis.into(),
            row.line_of_business.into(),
            row.payer.into(),
            row.attending.into(),
            row.first_care_at.into(),
            row.observed_at.into(),
            row.admitted_at.into(),
            row.discharged_at.into(),
            row.payer_answer.into(),
            row.authorized_through.into(),
            u64::from(row.days_at_risk_behind).into(),
            row.at_risk_from.into(),
            row.ms_drg.into(),
            row.late.into(),
            row.bill_held.into(),
            only(row.patient.into()),
            only(row.birth_day.into()),
            only(row.sex.into()),
            only(row.visit.into()),
            only(row.patient_number.into()),
            only(row.authorization.into()),
        ]
    }
}
