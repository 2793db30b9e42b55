//! IN1, IN2, IN3: all payers of the stay in order of benefits. A snapshot: it replaces what was told before.

use vigil_domain::stay::{
    facility::SiteMap,
    news::{PayerNews, Told},
};

use super::{
    fields::Desk,
    lexer::{Message, Segment},
};

/// The payers of the message; none when it says nothing of them.
pub(super) fn payers(desk: &mut Desk<'_>, message: &Message, site: &SiteMap) -> Option<Vec<PayerNews>> {
    let mut payers: Vec<PayerNews> = Vec::new();
    let mut told = false;
    for segment in message.segments() {
        match segment.name() {
            "IN1" => {
                told = true;
                payers.push(first(desk, segment, payers.len()));
            }
            "IN2" => {
                let numbers = [segment.text(6, 1), segment.text(8, 1)];
                if let (Some(payer), Some(number)) = (payers.last_mut(), numbers.into_iter().find(|n| !n.is_empty())) {
                    payer.member_id = number;
                }
            }
            "IN3" => {
                if let Some(payer) = payers.last_mut() {
                    payer.authorizations.extend(Some(segment.text(2, 1)).filter(|n| !n.is_empty()));
                    payer.authorizations.dedup();
                }
            }
            _ => {}
        }
    }
    payers.retain(|p| !(p.plan_id.is_empty() && p.payer_id.is_empty() && p.name.is_empty()));
    payers.sort_by_key(|p| p.order);
    for payer in &mut payers {
        payer.line_of_business = site.line_of(payer);
    }
    told.then_some(payers)
}

fn first(desk: &mut Desk<'_>, in1: Segment<'_>, before: usize) -> PayerNews {
    let number = |field: usize| in1.text(field, 1).parse::<u8>().ok().filter(|n| *n > 0);
    let order = number(22).or_else(|| number(1)).unwrap_or(u8::try_from(before + 1).unwrap_or(u8::MAX));
    let member = [in1.text(36, 1), in1.text(49, 1)].into_iter().find(|n| !n.is_empty()).unwrap_or_default();
    let day = |told: Option<Told<_>>| told.and_then(|t| t.value().copied());
    PayerNews {
        order,
        plan_id: in1.text(2, 1),
        payer_id: in1.text(3, 1),
        name: in1.text(4, 1),
        plan_type: in1.text(15, 1),
        line_of_business: None,
        member_id: member,
        group: in1.text(8, 1),
        from: day(desk.day(in1, 12)),
        through: day(desk.day(in1, 13)),
        authorizations: Some(in1.text(14, 1)).filter(|n| !n.is_empty()).into_iter().collect(),
    }
}
