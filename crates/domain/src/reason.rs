//! Why less than asked was approved: the starter taxonomy, one line each, with its maps to public code lists.
//!
//! The sentences are ours. CARC numbers are from knowledge and marked so; X12's own lists are licensed and never
//! shipped, so the X12 reason (external list 886) is loaded by the site.

use crate::codes;

codes! {
    /// A reason for an adverse determination or an administrative one.
    Reason {
        NotMedicallyNecessary = "not_medically_necessary",
        InsufficientInformation = "insufficient_information",
        LowerLevelOfCare = "level_of_care_lower_available",
        LengthOfStay = "length_of_stay",
        SiteOfService = "site_of_service",
        Experimental = "experimental",
        FrequencyExceeded = "frequency_exceeded",
        StepTherapy = "step_therapy",
        QuantityExceeded = "quantity",
        BenefitExcluded = "benefit_excluded",
        LimitReached = "limit_reached",
        OutOfNetwork = "out_of_network",
        Duplicate = "duplicate",
        UntimelyRequest = "untimely_request",
        NotEligible = "not_eligible",
        OtherPayer = "coverage_by_other_payer",
        CodingMismatch = "coding_mismatch",
        AdministrativeError = "administrative_error",
    }
}

/// One row of the taxonomy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReasonRow {
    /// What pages call it.
    pub title: &'static str,
    /// A clinical judgement: only a peer reviewer may use it.
    pub clinical: bool,
    /// A criterion must be cited with it.
    pub needs_criterion: bool,
    /// The plain sentence a member reads first.
    pub plain: &'static str,
    /// Claim adjustment reason code (from knowledge, verify); absent where none fits.
    pub carc: Option<&'static str>,
}

const fn row(
    title: &'static str,
    clinical: bool,
    needs_criterion: bool,
    plain: &'static str,
    carc: &'static str,
) -> ReasonRow {
    ReasonRow { title, clinical, needs_criterion, plain, carc: if carc.is_empty() { None } else { Some(carc) } }
}

impl Reason {
    /// The row of this reason; none for a word this release does not know.
    pub fn row(&self) -> Option<ReasonRow> {
        Some(match self {
            Self::NotMedicallyNecessary => row(
                "Not medically necessary",
                true,
                true,
                "The records we have do not show that you need this service under the rule we must follow.",
                "50",
            ),
            Self::InsufficientInformation => row(
                "Insufficient information",
                true,
                true,
                "We did not get the records we need to show that this service meets the rule.",
                "226",
            ),
            Self::LowerLevelOfCare => row(
                "A lower level of care is available",
                true,
                true,
                "The records show that your care can be given safely at another level of care.",
                "150",
            ),
            Self::LengthOfStay => row(
                "Length of stay",
                true,
                true,
                "The records do not show a need for all of the days that were asked for.",
                "152",
            ),
            Self::SiteOfService => row(
                "Site of service",
                true,
                true,
                "The records show that this service can be given safely in another place.",
                "58",
            ),
            Self::Experimental => row(
                "Experimental or not proven",
                true,
                true,
                "There is not enough proof that this service works for your condition.",
                "55",
            ),
            Self::FrequencyExceeded => row(
                "Frequency exceeded",
                true,
                true,
                "The records do not show a need for this service as often as was asked.",
                "151",
            ),
            Self::StepTherapy => row(
                "Step therapy",
                true,
                true,
                "Another treatment must be tried first, and the records do not show that it was.",
                "",
            ),
            Self::QuantityExceeded => row(
                "Quantity",
                true,
                true,
                "The records do not show a need for the full amount that was asked for.",
                "154",
            ),
            Self::BenefitExcluded => {
                row("Benefit excluded", false, false, "Your plan does not cover this service.", "96")
            }
            Self::LimitReached => row(
                "Benefit limit reached",
                false,
                false,
                "You have used all of this benefit that your plan covers.",
                "119",
            ),
            Self::OutOfNetwork => row(
                "Out of network",
                false,
                false,
                "Your plan covers this service only from a provider in its network.",
                "242",
            ),
            Self::Duplicate => row("Duplicate request", false, false, "We already have this same request.", ""),
            Self::UntimelyRequest => row(
                "Late request or notification",
                false,
                false,
                "The request came later than the contract with your provider allows.",
                "197",
            ),
            Self::NotEligible => {
                row("Not eligible", false, false, "You were not covered by this plan on the day of the service.", "")
            }
            Self::OtherPayer => row("Other coverage", false, false, "Another plan must answer this request first.", ""),
            Self::CodingMismatch => row(
                "Coding mismatch",
                false,
                false,
                "The code on the request does not match the service that is described.",
                "284",
            ),
            Self::AdministrativeError => {
                row("Administrative error", false, false, "The request has an error that must be put right first.", "")
            }
            Self::Other(_) => return None,
        })
    }

    /// Whether only a peer reviewer may use it. An unknown reason counts as clinical: the stricter reading.
    pub fn is_clinical(&self) -> bool {
        self.row().is_none_or(|row| row.clinical)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_row_and_a_plain_sentence() {
        for reason in Reason::ALL {
            let row = reason.row().unwrap_or_else(|| panic!("{reason} has no row"));
            assert!(row.plain.ends_with('.'), "{reason}");
            assert!(row.clinical || !row.needs_criterion, "{reason}: an administrative reason needs no criterion");
        }
    }

    #[test]
    fn an_unknown_reason_is_held_to_be_clinical() {
        assert!(Reason::read("something new").is_clinical());
    }
}
