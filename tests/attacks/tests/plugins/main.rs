//! Hostile plugins: each file tries what a plugin could gain something by, in the real sandbox, against the real policy and broker.
//! Its first two lines say what it tries, and what stops it. The provider is honest unless it says otherwise, and sees what got
//! through.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod a_check_that_failed;
mod a_chosen_state;
mod a_clock_of_its_own;
mod a_grant_of_other_tokens;
mod a_growing_guess;
mod a_guessed_reference;
mod a_host_that_looks_like_another;
mod a_name_that_carries_data;
mod a_prompt_of_its_own;
mod a_published_secret;
mod a_question_for_a_password;
mod a_readable_secret;
mod a_reference_of_an_earlier_flow;
mod a_reference_of_another_tenant;
mod a_reserved_parameter;
mod a_secret_declared_anew;
mod a_secret_in_a_field;
mod a_secret_in_a_foreign_header;
mod a_secret_in_a_url;
mod a_secret_in_another_place;
mod a_session_by_its_word;
mod a_standard_endpoint_of_its_own;
mod a_weaker_sign_in;
mod an_endpoint_that_was_not_approved;
mod an_exchange_of_its_own;
mod an_update_that_asks_for_more;
mod another_description_after_approval;
mod another_issuer;
mod dies_in_the_middle;
mod everything_it_knows;
mod false_words;
mod hidden_at_the_end;
mod honest;
mod memory_between_flows;
mod more_scopes;
mod pkce_left_out;
mod steps_in_the_wrong_order;
mod the_password_grant;
mod the_same_flow_twice;
mod too_many_references;
mod too_many_requests;
mod too_much_described;
mod too_much_said;
mod too_much_sent;
mod unlisted_claims;
mod workloads_and_people;
