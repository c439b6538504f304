//! Charts of the last hour, as inline SVG: one bar for each minute.

use crate::ops::{
    last_hour::{LastHour, MINUTES},
    words,
};

/// Size of the drawing, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 96.0;
/// Room between two bars.
const GAP: f64 = 2.0;

/// A chart.
pub(super) struct Chart {
    pub(super) title: &'static str,
    /// What it shows, in words; for those who do not see it, too.
    pub(super) summary: String,
    /// What the highest line stands for.
    pub(super) top: String,
    pub(super) bars: Vec<Bar>,
}

/// A bar of it.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    /// What it stands for, in words.
    pub(super) says: String,
}

impl Chart {
    /// Jobs that were done, and attempts that failed on top of them.
    pub(super) fn throughput(hour: &LastHour) -> Self {
        let all = |nth: usize| {
            let minute = &hour.minutes[nth];
            (minute.completed as f64, (minute.failed + minute.dead) as f64)
        };
        let top = nice((0..MINUTES).map(|nth| all(nth).0 + all(nth).1).fold(0.0, f64::max));
        let mut bars = Vec::new();
        for nth in 0..MINUTES {
            let (completed, failed) = all(nth);
            let says = format!("{}: {completed} completed, {failed} failed", minutes_ago(nth));
            bars.extend(bar("completed", nth, 0.0, completed / top, &says));
            bars.extend(bar("failed", nth, completed / top, failed / top, &says));
        }
        let summary = format!(
            "{} completed and {} failed within the hour",
            words::count(hour.completed(), "job"),
            words::count(hour.failed(), "attempt")
        );
        Self { title: "Jobs per minute", summary, top: format!("{top}"), bars }
    }

    /// How long events waited for their effect: 95 of 100 at most so long.
    pub(super) fn latency(hour: &LastHour) -> Self {
        let of = |nth: usize| hour.minutes[nth].latency_p95_ms.unwrap_or_default();
        let top = nice((0..MINUTES).map(of).fold(0.0, f64::max));
        let bars = (0..MINUTES).filter_map(|nth| {
            let says = format!("{}: {}", minutes_ago(nth), words::ms(of(nth)));
            bar("wait", nth, 0.0, of(nth) / top, &says)
        });
        let p = |share| words::ms_or_dash(&hour.latencies.percentile_ms(share));
        let summary = format!("half within {}, 95 of 100 within {}", p(0.5), p(0.95));
        let title = "From the event to its effect, 95 of 100";
        Self { title, summary, top: words::ms(top), bars: bars.collect() }
    }
}

fn minutes_ago(nth: usize) -> String {
    match MINUTES - 1 - nth {
        0 => "this minute".to_owned(),
        ago => format!("{ago} min ago"),
    }
}

/// The next round number above: 1, 2 or 5 and zeros.
fn nice(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(1.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|top| *top >= value)
        .unwrap_or(1.0)
}

/// Nothing, if it would not be seen.
fn bar(class: &'static str, nth: usize, from: f64, share: f64, says: &str) -> Option<Bar> {
    let step = WIDTH / MINUTES as f64;
    // A single failure among thousands is seen, too.
    let height = (share > 0.0).then(|| (share * HEIGHT).max(2.0))?;
    Some(Bar {
        class,
        x: format!("{:.1}", nth as f64 * step + GAP / 2.0),
        y: format!("{:.1}", (HEIGHT - from * HEIGHT - height).max(0.0)),
        width: format!("{:.1}", step - GAP),
        height: format!("{height:.1}"),
        says: says.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::nice;

    #[test]
    fn the_top_of_a_chart_is_a_round_number() {
        let values = [0.0, 1.0, 1.5, 3.0, 7.0, 10.0, 11.0, 4_900.0, 5_001.0];
        assert_eq!(values.map(nice), [1.0, 1.0, 2.0, 5.0, 10.0, 10.0, 20.0, 5_000.0, 10_000.0]);
    }
}
