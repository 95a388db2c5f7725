//! Where on the line an instant stands.

use std::collections::BTreeMap;

use jiff::Timestamp;

/// Instants and their places.
pub(super) struct Scale(BTreeMap<Timestamp, f64>);

impl Scale {
    /// Spreads instants over a width. Their order is kept; no two are at the same place.
    pub(super) fn new(instants: impl IntoIterator<Item = Timestamp>, from: f64, to: f64) -> Self {
        let mut places: BTreeMap<Timestamp, f64> = instants.into_iter().map(|at| (at, 0.0)).collect();
        let mut before: Option<Timestamp> = None;
        let mut sum = 0.0;
        for (at, place) in &mut places {
            sum += before.map_or(0.0, |before| gap(before, *at));
            before = Some(*at);
            *place = sum;
        }
        let factor = if sum > 0.0 { (to - from) / sum } else { 0.0 };
        places.values_mut().for_each(|place| *place = place.mul_add(factor, from));
        Self(places)
    }

    /// The place of an instant that the scale was made of; of another, that of the one before it.
    pub(super) fn place(&self, at: Timestamp) -> f64 {
        let known = self.0.range(..=at).next_back().or_else(|| self.0.iter().next());
        known.map_or(0.0, |(_, place)| *place)
    }

    /// All instants with their places, in order.
    pub(super) fn instants(&self) -> impl DoubleEndedIterator<Item = (Timestamp, f64)> {
        self.0.iter().map(|(at, place)| (*at, *place))
    }
}

fn gap(from: Timestamp, to: Timestamp) -> f64 {
    1.0 + to.duration_since(from).as_secs_f64().max(0.0).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_the_ends_are_met() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let scale = Scale::new([at(1_000_000), at(0), at(1), at(2)], 10.0, 110.0);
        let places: Vec<f64> = [0, 1, 2, 1_000_000].map(|second| scale.place(at(second))).into();
        assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
        assert!((places[0] - 10.0).abs() < 1e-9 && (places[3] - 110.0).abs() < 1e-9, "{places:?}");
        assert!(places[3] - places[2] < 100.0 * 0.9, "years do not push seconds into one place: {places:?}");
    }

    #[test]
    fn a_single_instant_stands_at_the_beginning() {
        let at = Timestamp::UNIX_EPOCH;
        assert!((Scale::new([at], 10.0, 110.0).place(at) - 10.0).abs() < 1e-9);
    }
}
