//! Hostile providers: each file tries what a provider, or who has taken one over, could gain something by. It is answered over real
//! HTTP, by the real library with the real sandbox.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod aliased_issuers;
mod allow_list;
mod ambient_state;
mod answer_heads;
mod broken_answers;
mod cached_metadata;
mod challenges;
mod client_assertions;
mod device_addresses;
mod device_answers;
mod device_codes;
mod device_numbers;
mod device_pace;
mod device_tokens;
mod downgrade;
mod echoes;
mod error_text;
mod exchanges;
mod foreign_endpoints;
mod forged_id_tokens;
mod granted_scopes;
mod id_tokens_for_others;
mod issuer_spelling;
mod key_sets;
mod lying_access_tokens;
mod mix_up;
mod nonsense_numbers;
mod redirects;
mod reflections;
mod refresh_tokens;
mod refreshed_identity;
mod session_limits;
mod slow_answers;
mod step_up;
mod swapped_answers;
mod token_kinds;
mod tokens_in_the_browser;
mod workloads;
