//! Individuals as bytes, for the temporary file alone.

use std::io::{self, ErrorKind, Read};

use super::record::{Dose, Event, Input, Record, SteadyState, Subject};

/// What stands for a change of covariates, where events have their EVID.
const COVARIATES: u8 = 5;

/// Appends an individual.
pub(super) fn subject(subject: &Subject, to: &mut Vec<u8>) {
    count(subject.id.len(), to);
    to.extend(subject.id.as_bytes());
    count(subject.records.len(), to);
    subject.records.iter().for_each(|of| record(of, to));
    numbers(&subject.first, to);
    numbers(&subject.effects, to);
}

/// Reads an individual, and moves on behind it.
pub(super) fn read(from: &mut &[u8]) -> io::Result<Subject> {
    let mut id = vec![0; read_count(from)?];
    from.read_exact(&mut id)?;
    let id = String::from_utf8(id).map_err(|_| ErrorKind::InvalidData)?;
    let records = (0..read_count(from)?).map(|_| read_record(from)).collect::<io::Result<_>>()?;
    Ok(Subject { id, records, first: read_numbers(from)?, effects: read_numbers(from)? })
}

fn record(of: &Record, to: &mut Vec<u8>) {
    let Record { row, time, event, values, occasion, dv, mdv } = of;
    to.extend(row.to_le_bytes());
    number(*time, to);
    to.push(if *event == Event::Covariates { COVARIATES } else { event.evid() as u8 });
    if let Some(dose) = of.dose() {
        self::dose(dose, to);
    }
    numbers(values, to);
    to.push(u8::from(occasion.is_some()));
    to.extend(occasion.unwrap_or_default().to_le_bytes());
    number(dv.unwrap_or(f64::NAN), to);
    to.push(u8::from(*mdv));
}

fn read_record(from: &mut &[u8]) -> io::Result<Record> {
    let row = u64::from_le_bytes(bytes(from)?);
    let time = read_number(from)?;
    let event = match byte(from)? {
        0 => Event::Observation,
        1 => Event::Dose(read_dose(from)?),
        2 => Event::Other,
        3 => Event::Reset,
        4 => Event::ResetAndDose(read_dose(from)?),
        COVARIATES => Event::Covariates,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    let values = read_numbers(from)?;
    let has_occasion = byte(from)? == 1;
    let occasion = i64::from_le_bytes(bytes(from)?);
    let dv = Some(read_number(from)?).filter(|dv| !dv.is_nan());
    let mdv = byte(from)? == 1;
    Ok(Record { row, time, event, values, occasion: has_occasion.then_some(occasion), dv, mdv })
}

fn dose(dose: &Dose, to: &mut Vec<u8>) {
    let Dose { amount, state, input, interval, additional, steady_state } = *dose;
    number(amount, to);
    count(state, to);
    let (kind, value) = match input {
        Input::AtOnce => (0, 0.0),
        Input::AtRate(rate) => (1, rate),
        Input::Over(duration) => (2, duration),
        Input::ModelRate => (3, 0.0),
        Input::ModelDuration => (4, 0.0),
    };
    to.push(kind);
    number(value, to);
    number(interval, to);
    to.extend(additional.to_le_bytes());
    to.push(match steady_state {
        SteadyState::No => 0,
        SteadyState::Reset => 1,
        SteadyState::Add => 2,
    });
}

fn read_dose(from: &mut &[u8]) -> io::Result<Dose> {
    let (amount, state) = (read_number(from)?, read_count(from)?);
    let (kind, value) = (byte(from)?, read_number(from)?);
    let input = match kind {
        0 => Input::AtOnce,
        1 => Input::AtRate(value),
        2 => Input::Over(value),
        3 => Input::ModelRate,
        _ => Input::ModelDuration,
    };
    let (interval, additional) = (read_number(from)?, u32::from_le_bytes(bytes(from)?));
    let steady_state = match byte(from)? {
        0 => SteadyState::No,
        1 => SteadyState::Reset,
        _ => SteadyState::Add,
    };
    Ok(Dose { amount, state, input, interval, additional, steady_state })
}

fn count(value: usize, to: &mut Vec<u8>) {
    to.extend((value as u64).to_le_bytes());
}

fn read_count(from: &mut &[u8]) -> io::Result<usize> {
    Ok(u64::from_le_bytes(bytes(from)?) as usize)
}

fn number(value: f64, to: &mut Vec<u8>) {
    to.extend(value.to_le_bytes());
}

fn read_number(from: &mut &[u8]) -> io::Result<f64> {
    bytes(from).map(f64::from_le_bytes)
}

fn numbers(values: &[f64], to: &mut Vec<u8>) {
    count(values.len(), to);
    values.iter().for_each(|value| number(*value, to));
}

fn read_numbers(from: &mut &[u8]) -> io::Result<Vec<f64>> {
    (0..read_count(from)?).map(|_| read_number(from)).collect()
}

fn byte(from: &mut &[u8]) -> io::Result<u8> {
    bytes::<1>(from).map(|[byte]| byte)
}

fn bytes<const N: usize>(from: &mut &[u8]) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let dose = |input, steady_state| Dose {
            amount: 100.0,
            state: 3,
            input,
            interval: 24.0,
            additional: 7,
            steady_state,
        };
        let events = [
            Event::Observation,
            Event::Other,
            Event::Reset,
            Event::Dose(dose(Input::AtOnce, SteadyState::No)),
            Event::Dose(dose(Input::AtRate(10.0), SteadyState::Reset)),
            Event::Dose(dose(Input::Over(2.0), SteadyState::Add)),
            Event::ResetAndDose(dose(Input::ModelRate, SteadyState::No)),
            Event::ResetAndDose(dose(Input::ModelDuration, SteadyState::No)),
            Event::Covariates,
        ];
        let record = |(event, row): (&Event, u64)| Record {
            row,
            time: -1.5,
            event: event.clone(),
            values: vec![70.0, 0.1],
            occasion: (row > 3).then_some(-2),
            dv: (row > 4).then_some(0.25),
            mdv: row > 5,
        };
        let records = events.iter().zip(1..).map(record).collect();
        let subject_of =
            |id: &str, records, first| Subject { id: id.into(), records, first, effects: vec![] };
        let before = [subject_of("é-1", records, vec![2.5, -1.0]), subject_of("", vec![], vec![])];
        let mut bytes = Vec::new();
        before.iter().for_each(|of| subject(of, &mut bytes));
        let mut left = bytes.as_slice();
        let again: Vec<Subject> = (0..2).filter_map(|_| read(&mut left).ok()).collect();
        assert_eq!(again, before);
        assert!(left.is_empty() && read(&mut left).is_err());
    }
}
