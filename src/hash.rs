//! Maps and sets by a hash that takes little time, for keys that nobody makes to collide: nodes, registers, codes.

use foldhash::fast::RandomState;

/// A map by such a hash.
pub(crate) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// A set by such a hash.
pub(crate) type HashSet<K> = std::collections::HashSet<K, RandomState>;
