//! What may be asked of a motion, and the answers. A vote without quorum is no vote.

use super::{Event, Figures, Motion, Vote};
use crate::{
    case::refusal::{Refusal, Refused},
    time::Day,
};

/// What may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Puts the motion to retire a service from review.
    Put {
        /// The id it gets.
        motion: String,
        /// The service code.
        code: String,
        /// The service, in words.
        service: String,
        /// The figures it rests on.
        figures: Figures,
        /// Why.
        why: String,
    },
    /// Records what the committee decided.
    Decide {
        /// The vote.
        vote: Vote,
    },
    /// Takes it back.
    Withdraw {
        /// Why.
        why: String,
    },
}

/// Answers a command of a person with events, or with every reason why not. `today` is the day in the plan's zone.
pub fn decide(state: Option<&Motion>, command: Command, person: &str, today: Day) -> Result<Vec<Event>, Refused> {
    let no = |rule: &str, says: &str, instead: &str| Err(vec![Refusal::house(rule, says, instead)]);
    let person = person.to_owned();
    match (state, command) {
        (None, Command::Put { motion, code, service, figures, why }) => {
            if why.trim().is_empty() {
                return no(
                    "motion.why",
                    "A motion needs its reason.",
                    "Say what review of this service costs and what it finds.",
                );
            }
            if figures.decided == 0 {
                return no(
                    "motion.figures",
                    "Nothing was decided for this code in the period.",
                    "Choose a period with decisions.",
                );
            }
            Ok(vec![Event::MotionPut { motion, code, service, figures, why: why.trim().to_owned(), person }])
        }
        (None, _) => no("motion.unknown", "There is no such motion.", "Put one from the measures page."),
        (Some(_), Command::Put { .. }) => no("motion.known", "This motion was put already.", "Go on with it."),
        (Some(state), _) if state.decided.is_some() || state.withdrawn.is_some() => {
            no("motion.over", "This motion is over.", "Put a new motion with the figures of today.")
        }
        (Some(_), Command::Withdraw { why }) if why.trim().is_empty() => {
            no("motion.why", "It is not said why it is taken back.", "Write one sentence.")
        }
        (Some(_), Command::Withdraw { why }) => Ok(vec![Event::MotionWithdrawn { why: why.trim().to_owned(), person }]),
        (Some(_), Command::Decide { vote }) => {
            let reasons = against(&vote, today);
            if reasons.is_empty() { Ok(vec![Event::MotionDecided { vote, person }]) } else { Err(reasons) }
        }
    }
}

/// Everything that keeps a vote from counting.
fn against(vote: &Vote, today: Day) -> Refused {
    let mut reasons = Vec::new();
    let mut house = |rule: &str, says: String, instead: &str| reasons.push(Refusal::house(rule, says, instead));
    if vote.on > today {
        house("motion.day", "The meeting lies in the future.".into(), "Record the vote when it was taken.");
    }
    if vote.present > vote.members || vote.physicians > vote.members || vote.members == 0 {
        house("motion.members", "More people are counted than the committee has.".into(), "Correct the numbers.");
    }
    if vote.present * 2 <= vote.members {
        house(
            "motion.quorum",
            format!("{} of {} members were present: no quorum, so no vote.", vote.present, vote.members),
            "Vote again when more than half of the members are present.",
        );
    }
    if vote.in_favour + vote.against + vote.abstained != vote.present {
        house("motion.votes", "The votes do not add up to the members present.".into(), "Count again.");
    }
    if vote.carried() && vote.effective_on.is_none_or(|day| day < vote.on) {
        house(
            "motion.effective",
            "A carried motion needs the day from which it holds, not before the meeting.".into(),
            "Enter that day; leave time to tell providers.",
        );
    }
    if vote.minutes.trim().is_empty() {
        house("motion.minutes", "The minutes are missing.".into(), "Write what was said for and against.");
    }
    if vote.physicians * 2 <= vote.members {
        reasons.push(Refusal::law(
            "motion.physicians",
            "42 CFR 422.137 (from knowledge, verify)",
            "Practicing physicians are not the majority of the committee.",
            "Correct the numbers, or fill the committee first.",
        ));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{motion::evolve, time::Moment};
    use jiff::civil::date;

    const TODAY: Day = date(2026, 11, 22);

    fn put() -> Motion {
        let figures = Figures {
            from: date(2026, 10, 1),
            through: date(2026, 11, 20),
            decided: 140,
            approved: 139,
            automated: 120,
        };
        let command = Command::Put {
            motion: "M-1".into(),
            code: "E0601".into(),
            service: "CPAP".into(),
            figures,
            why: "approved nearly always".into(),
        };
        let events = decide(None, command, "miriam", TODAY).unwrap();
        evolve(None, &events[0], Moment::UNIX_EPOCH).unwrap()
    }

    fn vote() -> Vote {
        Vote {
            on: date(2026, 11, 20),
            members: 9,
            physicians: 5,
            present: 5,
            in_favour: 4,
            against: 1,
            abstained: 0,
            effective_on: Some(date(2027, 1, 1)),
            minutes: "Figures shown; one asked to look again in a year.".into(),
        }
    }

    fn rules(vote: Vote) -> Vec<String> {
        match decide(Some(&put()), Command::Decide { vote }, "miriam", TODAY) {
            Ok(_) => Vec::new(),
            Err(refused) => refused.into_iter().map(|refusal| refusal.rule).collect(),
        }
    }

    #[test]
    fn a_vote_counts_on_one_side_of_each_boundary_only() {
        assert!(rules(vote()).is_empty());
        for (wrong, rule) in [
            (Vote { present: 4, in_favour: 4, against: 0, ..vote() }, "motion.quorum"),
            (Vote { physicians: 4, ..vote() }, "motion.physicians"),
            (Vote { abstained: 1, ..vote() }, "motion.votes"),
            (Vote { effective_on: None, ..vote() }, "motion.effective"),
            (Vote { effective_on: Some(date(2026, 11, 19)), ..vote() }, "motion.effective"),
            (Vote { minutes: " ".into(), ..vote() }, "motion.minutes"),
            (Vote { on: date(2026, 11, 23), ..vote() }, "motion.day"),
        ] {
            assert_eq!(rules(wrong), [rule]);
        }
        assert!(rules(Vote { in_favour: 2, against: 3, effective_on: None, ..vote() }).is_empty(), "rejected");
        assert!(rules(Vote { effective_on: Some(date(2026, 11, 20)), ..vote() }).is_empty(), "that very day");
    }

    #[test]
    fn a_tie_carries_nothing_and_what_is_over_is_over() {
        let tie = Vote { in_favour: 2, against: 2, abstained: 1, effective_on: None, ..vote() };
        assert!(!tie.carried());
        let events = decide(Some(&put()), Command::Decide { vote: tie }, "miriam", TODAY).unwrap();
        let over = evolve(Some(put()), &events[0], Moment::UNIX_EPOCH).unwrap();
        assert_eq!(over.word(), "rejected");
        let again = decide(Some(&over), Command::Decide { vote: vote() }, "miriam", TODAY).unwrap_err();
        assert_eq!(again[0].rule, "motion.over");
        assert!(evolve(Some(over), &events[0], Moment::UNIX_EPOCH).is_err());
    }
}
