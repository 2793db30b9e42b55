//! The few UCUM units the packs need, and exact conversion between units of one kind. What is not here is not converted:
//! the value is set aside and the fact stays unknown.

/// Kind of quantity and factor to that kind's base unit.
const UNITS: &[(&str, &str, f64)] = &[
    ("mm[Hg]", "pressure", 1.0),
    ("mmHg", "pressure", 1.0),
    ("mm Hg", "pressure", 1.0),
    // 1 mm[Hg] = 133.322387415 Pa (UCUM).
    ("kPa", "pressure", 1000.0 / 133.322_387_415),
    ("%", "percent", 1.0),
    ("kg", "mass", 1.0),
    ("g", "mass", 0.001),
    ("[lb_av]", "mass", 0.453_592_37),
    ("lb", "mass", 0.453_592_37),
    ("m", "length", 1.0),
    ("cm", "length", 0.01),
    ("mm", "length", 0.001),
    ("[in_i]", "length", 0.0254),
    ("in", "length", 0.0254),
    ("[ft_i]", "length", 0.3048),
    ("ft", "length", 0.3048),
    ("min", "time", 1.0),
    ("h", "time", 60.0),
    ("hr", "time", 60.0),
    ("d", "time", 1440.0),
    ("wk", "time", 10080.0),
    // Months and years have no fixed length in days: they convert only among themselves.
    ("mo", "month", 1.0),
    ("a", "month", 12.0),
    ("g/dL", "mass concentration", 1.0),
    ("g/L", "mass concentration", 0.1),
    ("mg/dL", "mass concentration", 0.001),
    ("kg/m2", "body mass index", 1.0),
    ("L/min/m2", "cardiac index", 1.0),
    ("/h", "rate", 1.0),
    ("{events}/h", "rate", 1.0),
    ("/min", "rate", 60.0),
    ("h/d", "hours a day", 1.0),
    ("h/wk", "hours a day", 1.0 / 7.0),
    ("d/wk", "days a week", 1.0),
    ("d/mo", "days a month", 1.0),
    ("deg", "angle", 1.0),
    ("1", "count", 1.0),
    ("{score}", "score", 1.0),
    ("{level}", "level", 1.0),
    ("{pack}.a", "pack-years", 1.0),
    ("[U]", "units", 1.0),
];

/// Converts a number; `None` where the units are of different kinds or not known.
pub fn convert(value: f64, from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(value);
    }
    let find = |unit: &str| UNITS.iter().find(|(name, ..)| *name == unit);
    let ((_, kind, factor), (_, other, target)) = (find(from)?, find(to)?);
    if kind != other {
        return None;
    }
    // Nine decimals: enough for any measure, and 5 [in_i] is 12.7 cm and not 12.700000000000001.
    Some((value * factor / target * 1e9).round() / 1e9)
}

/// Whether a pack may use the unit.
pub fn known(unit: &str) -> bool {
    UNITS.iter().any(|(name, ..)| *name == unit)
}

/// A count or a score, which senders usually state without a unit.
pub fn bare(unit: Option<&str>) -> bool {
    matches!(unit, None | Some("1" | "{score}" | "{level}"))
}
