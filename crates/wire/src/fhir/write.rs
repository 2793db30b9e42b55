//! A direct writer of JSON bytes: members in the order they are said, commas by itself.

/// Writes JSON into one buffer. Callers open and close by closures, so the brackets always match.
pub(crate) struct Writer {
    out: Vec<u8>,
}

impl Writer {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.out
    }

    pub(crate) fn open(&mut self, bracket: char) {
        self.comma();
        self.out.push(bracket as u8);
    }

    pub(crate) fn close(&mut self, bracket: char) {
        self.out.push(bracket as u8);
    }

    #[inline]
    fn comma(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':')) {
            self.out.push(b',');
        }
    }

    #[inline]
    fn key(&mut self, name: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A string with the escapes JSON asks for.
    fn quoted(&mut self, text: &str) {
        self.out.push(b'"');
        let mut from = 0;
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            let escape: &[u8] = match byte {
                b'"' => b"\\\"",
                b'\\' => b"\\\\",
                b'\n' => b"\\n",
                b'\r' => b"\\r",
                b'\t' => b"\\t",
                0..0x20 => b"",
                _ => continue,
            };
            self.out.extend_from_slice(&bytes[from..at]);
            if escape.is_empty() {
                self.out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            } else {
                self.out.extend_from_slice(escape);
            }
            from = at + 1;
        }
        self.out.extend_from_slice(&bytes[from..]);
        self.out.push(b'"');
    }

    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.key(name);
        self.quoted(text);
    }

    /// A string inside an array.
    pub(crate) fn element(&mut self, text: &str) {
        self.comma();
        self.quoted(text);
    }

    pub(crate) fn number(&mut self, name: &str, number: u64) {
        self.key(name);
        self.digits(number);
    }

    pub(crate) fn number_element(&mut self, number: u64) {
        self.comma();
        self.digits(number);
    }

    fn digits(&mut self, number: u64) {
        let mut buffer = [0u8; 20];
        let (mut at, mut rest) = (buffer.len(), number);
        loop {
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&buffer[at..]);
    }

    /// A moment in UTC, as exact as it is.
    pub(crate) fn moment(&mut self, name: &str, moment: vigil_domain::time::Moment) {
        self.text(name, &moment.to_string());
    }

    /// A FHIR decimal; whole numbers without a point.
    pub(crate) fn decimal(&mut self, name: &str, number: f64) {
        self.key(name);
        if number.fract() == 0.0 && number.abs() < 9e15 {
            if number < 0.0 {
                self.out.push(b'-');
            }
            self.digits(number.abs() as u64);
        } else {
            self.out.extend_from_slice(format!("{number}").as_bytes());
        }
    }

    pub(crate) fn flag(&mut self, name: &str, flag: bool) {
        self.key(name);
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    /// A value that is JSON already.
    pub(crate) fn raw(&mut self, name: &str, json: &str) {
        self.key(name);
        self.out.extend_from_slice(json.as_bytes());
    }

    pub(crate) fn raw_element(&mut self, json: &str) {
        self.comma();
        self.out.extend_from_slice(json.as_bytes());
    }

    pub(crate) fn object(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.key(name);
        self.out.push(b'{');
        inside(self);
        self.out.push(b'}');
    }

    pub(crate) fn array(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.key(name);
        self.out.push(b'[');
        inside(self);
        self.out.push(b']');
    }

    /// An array that is left out when nothing was written into it.
    pub(crate) fn array_if_any(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let before = self.out.len();
        self.key(name);
        self.out.push(b'[');
        let empty = self.out.len();
        inside(self);
        if self.out.len() == empty {
            self.out.truncate(before);
        } else {
            self.out.push(b']');
        }
    }

    /// An object inside an array.
    pub(crate) fn item(&mut self, inside: impl FnOnce(&mut Self)) {
        self.comma();
        self.out.push(b'{');
        inside(self);
        self.out.push(b'}');
    }

    /// A CodeableConcept with one coding.
    pub(crate) fn concept(&mut self, name: &str, system: &str, code: &str, display: Option<&str>) {
        self.object(name, |w| {
            w.array("coding", |w| {
                w.item(|w| {
                    w.text("system", system);
                    w.text("code", code);
                    if let Some(display) = display {
                        w.text("display", display);
                    }
                });
            });
        });
    }

    /// A Period of days.
    pub(crate) fn period(
        &mut self,
        name: &str,
        from: Option<vigil_domain::time::Day>,
        through: Option<vigil_domain::time::Day>,
    ) {
        self.object(name, |w| {
            if let Some(from) = from {
                w.day("start", from);
            }
            if let Some(through) = through {
                w.day("end", through);
            }
        });
    }

    pub(crate) fn day(&mut self, name: &str, day: vigil_domain::time::Day) {
        self.key(name);
        self.out.push(b'"');
        self.date(day);
        self.out.push(b'"');
    }

    fn date(&mut self, day: vigil_domain::time::Day) {
        self.padded(day.year().unsigned_abs().into(), 4);
        self.out.push(b'-');
        self.padded(day.month().unsigned_abs().into(), 2);
        self.out.push(b'-');
        self.padded(day.day().unsigned_abs().into(), 2);
    }

    fn padded(&mut self, number: u32, width: usize) {
        let mut scale = 10u32.pow(width as u32 - 1);
        for _ in 0..width {
            self.out.push(b'0' + (number / scale % 10) as u8);
            scale /= 10;
        }
    }

    /// An instant in a zone, with seconds and the zone's offset then.
    pub(crate) fn instant(&mut self, name: &str, at: &jiff::Zoned) {
        self.key(name);
        self.out.push(b'"');
        self.date(at.date());
        self.out.push(b'T');
        self.padded(at.hour().unsigned_abs().into(), 2);
        self.out.push(b':');
        self.padded(at.minute().unsigned_abs().into(), 2);
        self.out.push(b':');
        self.padded(at.second().unsigned_abs().into(), 2);
        if at.subsec_nanosecond() != 0 {
            self.out.push(b'.');
            self.padded(at.subsec_nanosecond().unsigned_abs(), 9);
        }
        let minutes = at.offset().seconds() / 60;
        self.out.push(if minutes < 0 { b'-' } else { b'+' });
        self.padded(minutes.unsigned_abs() / 60, 2);
        self.out.push(b':');
        self.padded(minutes.unsigned_abs() % 60, 2);
        self.out.push(b'"');
    }
}
