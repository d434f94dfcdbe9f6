//! Another release of the same plugin: a test writes into the component's bytes, after the mark, what that release asks for beyond the
//! tenant file. JSON: a list of the profile, and what is added to it.

use std::collections::BTreeMap;

use serde_json::Value;

/// Where to write. Stands once in the component.
const MARK: &[u8] = b"what this release of the puppet asks for: ";

static RELEASE: [u8; 1024] = {
    let mut room = [b' '; 1024];
    room.split_at_mut(MARK.len()).0.copy_from_slice(MARK);
    room
};

/// Adds to a profile what this release asks for.
pub(crate) fn add_to(profile: &mut Value) {
    // Read at run time: what the compiler knew of it is not what stands there by now.
    let written = std::hint::black_box(&RELEASE).split_at(MARK.len()).1;
    let Ok(asked) = serde_json::from_slice::<BTreeMap<String, Vec<Value>>>(written) else {
        return;
    };
    for (list, more) in asked {
        if let Some(list) = profile.get_mut(list).and_then(Value::as_array_mut) {
            list.extend(more);
        }
    }
}
