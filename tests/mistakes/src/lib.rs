//! Nothing is in here: the mistakes are in `tests/refused/`.
