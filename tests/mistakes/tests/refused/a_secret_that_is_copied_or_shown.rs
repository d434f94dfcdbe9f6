//! A secret is not cloned, printed, compared or serialized.

use vestibule_core::Secret;

fn cloned(secret: &Secret) -> Secret {
    secret.clone()
}

fn printed(secret: &Secret) -> String {
    format!("{secret}")
}

fn compared(secret: &Secret, other: &Secret) -> bool {
    secret == other
}

fn serialized(secret: &Secret) {
    let _json = serde_json::to_string(secret);
}

fn taken_out(secret: Secret) -> Box<str> {
    secret.0
}

fn main() {}
