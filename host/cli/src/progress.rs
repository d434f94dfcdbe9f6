//! Waiting, told: on a terminal one line that is replaced each second, elsewhere a line a minute.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::environment::Canvas;
use crate::printer::Printer;
use crate::view::device;

/// The line that is being drawn. Clones share it.
#[derive(Clone, Debug)]
pub struct Progress {
    printer: Printer,
    canvas: Canvas,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// Columns of the line that stands there, unended.
    drawn: usize,
    /// The minutes that were said last.
    minutes: Option<u64>,
}

impl Progress {
    /// Nothing is drawn yet.
    #[must_use]
    pub fn new(printer: Printer, canvas: Canvas) -> Self {
        Self {
            printer,
            canvas,
            state: Arc::default(),
        }
    }

    /// Tells how long there is still to wait for the person. Programs, and those who want it quiet, have no use for it.
    pub fn waiting(&self, left: Duration) {
        if self.printer.wants_json() || self.printer.is_quiet() {
            return;
        }
        let mut state = self.state();
        let text = device::waiting(left);
        match self.canvas.size {
            Some((columns, _)) if text.chars().count() < columns => {
                self.printer.draw_line(&text, state.drawn);
                state.drawn = text.chars().count();
            }
            // A line that would be broken could not be replaced.
            Some(_) | None => {
                if state.says(left) {
                    self.printer.say(&text);
                }
            }
        }
    }

    /// Takes the line away.
    pub fn clear(&self) {
        let mut state = self.state();
        if state.drawn > 0 {
            self.printer.draw_line("", state.drawn);
            self.printer.draw_line("", 0);
            state.drawn = 0;
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a minute has begun that was not said yet.
    fn says(&mut self, left: Duration) -> bool {
        let minutes = left.as_secs().div_ceil(60);
        self.minutes.replace(minutes) != Some(minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_there_is_a_line_a_minute() {
        let mut state = State::default();
        let said: Vec<u64> = (0..=125)
            .rev()
            .filter(|left| state.says(Duration::from_secs(*left)))
            .collect();
        assert_eq!(said, [125, 120, 60, 0]);
    }
}
