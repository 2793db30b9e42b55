//! The stage on which stay scripts are played: real library, made-up people, moments from the script.

use vigil_domain::{
    stay::{Stay, command::Command, decide::decide, event::Event, evolve::evolve, refusal::Refusal},
    time::Moment,
};

use super::{
    commands::{Words, feed, person},
    people::actor,
};
use crate::script::{Line, each, library, replays};

struct Stage {
    stay: Option<Stay>,
    log: Vec<(Event, Moment)>,
    last: Vec<Event>,
    refused: Vec<Refusal>,
    messages: u32,
}

/// Plays one script; the first thing that does not hold is the answer.
pub fn play(script: &str) -> Result<(), String> {
    let mut stage = Stage { stay: None, log: Vec::new(), last: Vec::new(), refused: Vec::new(), messages: 0 };
    each(script, |line| stage.step(line))?;
    replays(&stage.log, &stage.stay, Event::kind, evolve)
}

impl Stage {
    fn step(&mut self, line: Line<'_>) -> Result<(), String> {
        let (at, act) = match line {
            Line::At(at, act) => (at, act),
            Line::Expect(what) => return self.expect(what),
        };
        let command = self.command(act, at)?;
        self.refused.clear();
        self.last.clear();
        match decide(self.stay.as_ref(), command, library(), at) {
            Ok(decided) => {
                self.log.extend(decided.events.iter().cloned().map(|e| (e, at)));
                self.last = decided.events;
                self.stay = Some(decided.stay);
            }
            Err(refused) => self.refused = refused,
        }
        Ok(())
    }

    fn command(&mut self, act: &str, at: Moment) -> Result<Command, String> {
        let mut words = act.split_whitespace();
        let who = words.next().ok_or("nothing to do")?;
        if who == "tick" {
            return Ok(Command::Tick);
        }
        let verb = words.next().ok_or("what happens?")?;
        if who == "feed" {
            self.messages += 1;
            return feed(verb, &Words::of(words)?, at, self.messages);
        }
        let stay = self.stay.as_ref().ok_or("no stay")?;
        let words = Words::of(words)?;
        person(stay, actor(who)?, verb, &words, at)
    }

    fn expect(&self, what: &str) -> Result<(), String> {
        let words: Vec<&str> = what.split_whitespace().collect();
        if words[0] == "refused" {
            let rules: Vec<&str> = self.refused.iter().map(|r| r.rule.as_str()).collect();
            let cited = words.get(2).is_none_or(|c| {
                let wanted = c.replace('_', " ");
                self.refused.iter().any(|r| r.rule == words[1] && r.cite.as_deref().unwrap_or("").contains(&wanted))
            });
            return same(
                rules.contains(&words[1]) && cited,
                format!("refusals: {:?}, events: {:?}", self.refused, self.kinds()),
            );
        }
        if !self.refused.is_empty() {
            return Err(format!("the act was refused: {:?}", self.refused));
        }
        self.holds(&words)
    }

    fn holds(&self, words: &[&str]) -> Result<(), String> {
        let stay = self.stay.as_ref().ok_or("no stay")?;
        let now = self.log.last().map_or(Moment::UNIX_EPOCH, |(_, at)| *at);
        match words {
            ["event", kind] => same(self.kinds().contains(kind), format!("events {:?}", self.kinds())),
            ["no-event", kind] => same(!self.kinds().contains(kind), format!("events {:?}", self.kinds())),
            ["status", word] => same(stay.status().word() == *word, stay.status().word().to_owned()),
            ["supported", word] => {
                let judged = stay.judged.as_ref().map(|(_, j)| j.clone()).unwrap_or_default();
                same(judged.status == *word, format!("{judged:?}"))
            }
            ["basis", word] => {
                let judged = stay.judged.as_ref().map(|(_, j)| j.clone()).unwrap_or_default();
                same(judged.basis == *word, format!("{judged:?}"))
            }
            ["clock", watch, "due", at] => {
                let found: Vec<String> = clocks(stay, watch).map(|c| stay.zone().at(c.due_at).to_string()).collect();
                let wanted: Moment = at.parse().map_err(|e| format!("{e}"))?;
                same(
                    clocks(stay, watch).any(|c| c.due_at == wanted),
                    format!("{watch}: {found:?}; {:?}", open_watches(stay)),
                )
            }
            ["clock", watch, "met"] => {
                let met = stay.clocks.iter().any(|c| c.watch.word() == *watch && c.satisfied_at.is_some());
                same(met, format!("{:?}", stay.clocks))
            }
            ["clock", watch, "lapsed"] => {
                let lapsed = stay.clocks.iter().any(|c| c.watch.word() == *watch && c.lapsed_at.is_some());
                same(lapsed, format!("{:?}", stay.clocks))
            }
            ["clock", watch, "running"] => {
                let runs = clocks(stay, watch).any(|c| c.lapsed_at.is_none());
                same(runs, format!("{:?}", stay.clocks))
            }
            ["no-clock", watch] => same(clocks(stay, watch).next().is_none(), format!("{:?}", open_watches(stay))),
            ["given", kind, how] => given_is(stay, kind, how),
            ["notice", kind, state] => notice_is(stay, kind, state),
            [check @ ("alert" | "no-alert"), id] => {
                let open: Vec<&str> =
                    stay.alerts.iter().filter(|a| a.cleared.is_none()).map(|a| a.id.as_str()).collect();
                same(open.iter().any(|a| a.starts_with(id)) == (*check == "alert"), format!("alerts {open:?}"))
            }
            ["query", kind] => {
                let open: Vec<&str> =
                    stay.queries.iter().filter(|q| q.answered.is_none()).map(|q| q.kind.word()).collect();
                same(open.contains(kind), format!("queries {open:?}"))
            }
            ["rung", word] => {
                let at = stay.open_escalation().map(|e| e.at.0.word().to_owned()).unwrap_or("none".into());
                same(at == *word, at)
            }
            ["waits-for", person] => {
                let at = stay.open_escalation().map(|e| e.at.1.clone()).unwrap_or_default();
                same(at == person.replace("nobody", ""), at)
            }
            ["risk", days] => {
                let risk = stay.days_at_risk(now);
                same(risk.len().to_string() == *days, format!("{risk:?}"))
            }
            ["expected-midnights", n] => {
                let found = stay.expected_midnights().map_or("none".to_owned(), |n| n.to_string());
                same(found == *n, found)
            }
            ["midnights", n] => same(stay.midnights(now).to_string() == *n, stay.midnights(now).to_string()),
            ["after-order", n] => {
                let (n, after) = (n.to_string(), stay.inpatient_midnights(now).to_string());
                let used = stay.judged.as_ref().map(|(_, j)| j.used.join("; ")).unwrap_or_default();
                let told = stay.is_cancelled() || used.contains(&format!("{n} after the order"));
                same(after == n && told, format!("{after}; {used}"))
            }
            ["admitted", at] => {
                let wanted: Moment = at.parse().map_err(|e| format!("{e}"))?;
                same(stay.admitted_at() == Some(wanted), format!("{:?}", stay.admitted_at()))
            }
            ["was", at, word] => {
                let at: Moment = at.parse().map_err(|e| format!("{e}"))?;
                let was = stay.track.period_at(at).map_or("none", |p| p.status.word());
                same(was == *word, was.to_owned())
            }
            ["beside", word] => {
                let beside = stay.said_beside().map_or("none", |s| s.word());
                same(beside == *word, beside.to_owned())
            }
            ["appeals", n] => {
                let all = stay.earlier_appeals.len() + [&stay.qio, &stay.change_appeal].into_iter().flatten().count();
                same(all.to_string() == *n, format!("{:?}, {:?}", stay.earlier_appeals, stay.change_appeal))
            }
            ["liability", word] => {
                let held = stay.liability_held();
                same(held == (*word == "held"), format!("held {held}; {:?}", stay.qio))
            }
            ["departure", how] => {
                let found = stay.status_facts().discharge.map(|d| d.how.word().to_owned());
                same(found.as_deref() == Some(*how), format!("{found:?}"))
            }
            ["through", payer, day] => {
                let found = stay.payer(payer).and_then(|p| p.through()).map_or("none".to_owned(), |d| d.to_string());
                same(found == *day, found)
            }
            ["locked", payer] => same(stay.payer(payer).is_some_and(|p| p.locked.is_some()), "not locked".into()),
            ["bill", "held"] => same(stay.bill.held.is_some(), format!("{:?}", stay.bill)),
            ["bill", route] => {
                let released = stay.bill.released.as_ref().map(|(_, r, _)| r.clone()).unwrap_or_default();
                same(released == *route, format!("{:?}", stay.bill))
            }
            [check @ ("flag" | "no-flag"), text] => {
                let flags = stay.bill.released.as_ref().map(|(.., flags)| flags.clone()).unwrap_or_default();
                let text = text.replace('_', " ");
                same(flags.iter().any(|f| f.contains(&text)) == (*check == "flag"), format!("flags {flags:?}"))
            }
            _ => Err(format!("unknown check {words:?}")),
        }
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.last.iter().map(Event::kind).collect()
    }
}

fn clocks<'a>(stay: &'a Stay, watch: &'a str) -> impl Iterator<Item = &'a vigil_domain::stay::clock::Clock> {
    stay.clocks.iter().filter(move |c| c.watch.word() == watch && c.is_open())
}

fn open_watches(stay: &Stay) -> Vec<String> {
    let shown =
        |c: &vigil_domain::stay::clock::Clock| format!("{} {} {}", c.watch, c.pin.rule, stay.zone().at(c.due_at));
    stay.clocks.iter().filter(|c| c.is_open()).map(shown).collect()
}

fn notice_is(stay: &Stay, kind: &str, state: &str) -> Result<(), String> {
    let found = stay.notices.iter().rev().find(|n| n.kind.word() == kind);
    let is = match found {
        None => "none",
        Some(n) if n.delivered.is_some() => "delivered",
        Some(n) if n.ended.is_some() => "ended",
        Some(_) => "open",
    };
    same(is == state, format!("{kind} is {is}; {:?}", stay.notices))
}

/// How the window of the last notice of a kind stands.
fn given_is(stay: &Stay, kind: &str, how: &str) -> Result<(), String> {
    let notice = stay.notices.iter().rev().find(|n| n.kind.word() == kind).ok_or("there is no such notice")?;
    let about = notice.id.to_string();
    let clock = stay.clocks.iter().rev().find(|c| c.watch.word() == "notice" && c.about == about && c.ended.is_none());
    let clock = clock.ok_or("the notice has no clock")?;
    let is = match (clock.satisfied_at, clock.lapsed_at) {
        (_, Some(_)) => "late",
        (Some(_), None) => "in-time",
        (None, None) => "running",
    };
    same(is == how, format!("{kind} is {is}; {clock:?}"))
}

fn same(holds: bool, found: String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("found: {found}")) }
}
