//! What a step costs the host in memory. The engine bounds each answer; a flow bounds their sum (RES-03).

use super::wit;

/// Something that a guest has made the host keep.
pub(crate) trait Weigh {
    /// Bytes on the heap.
    fn weight(&self) -> usize;
}

impl Weigh for String {
    fn weight(&self) -> usize {
        self.capacity()
    }
}

impl<T: Weigh> Weigh for Vec<T> {
    fn weight(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Weigh::weight).sum::<usize>()
    }
}

impl<T: Weigh> Weigh for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Weigh::weight)
    }
}

impl<A: Weigh, B: Weigh> Weigh for (A, B) {
    fn weight(&self) -> usize {
        self.0.weight() + self.1.weight()
    }
}

/// Types that are all in place.
macro_rules! flat {
    ($($type:ty),* $(,)?) => {
        $(impl Weigh for $type {
            fn weight(&self) -> usize {
                0
            }
        })*
    };
}

/// Records are taken apart without `..`, so that a field which the contract adds cannot go unweighed.
macro_rules! record {
    ($($type:ident { $($field:ident),* })*) => {
        $(impl Weigh for wit::$type {
            fn weight(&self) -> usize {
                let wit::$type { $($field),* } = self;
                0 $(+ $field.weight())*
            }
        })*
    };
}

/// Variants are matched without a wildcard, for the same reason.
macro_rules! variant {
    ($($type:ident { $($case:ident),*; $($empty:ident),* })*) => {
        $(impl Weigh for wit::$type {
            fn weight(&self) -> usize {
                match self {
                    $(wit::$type::$case(payload) => payload.weight(),)*
                    $(wit::$type::$empty => 0,)*
                }
            }
        })*
    };
}

flat! { bool, i64, wit::Reference, wit::HostValue, wit::GrantKind, wit::TimeUnit }

record! {
    NamedReference { name, reference }
    AuthorizationRequest { scopes, offline, login_hint, resources, extra }
    Request { role, exchange }
    TokenGrant { grant_type, scopes, extra }
    TokenExchange { subject_token, subject_token_type, actor_token, requested_token_type, audience }
    Call { token, query, body }
    Field { name, value }
    DeviceRequest { scopes, extra }
    SubjectTokenRequest { source, audience }
    Choice { what, options }
    ChoiceOption { id, label }
    Grant { primary, parts, expires_at }
    Failure { message }
}

variant! {
    Step { Authorize, Request, Device, SubjectToken, Choose, Finish, Fail; Discover }
    HttpExchange { Grant, Registration, Revocation, Introspection, Userinfo, Call; }
    GrantType { AuthorizationCode, RefreshToken, TokenExchange, JwtBearer; ClientCredentials }
    FieldValue { Text, Texts, Integer, Boolean, Secret, Host; }
    OutcomeOfFlow { Grant; Done }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_the_lists_that_hold_them_both_count() {
        let option = wit::ChoiceOption {
            id: "1".repeat(100),
            label: "2".repeat(200),
        };
        let step = wit::Step::Choose(wit::Choice {
            what: String::new(),
            options: vec![option.clone(), option],
        });
        assert_eq!(step.weight(), 600 + 2 * size_of::<wit::ChoiceOption>());
        assert_eq!(wit::Step::Discover.weight(), 0);
    }
}
