//! Cookies: the session's, with how long it lasts, and the choice of light or dark.

use axum::http::{HeaderMap, HeaderValue, header};
use vigil_domain::time::Moment;

use crate::{settings::Settings, web::frame::Theme};

/// How long sessions last and how their cookie is sent.
#[derive(Debug, Clone)]
pub struct Rules {
    idle_seconds: i64,
    /// Seconds until sign-in is asked for in any case.
    pub whole_seconds: i64,
    secure: bool,
}

impl Rules {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        let seconds = |n: u64, unit: i64| i64::try_from(n).unwrap_or(1).clamp(1, 10_000) * unit;
        Self {
            idle_seconds: seconds(settings.session_idle_minutes, 60),
            whole_seconds: seconds(settings.session_hours, 3600),
            secure: settings.cookies_are_secure(),
        }
    }

    /// The cookie's name; the prefix makes browsers insist on https, this host and no other path.
    pub fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-vigil" } else { "vigil-session" }
    }

    /// The header that sets it.
    pub fn cookie(&self, value: &str, max_age: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}", self.cookie_name());
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// When a session that began then and is used now ends.
    pub fn end(&self, created_at: Moment, now: Moment) -> Moment {
        let last = created_at.as_second() + self.whole_seconds;
        Moment::from_second(last.min(now.as_second() + self.idle_seconds)).unwrap_or(now)
    }
}

/// The theme the browser asks for.
pub fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, Theme::COOKIE).map_or(Theme::Auto, Theme::of)
}

/// One cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_moves_with_each_click_up_to_the_last_hour() {
        let rules = Rules { idle_seconds: 1800, whole_seconds: 3600, secure: true };
        let at = |s: i64| Moment::from_second(1_700_000_000 + s).unwrap();
        assert_eq!(rules.end(at(0), at(0)), at(1800));
        assert_eq!(rules.end(at(0), at(600)), at(2400));
        assert_eq!(rules.end(at(0), at(3000)), at(3600));
    }

    #[test]
    fn cookies() {
        let rules = Rules { idle_seconds: 1800, whole_seconds: 3600, secure: true };
        assert_eq!(rules.cookie("s_1", 3600), "__Host-vigil=s_1; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600; Secure");
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; vigil-session=s_2"));
        headers.append(header::COOKIE, HeaderValue::from_static("vigil-theme=dark"));
        assert_eq!(cookie(&headers, "vigil-session"), Some("s_2"));
        assert_eq!(cookie(&headers, "vigil"), None);
        assert_eq!(theme(&headers), Theme::Dark);
    }
}
