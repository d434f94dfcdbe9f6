//! A secret gets into a request by a reference and a place, which the vault judges, and inside of the broker only.

use vestibule_broker::Broker;
use vestibule_broker::http::Request;
use vestibule_broker::vault::Vault;
use vestibule_core::{Reference, Secret};

fn in_the_query(request: Request, secret: &Secret) {
    let _request = request.query("access_token", secret);
}

fn in_a_plain_header(request: Request, secret: &Secret) {
    let _request = request.header("x-token", secret);
}

fn in_the_authorization(request: Request, secret: &Secret) {
    let _request = request.bearer(secret);
}

fn as_a_client(request: Request, secret: &Secret) {
    let _request = request.basic("client", secret);
}

fn in_a_header_of_its_own(request: Request, secret: &Secret) {
    let _request = request.secret_header("x-token", secret);
}

fn to_no_place(vault: &mut Vault, reference: Reference) {
    let _secret = vault.place(reference);
}

fn unasked(vault: &Vault, reference: Reference) {
    let _secret = vault.look(reference);
}

fn out_of_the_broker(broker: &mut Broker<'_>, reference: Reference) {
    let _secret = broker.vault.take(reference);
}

fn main() {}
