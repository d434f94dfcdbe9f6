//! Each twist of the authorization response, seen on the client's redirect URI.

use vestibule_rehearsal::{CallbackTwist, Rehearsal, Script, Visitor};

use crate::kit::{Callback, SCOPE, STATE, authorization_url, come_back, values};

#[tokio::test]
async fn each_twist_shows_in_the_redirect() {
    for twist in CallbackTwist::all() {
        let idp = Rehearsal::start(Script::honest().twist(twist.clone()))
            .await
            .unwrap();
        let callback = Callback::listen().await;
        let url = authorization_url(&idp, &callback.uri(), SCOPE);
        let (_, fields) = come_back(&Visitor::approve("ada"), &url, &callback).await;
        let all = |name: &str| {
            values(&fields, name)
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let issuer = idp.issuer();
        match &twist {
            CallbackTwist::Iss(other) => assert_eq!(all("iss"), [other.as_str()]),
            CallbackTwist::IssTrailingSlash => assert_eq!(all("iss"), [format!("{issuer}/")]),
            CallbackTwist::IssEncodedTwice => {
                assert_eq!(all("iss"), [issuer.replace(':', "%3A").replace('/', "%2F")]);
            }
            CallbackTwist::IssMissing => assert!(all("iss").is_empty()),
            CallbackTwist::IssTwice => assert_eq!(all("iss"), [issuer.clone(), issuer]),
            CallbackTwist::CodeTwice => assert_eq!(all("code").len(), 2),
            CallbackTwist::StateTwice => assert_eq!(all("state"), [STATE, STATE]),
            CallbackTwist::StateForeign => assert_ne!(all("state"), [STATE]),
            CallbackTwist::StateMissing => assert!(all("state").is_empty()),
            CallbackTwist::CodeAndError => {
                assert!(all("code").len() == 1 && all("error").len() == 1)
            }
            CallbackTwist::TokenInQuery => assert!(
                idp.secrets()
                    .iter()
                    .any(|one| all("access_token").contains(&one.value))
            ),
            CallbackTwist::HostileErrorText => {
                assert_eq!(all("error"), ["access_denied"]);
                assert!(
                    all("error_description")[0].contains('\u{1b}')
                        && all("error_description")[0].contains("<script>")
                );
                assert!(all("code").is_empty());
            }
            CallbackTwist::RefusesS256 => assert_eq!(all("error"), ["invalid_request"]),
        }
    }
}
