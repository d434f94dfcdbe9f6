//! Each rule against honest steps and the ones it is there for.

use vestibule_core::allowed::{Allowed, Denied};
use vestibule_core::approval::Permissions;
use vestibule_core::description::{Client, EndpointClass, HttpMethod};
use vestibule_core::limits::{
    CHOICE_OPTIONS, DESCRIPTION_ENTRIES, FLOW_CHOICES, FLOW_REQUESTS, FLOW_SENT_BYTES, FLOW_STEPS,
    TEXT_BYTES,
};
use vestibule_core::record::{Method, Primary};
use vestibule_core::start::{NamedReference, Purpose, Start, StoredGrant};
use vestibule_core::step::{
    AuthorizationRequest, Call, Choice, ChoiceOption, DeviceRequest, Field, FieldValue, Finish,
    Grant, GrantType, HostValue, HttpExchange, Request, Step, SubjectTokenRequest, TokenExchange,
    TokenGrant,
};
use vestibule_core::tenant::Tenant;
use vestibule_core::{Reference, Scope};

use crate::testing::{approve, identity_center, member, oidc, role, scope, secret_name, tenant};

use super::StepRules;

const SECRET: Reference = Reference { high: 1, low: 2 };

fn named(name: &str) -> NamedReference {
    NamedReference {
        name: secret_name(name),
        reference: SECRET,
    }
}

fn stored() -> StoredGrant {
    StoredGrant {
        parts: vec![named("access_token")],
    }
}

fn sign_in() -> Purpose {
    Purpose::SignIn { login_hint: None }
}

fn derive(interactive: bool) -> Purpose {
    Purpose::Derive {
        grant: stored(),
        parameters: Vec::new(),
        interactive,
    }
}

fn exchange_for(audience: Option<&str>) -> Purpose {
    Purpose::Exchange {
        subject: named("access_token"),
        audience: audience.map(str::to_owned),
    }
}

fn scopes(names: &[&str]) -> Vec<Scope> {
    names.iter().map(|name| scope(name)).collect()
}

fn authorization(change: impl FnOnce(&mut AuthorizationRequest)) -> Step {
    let mut request = AuthorizationRequest {
        scopes: Vec::new(),
        offline: true,
        login_hint: None,
        resources: Vec::new(),
        extra: Vec::new(),
    };
    change(&mut request);
    Step::Authorize(request)
}

fn authorize() -> Step {
    authorization(|_| {})
}

fn request(to: &str, exchange: HttpExchange) -> Step {
    Step::Request(Request {
        role: role(to),
        exchange,
    })
}

fn grant(grant_type: GrantType) -> Step {
    granted(grant_type, &[], Vec::new())
}

fn granted(grant_type: GrantType, names: &[&str], extra: Vec<Field>) -> Step {
    request(
        "token",
        HttpExchange::Grant(TokenGrant {
            grant_type,
            scopes: scopes(names),
            extra,
        }),
    )
}

fn redeem() -> Step {
    grant(GrantType::AuthorizationCode(SECRET))
}

fn token_exchange(audience: Option<&str>) -> Step {
    grant(GrantType::TokenExchange(TokenExchange {
        subject_token: SECRET,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token".to_owned(),
        actor_token: None,
        requested_token_type: None,
        audience: audience.map(str::to_owned),
    }))
}

fn device(extra: Vec<Field>) -> Step {
    Step::Device(DeviceRequest {
        scopes: Vec::new(),
        extra,
    })
}

fn field(name: &str, value: FieldValue) -> Field {
    Field {
        name: member(name),
        value,
    }
}

fn texted(name: &str, text: &str) -> Field {
    field(name, FieldValue::Text(text.to_owned()))
}

fn register(fields: Vec<Field>) -> Step {
    request("registration", HttpExchange::Registration(fields))
}

fn call(to: &str, token: Option<Reference>, query: &[(&str, &str)], body: Vec<Field>) -> Step {
    let query = query
        .iter()
        .map(|(name, value)| (member(name), (*value).to_owned()))
        .collect();
    request(to, HttpExchange::Call(Call { token, query, body }))
}

fn userinfo() -> Step {
    request("userinfo", HttpExchange::Userinfo(SECRET))
}

fn subject_token(source: &str, audience: &str) -> Step {
    Step::SubjectToken(SubjectTokenRequest {
        source: source.to_owned(),
        audience: audience.to_owned(),
    })
}

fn choose(ids: &[&str]) -> Step {
    let options = ids
        .iter()
        .map(|id| ChoiceOption {
            id: (*id).to_owned(),
            label: format!("option {id}"),
        })
        .collect();
    Step::Choose(Choice {
        what: "account".to_owned(),
        options,
    })
}

fn finish(primary: Primary, parts: &[&str]) -> Step {
    Step::Finish(Finish::Grant(Grant {
        primary,
        parts: parts.iter().map(|part| named(part)).collect(),
        expires_at: None,
    }))
}

fn tokens() -> Step {
    finish(Primary::Oauth, &["access_token", "refresh_token"])
}

/// A flow under test.
struct Case {
    permissions: Permissions,
    tenant: Tenant,
    start: Start,
}

impl Case {
    fn new(permissions: Permissions, purpose: Purpose) -> Self {
        let scopes = permissions.scopes.clone();
        let start = Start {
            purpose,
            settings: Vec::new(),
            method: Method::Browser,
            scopes,
            registered: false,
        };
        Self {
            permissions,
            tenant: tenant(""),
            start,
        }
    }

    fn oidc(purpose: Purpose) -> Self {
        Self::new(approve(&oidc()).unwrap(), purpose)
    }

    fn identity_center(purpose: Purpose) -> Self {
        Self::new(approve(&identity_center()).unwrap(), purpose)
    }

    fn by(mut self, method: Method) -> Self {
        self.start.method = method;
        self.tenant.policy.methods = Some(vec![method]);
        self
    }

    fn registered(mut self) -> Self {
        self.start.registered = true;
        self
    }

    /// The verdict on the last step; the ones before it must be allowed.
    fn judge(&self, steps: Vec<Step>) -> Result<(), Denied> {
        let mut rules = StepRules::new(&self.permissions, &self.tenant, &self.start);
        let last = steps.len() - 1;
        for (at, step) in steps.into_iter().enumerate() {
            let shown = format!("{step:?}");
            let verdict = Allowed::by(&mut rules, step).map(drop);
            if at == last {
                return verdict;
            }
            assert_eq!(verdict, Ok(()), "{shown}");
        }
        unreachable!()
    }

    #[track_caller]
    fn allows(&self, steps: Vec<Step>) {
        assert_eq!(self.judge(steps), Ok(()));
    }

    #[track_caller]
    fn denies(&self, rule: &str, steps: Vec<Step>) -> Denied {
        let shown = format!("{:?}", steps.last());
        let denied = self.judge(steps).expect_err(&shown);
        assert_eq!(denied.rule, rule, "{}: {shown}", denied.reason);
        denied
    }
}

#[test]
fn an_openid_sign_in_passes() {
    let case = Case::oidc(sign_in());
    let authorization = authorization(|request| {
        request.scopes = scopes(&["openid"]);
        request.login_hint = Some("ada@idp.example".to_owned());
        request.resources = vec!["https://api.example/v1".to_owned()];
        request.extra = vec![("access_type".to_owned(), "offline".to_owned())];
    });
    case.allows(vec![
        Step::Discover,
        authorization,
        redeem(),
        userinfo(),
        tokens(),
    ]);
    Case::oidc(Purpose::Refresh(stored()))
        .allows(vec![grant(GrantType::RefreshToken(SECRET)), tokens()]);
    Case::oidc(Purpose::Revoke(stored())).allows(vec![
        request("revocation", HttpExchange::Revocation(SECRET)),
        request("revocation", HttpExchange::Revocation(SECRET)),
        Step::Finish(Finish::Done),
    ]);
}

#[test]
fn a_sign_in_of_another_shape_passes() {
    let registration = || {
        register(vec![
            texted("clientName", "vestibule"),
            texted("clientType", "public"),
            texted("issuerUrl", "https://center.example/start"),
            field(
                "grantTypes",
                FieldValue::Texts(vec![
                    "authorization_code".to_owned(),
                    "refresh_token".to_owned(),
                ]),
            ),
            field("redirectUris", FieldValue::Host(HostValue::RedirectUris)),
            field("scopes", FieldValue::Host(HostValue::Scopes)),
        ])
    };
    let case = Case::identity_center(sign_in());
    case.allows(vec![registration(), authorize(), redeem(), tokens()]);
    case.by(Method::Device).allows(vec![
        registration(),
        device(vec![texted("startUrl", "https://center.example/start")]),
        tokens(),
    ]);
    Case::identity_center(derive(true))
        .registered()
        .allows(vec![
            call(
                "accounts",
                Some(SECRET),
                &[("max_result", "1000")],
                Vec::new(),
            ),
            call(
                "accounts",
                Some(SECRET),
                &[("next_token", "abc")],
                Vec::new(),
            ),
            choose(&["111111111111", "222222222222"]),
            call(
                "roles",
                Some(SECRET),
                &[("account_id", "111111111111")],
                Vec::new(),
            ),
            choose(&["Reader"]),
            call(
                "credentials",
                Some(SECRET),
                &[("account_id", "111111111111"), ("role_name", "Reader")],
                Vec::new(),
            ),
            finish(
                Primary::CloudKeys,
                &["access_key_id", "secret_access_key", "session_token"],
            ),
        ]);
    Case::identity_center(Purpose::Revoke(stored()))
        .registered()
        .allows(vec![
            request("revocation", HttpExchange::Revocation(SECRET)),
            Step::Finish(Finish::Done),
        ]);
}

#[test]
fn each_deed_is_done_once_and_in_order() {
    let case = Case::oidc(sign_in());
    for steps in [
        vec![authorize(), authorize()],
        vec![redeem()],
        vec![authorize(), redeem(), redeem()],
        vec![tokens(), userinfo()],
        vec![Step::Fail("no".to_owned()), Step::Discover],
        vec![register(Vec::new())],
    ] {
        assert!(case.denies("order", steps).plugins_fault);
    }
    let case = Case::identity_center(sign_in());
    for steps in [
        vec![authorize()],
        vec![register(Vec::new()), register(Vec::new())],
        vec![Step::Discover],
    ] {
        assert!(case.denies("order", steps).plugins_fault);
    }
    let case = Case::identity_center(sign_in()).by(Method::Device);
    case.denies("order", vec![device(Vec::new())]);
    case.denies(
        "order",
        vec![register(Vec::new()), device(Vec::new()), device(Vec::new())],
    );
    Case::identity_center(sign_in())
        .registered()
        .denies("order", vec![register(Vec::new())]);
    let expired = Case::identity_center(Purpose::Refresh(stored()));
    let denied = expired.denies("order", vec![grant(GrantType::RefreshToken(SECRET))]);
    assert!(!denied.plugins_fault && denied.reason.contains("sign in again"));
}

#[test]
fn a_refusal_ends_the_flow() {
    let case = Case::oidc(sign_in());
    let mut rules = StepRules::new(&case.permissions, &case.tenant, &case.start);
    assert!(Allowed::by(&mut rules, choose(&[])).is_err());
    assert_eq!(
        Allowed::by(&mut rules, Step::Discover).unwrap_err().rule,
        "order"
    );
}

#[test]
fn budgets_span_the_flow() {
    let case = Case::oidc(sign_in());
    let times = |count: u32, step: fn() -> Step| (0..count).map(|_| step()).collect::<Vec<_>>();
    case.allows(times(FLOW_REQUESTS, || Step::Discover));
    case.denies("budget", times(FLOW_REQUESTS + 1, || Step::Discover));
    case.denies("budget", times(FLOW_REQUESTS + 1, userinfo));
    case.allows(times(FLOW_CHOICES, || choose(&["a"])));
    case.denies("budget", times(FLOW_CHOICES + 1, || choose(&["a"])));

    let workload = Case::oidc(sign_in()).by(Method::Workload);
    workload.allows(times(FLOW_STEPS, || subject_token("ci", "a")));
    workload.denies("budget", times(FLOW_STEPS + 1, || subject_token("ci", "a")));
}

#[test]
fn everything_that_a_plugin_sends_counts() {
    let long = || "x".repeat(TEXT_BYTES);
    let many = FLOW_SENT_BYTES / TEXT_BYTES - 1;
    let text = || FieldValue::Text(long());
    let fields = |value: &dyn Fn() -> FieldValue| {
        (0..many)
            .map(|n| field(&format!("f{n}"), value()))
            .collect::<Vec<_>>()
    };
    let center = Case::identity_center(sign_in());
    let filler = || register(fields(&text));
    let texts = || FieldValue::Texts(vec![long()]);
    center.allows(vec![filler()]);
    center.denies(
        "budget",
        vec![
            filler(),
            authorization(|r| r.extra = vec![("a".to_owned(), long()), ("b".to_owned(), long())]),
        ],
    );
    center.denies(
        "budget",
        vec![
            filler(),
            authorization(|r| r.resources = vec![long(), long()]),
        ],
    );
    center.denies(
        "budget",
        vec![
            filler(),
            authorization(|r| {
                r.login_hint = Some(long());
                r.scopes = (0..17).map(|n| scope(&format!("{n:0256}"))).collect();
            }),
        ],
    );
    center.denies(
        "budget",
        vec![
            filler(),
            call(
                "accounts",
                Some(SECRET),
                &[("a", &long()), ("b", &long())],
                Vec::new(),
            ),
        ],
    );
    center.denies(
        "budget",
        vec![
            filler(),
            call(
                "accounts",
                Some(SECRET),
                &[],
                vec![field("a", texts()), field("b", texts())],
            ),
        ],
    );
    center.denies(
        "budget",
        vec![
            filler(),
            authorize(),
            granted(
                GrantType::AuthorizationCode(SECRET),
                &[],
                vec![field("a", texts()), field("b", text())],
            ),
        ],
    );
    let device_flow = Case::identity_center(sign_in()).by(Method::Device);
    device_flow.denies(
        "budget",
        vec![
            filler(),
            device(vec![field("a", text()), field("b", text())]),
        ],
    );
}

#[test]
fn text_is_bounded_and_has_no_control_characters() {
    let case = Case::oidc(sign_in());
    for bad in [
        "a\r\nHost: b",
        "a\0",
        "a\u{85}",
        &"x".repeat(TEXT_BYTES + 1),
    ] {
        case.denies(
            "text",
            vec![authorization(|r| r.login_hint = Some(bad.to_owned()))],
        );
        case.denies(
            "text",
            vec![authorization(|r| r.resources = vec![bad.to_owned()])],
        );
        case.denies(
            "text",
            vec![authorization(|r| {
                r.extra = vec![("a".to_owned(), bad.to_owned())]
            })],
        );
        case.denies(
            "text",
            vec![authorization(|r| {
                r.extra = vec![(bad.to_owned(), String::new())]
            })],
        );
        case.denies(
            "text",
            vec![
                authorize(),
                granted(
                    GrantType::AuthorizationCode(SECRET),
                    &[],
                    vec![texted("a", bad)],
                ),
            ],
        );
        let center = Case::identity_center(sign_in());
        center.denies("text", vec![register(vec![texted("a", bad)])]);
        center.denies(
            "text",
            vec![register(vec![field(
                "a",
                FieldValue::Texts(vec![bad.to_owned()]),
            )])],
        );
        center.denies(
            "text",
            vec![call("accounts", Some(SECRET), &[("a", bad)], Vec::new())],
        );
        Case::oidc(exchange_for(None)).denies("text", vec![token_exchange(Some(bad))]);
    }
}

#[test]
fn a_purpose_and_a_method_have_their_steps() {
    let refresh = || Purpose::Refresh(stored());
    let revoke = || Purpose::Revoke(stored());
    for purpose in [refresh(), revoke(), derive(true), exchange_for(None)] {
        let case = Case::oidc(purpose);
        case.denies("purpose", vec![authorize()]);
        case.denies("purpose", vec![grant(GrantType::ClientCredentials)]);
        let workload = Case::new(case.permissions, case.start.purpose).by(Method::Device);
        workload.denies("purpose", vec![device(Vec::new())]);
    }
    for purpose in [
        sign_in(),
        revoke(),
        derive(true),
        exchange_for(None),
        Purpose::StepUp(stored()),
    ] {
        Case::oidc(purpose).denies("purpose", vec![grant(GrantType::RefreshToken(SECRET))]);
    }
    for purpose in [sign_in(), refresh(), derive(true), exchange_for(None)] {
        Case::oidc(purpose).denies(
            "purpose",
            vec![request("revocation", HttpExchange::Revocation(SECRET))],
        );
    }
    Case::oidc(revoke()).denies("purpose", vec![userinfo()]);
    Case::oidc(refresh()).denies("purpose", vec![choose(&["a"])]);
    Case::identity_center(derive(true)).denies("purpose", vec![register(Vec::new())]);

    let browser = Case::identity_center(sign_in()).registered();
    browser.denies("purpose", vec![device(Vec::new())]);
    browser.denies("purpose", vec![subject_token("ci", "a")]);
    browser.denies("purpose", vec![grant(GrantType::ClientCredentials)]);
    browser.denies("purpose", vec![grant(GrantType::JwtBearer(SECRET))]);
    browser.denies("purpose", vec![token_exchange(None)]);
    let by_device = Case::identity_center(sign_in())
        .registered()
        .by(Method::Device);
    by_device.denies("purpose", vec![authorize()]);
    let workload = Case::oidc(sign_in()).by(Method::Workload);
    workload.denies("purpose", vec![authorize()]);
    workload.denies("purpose", vec![device(Vec::new())]);
    workload.allows(vec![
        subject_token("ci", "https://idp.example"),
        grant(GrantType::JwtBearer(SECRET)),
    ]);
    workload.allows(vec![grant(GrantType::ClientCredentials)]);
}

#[test]
fn a_method_that_policy_does_not_allow_is_refused_with_the_line() {
    let mut case = Case::identity_center(sign_in())
        .registered()
        .by(Method::Device);
    for methods in [None, Some(Vec::new()), Some(vec![Method::Browser])] {
        case.tenant.policy.methods = methods;
        let denied = case.denies("purpose", vec![device(Vec::new())]);
        assert_eq!(denied.fix.as_deref(), Some("policy.methods = [\"device\"]"));
        assert!(!denied.plugins_fault);
    }
}

#[test]
fn a_request_is_of_the_class_of_its_role() {
    let case = Case::oidc(sign_in());
    case.denies(
        "role_class",
        vec![request("nowhere", HttpExchange::Userinfo(SECRET))],
    );
    case.denies(
        "role_class",
        vec![request(
            "introspection",
            HttpExchange::Introspection(SECRET),
        )],
    );
    case.denies(
        "role_class",
        vec![request("token", HttpExchange::Userinfo(SECRET))],
    );
    case.denies(
        "role_class",
        vec![request("revocation", HttpExchange::Introspection(SECRET))],
    );
    let code = || {
        HttpExchange::Grant(TokenGrant {
            grant_type: GrantType::AuthorizationCode(SECRET),
            scopes: Vec::new(),
            extra: Vec::new(),
        })
    };
    case.denies("role_class", vec![authorize(), request("userinfo", code())]);
    for standard in [
        "authorization",
        "token",
        "userinfo",
        "revocation",
        "pushed_authorization_request",
    ] {
        for token in [None, Some(SECRET)] {
            case.denies("role_class", vec![call(standard, token, &[], Vec::new())]);
        }
    }
    let revoke = Case::oidc(Purpose::Revoke(stored()));
    revoke.denies(
        "role_class",
        vec![request("token", HttpExchange::Revocation(SECRET))],
    );

    let mut profile = identity_center();
    profile.endpoints.push(crate::testing::endpoint(
        "news",
        EndpointClass::Public,
        Some("https://news.example/"),
    ));
    let center = Case::new(approve(&profile).unwrap(), sign_in()).registered();
    center.allows(vec![call("news", None, &[], vec![texted("a", "b")])]);
    center.denies(
        "role_class",
        vec![call("news", Some(SECRET), &[], Vec::new())],
    );
    center.denies("role_class", vec![call("accounts", None, &[], Vec::new())]);
    center.denies(
        "role_class",
        vec![call("accounts", Some(SECRET), &[], vec![texted("a", "b")])],
    );
    let first = Case::identity_center(sign_in());
    first.denies(
        "role_class",
        vec![request("accounts", HttpExchange::Registration(Vec::new()))],
    );
}

#[test]
fn a_missing_endpoint_is_missing_for_every_step() {
    let mut case = Case::identity_center(sign_in()).registered();
    case.permissions.endpoints.remove("authorization");
    case.permissions.endpoints.remove("device_authorization");
    case.denies("role_class", vec![authorize()]);
    case.by(Method::Device)
        .denies("role_class", vec![device(Vec::new())]);
}

#[test]
fn scopes_are_never_more_than_the_flow_has() {
    let case = Case::oidc(sign_in());
    let denied = case.denies(
        "scopes",
        vec![authorization(|r| {
            r.scopes = scopes(&["openid", "admin", "admin"])
        })],
    );
    assert_eq!(
        denied.fix.as_deref(),
        Some(r#"policy.scopes = ["openid", "email", "admin"]"#)
    );
    case.denies(
        "scopes",
        vec![
            authorize(),
            granted(GrantType::AuthorizationCode(SECRET), &["admin"], Vec::new()),
        ],
    );
    Case::identity_center(sign_in())
        .registered()
        .by(Method::Device)
        .denies(
            "scopes",
            vec![Step::Device(DeviceRequest {
                scopes: scopes(&["admin"]),
                extra: Vec::new(),
            })],
        );
    let mut refresh = Case::oidc(Purpose::Refresh(stored()));
    refresh.start.scopes = scopes(&["openid"]);
    refresh.allows(vec![granted(
        GrantType::RefreshToken(SECRET),
        &["openid"],
        Vec::new(),
    )]);
    let denied = refresh.denies(
        "scopes",
        vec![granted(
            GrantType::RefreshToken(SECRET),
            &["openid", "email"],
            Vec::new(),
        )],
    );
    assert_eq!(denied.fix, None, "no line widens what was granted");
}

// proves: RESP-08
#[test]
fn reserved_parameters_stay_the_hosts_in_every_disguise() {
    let mut profile = oidc();
    profile.endpoints.push(crate::testing::endpoint(
        "authorization",
        EndpointClass::Authorization,
        None,
    ));
    profile.endpoints[0].method = HttpMethod::Get;
    profile.endpoints[0].dialect.renames = vec![(member("scope"), member("permissions"))];
    let case = Case::new(approve(&profile).unwrap(), sign_in());
    for name in [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
        "resource",
        "dpop_jkt",
        "prompt",
        "max_age",
        "acr_values",
        "claims",
        "login_hint",
        "id_token_hint",
        "permissions",
        "client_secret",
        "access_token",
        "code_verifier",
        "authorization_details",
    ] {
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for spelled in [
            name.to_owned(),
            name.to_uppercase(),
            name.replace('_', ""),
            name.replace('_', "-"),
            name.replace('_', "%5F"),
            encoded,
            format!("{name}[]"),
            format!(" {name}"),
        ] {
            case.denies(
                "extra_fields",
                vec![authorization(|r| r.extra = vec![(spelled, "x".to_owned())])],
            );
        }
    }
    for bad in ["", "-", "a b", "a=b", "a&b"] {
        case.denies(
            "extra_fields",
            vec![authorization(|r| {
                r.extra = vec![(bad.to_owned(), "x".to_owned())]
            })],
        );
    }
    let twice = || {
        vec![
            ("hd".to_owned(), "x".to_owned()),
            ("HD".to_owned(), "y".to_owned()),
        ]
    };
    case.denies("extra_fields", vec![authorization(|r| r.extra = twice())]);
    let many = || {
        (0..=DESCRIPTION_ENTRIES)
            .map(|n| (format!("f{n}"), String::new()))
            .collect()
    };
    case.denies("extra_fields", vec![authorization(|r| r.extra = many())]);
    case.allows(vec![authorization(|r| {
        r.extra = vec![("audience".to_owned(), "https://api.example".to_owned())]
    })]);
}

#[test]
fn standard_fields_of_a_token_request_stay_the_hosts() {
    let center = Case::identity_center(sign_in()).registered();
    let with = |fields: Vec<Field>| {
        vec![
            authorize(),
            granted(GrantType::AuthorizationCode(SECRET), &[], fields),
        ]
    };
    for name in [
        "grant_type",
        "grantType",
        "GRANT-TYPE",
        "code",
        "redirect_uri",
        "redirectUri",
        "client_id",
        "clientId",
        "client_secret",
        "clientSecret",
        "code_verifier",
        "codeVerifier",
        "refresh_token",
        "scope",
        "resource",
        "assertion",
        "client_assertion",
        "username",
        "password",
        "subject_token",
        "device_code",
        "token",
        "__",
    ] {
        if vestibule_core::MemberName::parse(name).is_ok() {
            center.denies("extra_fields", with(vec![texted(name, "x")]));
            let by_device = Case::identity_center(sign_in())
                .registered()
                .by(Method::Device);
            by_device.denies("extra_fields", vec![device(vec![texted(name, "x")])]);
        }
    }
    center.denies(
        "extra_fields",
        with(vec![field("mine", FieldValue::Secret(SECRET))]),
    );
    center.denies(
        "extra_fields",
        with(vec![texted("a_b", "x"), texted("aB", "y")]),
    );
    center.allows(with(vec![
        texted("audience", "https://api.example"),
        texted("organization", "o"),
    ]));
    let exchange = Case::oidc(exchange_for(None));
    let mut step = token_exchange(None);
    if let Step::Request(Request {
        exchange: HttpExchange::Grant(grant),
        ..
    }) = &mut step
    {
        grant.extra = vec![texted("audience", "https://evil.example")];
    }
    exchange.denies("extra_fields", vec![step]);
}

#[test]
fn lists_stand_in_json_only_and_nothing_comes_twice() {
    let case = Case::oidc(sign_in());
    let list = || FieldValue::Texts(vec!["x".to_owned()]);
    let with = |fields: Vec<Field>| {
        vec![
            authorize(),
            granted(GrantType::AuthorizationCode(SECRET), &[], fields),
        ]
    };
    case.denies("fields", with(vec![field("a", list())]));
    case.denies(
        "fields",
        with(vec![field("a", FieldValue::Host(HostValue::RedirectUris))]),
    );
    let center = Case::identity_center(sign_in());
    center.allows(vec![register(vec![field("a", list())])]);
    center.denies(
        "fields",
        vec![register(vec![texted("a", "x"), texted("a", "y")])],
    );
    let many = (0..=DESCRIPTION_ENTRIES)
        .map(|n| texted(&format!("f{n}"), "x"))
        .collect();
    center.denies("fields", vec![register(many)]);
    let many = vec![String::new(); DESCRIPTION_ENTRIES + 1];
    center.denies(
        "fields",
        vec![register(vec![field("a", FieldValue::Texts(many))])],
    );
    let names: Vec<_> = (0..=DESCRIPTION_ENTRIES).map(|n| format!("f{n}")).collect();
    let query: Vec<_> = names.iter().map(|name| (name.as_str(), "x")).collect();
    center.denies(
        "fields",
        vec![call("accounts", Some(SECRET), &query, Vec::new())],
    );
}

#[test]
fn a_registration_sends_answers_nowhere_else() {
    let center = Case::identity_center(sign_in());
    let evil = || FieldValue::Texts(vec!["https://evil.example/".to_owned()]);
    for bad in [
        field("redirectUris", evil()),
        field("redirect_uris", evil()),
        field(
            "Redirect-URI",
            FieldValue::Text("https://evil.example/".to_owned()),
        ),
        field("callbackUrls", evil()),
        field("redirectUris", FieldValue::Host(HostValue::Scopes)),
        field("scopes", FieldValue::Texts(vec!["admin".to_owned()])),
        field(
            "scope",
            FieldValue::Text("sso:account:access admin".to_owned()),
        ),
        field("scope", FieldValue::Integer(1)),
        texted("jwks_uri", "https://evil.example/"),
        texted("software_statement", "x"),
        texted("clientId", "x"),
        texted("request_uris", "x"),
        texted("backchannel_logout_uri", "x"),
        texted("clientSecret", "x"),
        field("mine", FieldValue::Secret(SECRET)),
    ] {
        assert!(
            center
                .denies("registration", vec![register(vec![bad])])
                .plugins_fault
        );
    }
    for good in [
        field("redirectUris", FieldValue::Host(HostValue::RedirectUris)),
        field("redirect_uri", FieldValue::Host(HostValue::RedirectUri)),
        field("scopes", FieldValue::Host(HostValue::Scopes)),
        field(
            "scopes",
            FieldValue::Texts(vec!["sso:account:access".to_owned()]),
        ),
        texted("scope", "sso:account:access"),
        texted("token_endpoint_auth_method", "none"),
        texted("clientName", "vestibule"),
    ] {
        center.allows(vec![register(vec![good])]);
    }
    let mut renamed = Case::identity_center(sign_in());
    for endpoint in renamed.permissions.endpoints.values_mut() {
        endpoint.dialect.renames = vec![(member("redirect_uris"), member("answers"))];
    }
    renamed.denies(
        "registration",
        vec![register(vec![field("answers", evil())])],
    );
}

#[test]
fn resources_are_absolute_uris_without_fragment() {
    let case = Case::oidc(sign_in());
    for bad in [
        "",
        "api",
        "/v1",
        "https://api.example/#x",
        "https://api.example/#",
        "https://api.example/ x",
        "https://\u{e9}.example/",
    ] {
        case.denies(
            "resources",
            vec![authorization(|r| r.resources = vec![bad.to_owned()])],
        );
    }
    let many = || vec!["urn:a".to_owned(); DESCRIPTION_ENTRIES + 1];
    case.denies("resources", vec![authorization(|r| r.resources = many())]);
    for good in [
        "https://api.example",
        "https://api.example/v1?tenant=a",
        "urn:example:api",
        "api://2f5b",
    ] {
        case.allows(vec![authorization(|r| r.resources = vec![good.to_owned()])]);
    }
}

#[test]
fn a_token_is_exchanged_for_the_audience_that_was_asked_for() {
    let case = Case::oidc(exchange_for(Some("https://api.example")));
    case.allows(vec![token_exchange(Some("https://api.example"))]);
    case.denies(
        "audience",
        vec![token_exchange(Some("https://evil.example"))],
    );
    case.denies("audience", vec![token_exchange(None)]);
    Case::oidc(exchange_for(None)).allows(vec![token_exchange(Some("https://api.example"))]);
}

#[test]
fn an_assertion_comes_from_a_named_source_for_a_named_audience() {
    let case = Case::oidc(sign_in()).by(Method::Workload);
    for bad in [
        "/var/run/token",
        "../token",
        "https://evil.example",
        "",
        "A",
    ] {
        case.denies(
            "subject_token",
            vec![subject_token(bad, "https://idp.example")],
        );
    }
    for bad in ["", " "] {
        case.denies("subject_token", vec![subject_token("ci", bad)]);
    }
    case.allows(vec![subject_token("ci", "https://idp.example")]);
}

#[test]
fn questions_can_be_answered() {
    let case = Case::oidc(sign_in());
    case.denies("choices", vec![choose(&[])]);
    case.denies("choices", vec![choose(&["a", "a"])]);
    case.denies("choices", vec![choose(&["a", ""])]);
    let long = "x".repeat(TEXT_BYTES + 1);
    case.denies("choices", vec![choose(&[&long])]);
    let ids: Vec<_> = (0..=CHOICE_OPTIONS).map(|n| n.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    case.denies("choices", vec![choose(&ids)]);
    case.allows(vec![choose(&ids[1..])]);
    let denied = Case::identity_center(derive(false)).denies("choices", vec![choose(&["a"])]);
    assert!(!denied.plugins_fault && denied.reason.contains("--for"));
}

#[test]
fn a_flow_ends_as_its_purpose_does() {
    Case::oidc(Purpose::Revoke(stored())).denies("finish", vec![tokens()]);
    for purpose in [
        sign_in(),
        Purpose::Refresh(stored()),
        derive(true),
        exchange_for(None),
    ] {
        Case::oidc(purpose).denies("finish", vec![Step::Finish(Finish::Done)]);
    }
    let case = Case::identity_center(sign_in());
    for (primary, parts) in [
        (Primary::Oauth, vec![]),
        (Primary::Oauth, vec!["refresh_token"]),
        (Primary::Oauth, vec!["access_token", "access_token"]),
        (Primary::Oauth, vec!["access_token", "code"]),
        (Primary::Oauth, vec!["access_token", "unheard_of"]),
        (Primary::Oauth, vec!["access_token", "client_secret"]),
        (Primary::CloudKeys, vec!["access_token"]),
        (Primary::Opaque, vec!["access_token"]),
    ] {
        case.denies("finish", vec![finish(primary, &parts)]);
    }
    case.allows(vec![finish(
        Primary::Oauth,
        &["access_token", "refresh_token", "id_token"],
    )]);
    case.allows(vec![finish(
        Primary::CloudKeys,
        &["access_key_id", "session_token"],
    )]);
    case.denies("finish", vec![Step::Fail("x".repeat(TEXT_BYTES + 1))]);
    case.allows(vec![Step::Fail("the account is closed".to_owned())]);
}

#[test]
fn a_public_client_of_an_operator_registers_nothing() {
    let case = Case::oidc(sign_in());
    assert!(matches!(case.permissions.client, Client::Configured { .. }));
    case.denies("order", vec![register(Vec::new())]);
}
