//! ORC and OBR: a practitioner's order for a status, among all the orders that such a feed carries.

use vigil_domain::stay::{
    facility::SiteMap,
    news::{OrderState, StatusOrder},
};

use super::{
    fields::{self, Desk},
    lexer::{Message, Segment},
};

/// The status orders of the message: an ORC and the OBR after it. Orders that the site map does not know are none.
pub(super) fn orders(desk: &mut Desk<'_>, message: &Message, site: &SiteMap) -> Vec<StatusOrder> {
    let mut orders = Vec::new();
    let mut control: Option<Segment<'_>> = None;
    for segment in message.segments() {
        match segment.name() {
            "ORC" => control = Some(segment),
            "OBR" => {
                if let Some(orc) = control.take() {
                    orders.extend(order(desk, orc, segment, site));
                }
            }
            _ => {}
        }
    }
    orders
}

fn order(desk: &mut Desk<'_>, orc: Segment<'_>, obr: Segment<'_>, site: &SiteMap) -> Option<StatusOrder> {
    let code = obr.field(4).and_then(fields::code)?;
    let status = site.status_of_order(&code)?;
    let state = match orc.text(1, 1).as_str() {
        "CA" | "OC" | "CR" | "UA" => OrderState::Cancelled,
        "DC" | "OD" | "DR" => OrderState::Discontinued,
        // A spoken order, or one given by telephone, until somebody has verified it.
        _ if matches!(orc.text(30, 1).as_str(), "VC" | "VO" | "PH") && orc.text(11, 1).is_empty() => {
            OrderState::Unsigned
        }
        _ => OrderState::Placed,
    };
    let number = [orc.text(2, 1), obr.text(2, 1), orc.text(3, 1), obr.text(3, 1)].into_iter().find(|n| !n.is_empty());
    let Some(number) = number else {
        desk.missing("ORC-2", "the number of the order");
        return None;
    };
    // When it takes effect, else when it was entered. A status order has no effect before it was entered: both are known to
    // the log, and the status rules ask for the later.
    let (effective, entered) = (desk.at(Some(orc), 15), desk.at(Some(orc), 9));
    let Some(at) = effective.max(entered) else {
        desk.missing("ORC-9", "the time of the order");
        return None;
    };
    let by = orc.field(12).or_else(|| obr.field(16)).and_then(fields::practitioner);
    let ends = matches!(state, OrderState::Cancelled | OrderState::Discontinued);
    Some(StatusOrder { number, code, status: Some(status), state, at, ended_at: ends.then_some(at), by })
}
