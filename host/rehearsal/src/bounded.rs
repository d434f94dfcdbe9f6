//! A map that forgets its oldest entry rather than grow: a long rehearsal must not fill the memory.

use std::collections::{HashMap, VecDeque};

/// Entries kept for each kind of thing (codes, tokens, tickets). Far above what any test keeps alive at once.
const CAPACITY: usize = 16_384;

/// Insertion-ordered, capped.
#[derive(Debug)]
pub(crate) struct Bounded<V> {
    entries: HashMap<String, V>,
    order: VecDeque<String>,
    capacity: usize,
}

impl<V> Default for Bounded<V> {
    fn default() -> Self {
        Self::with_capacity(CAPACITY)
    }
}

impl<V> Bounded<V> {
    fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            capacity,
        }
    }

    /// Adds an entry under a fresh key; the oldest one goes when the map is full.
    pub(crate) fn insert(&mut self, key: String, value: V) {
        if self.order.len() >= self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.entries.insert(key, value);
    }

    pub(crate) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    /// Takes an entry out. Its place in the order is dropped too, or a removed key would crowd out a live one.
    pub(crate) fn remove(&mut self, key: &str) -> Option<V> {
        let value = self.entries.remove(key)?;
        self.order.retain(|kept| kept != key);
        Some(value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first() {
        let mut map = Bounded::with_capacity(2);
        for key in ["a", "b", "c"] {
            map.insert(key.to_owned(), ());
        }
        assert!(map.get("a").is_none());
        assert!(map.get("b").is_some() && map.get("c").is_some());
    }

    #[test]
    fn a_removed_entry_frees_its_place() {
        let mut map = Bounded::with_capacity(2);
        map.insert("a".to_owned(), 1);
        map.insert("b".to_owned(), 2);
        assert_eq!(map.remove("b"), Some(2));
        map.insert("c".to_owned(), 3);
        assert_eq!(map.get("a"), Some(&1));
    }
}
