//! Who can sign in, and the cloud accounts that the Identity Center shape offers them.

/// Someone who may sign in. There is no password: the practice provider believes the button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The short name on the sign-in page, and the `preferred_username`.
    pub login: &'static str,
    /// The subject identifier (OIDC Core §2), stable, never reused, not derived from the name.
    pub sub: &'static str,
    /// The display name.
    pub name: &'static str,
    /// The e-mail address, in a domain that cannot exist (RFC 2606).
    pub email: &'static str,
}

/// Everybody who can sign in at a practice provider.
pub const PEOPLE: &[Person] = &[
    Person {
        login: "ada",
        sub: "u-4f21a0",
        name: "Ada Lovelace",
        email: "ada@rehearsal.example",
    },
    Person {
        login: "grace",
        sub: "u-93bc17",
        name: "Grace Hopper",
        email: "grace@rehearsal.example",
    },
];

/// A workload, which is no person and can sign in on no page.
pub(crate) const WORKLOAD: Person = Person {
    login: "workload",
    sub: "w-7c11d2",
    name: "a workload",
    email: "",
};

/// A cloud account of the Identity Center shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Twelve digits.
    pub id: &'static str,
    /// The name on the portal.
    pub name: &'static str,
    /// The address of the account's root user.
    pub email: &'static str,
    /// The roles that everybody may take in it.
    pub roles: &'static [&'static str],
}

/// The accounts behind the portal.
pub const ACCOUNTS: &[Account] = &[
    Account {
        id: "111122223333",
        name: "workshop",
        email: "workshop@rehearsal.example",
        roles: &["ReadOnly", "PowerUser"],
    },
    Account {
        id: "444455556666",
        name: "production",
        email: "production@rehearsal.example",
        roles: &["ReadOnly"],
    },
    Account {
        id: "777788889999",
        name: "archive",
        email: "archive@rehearsal.example",
        roles: &["Auditor", "ReadOnly"],
    },
];

/// The person of that login.
pub(crate) fn person(login: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.login == login)
}
