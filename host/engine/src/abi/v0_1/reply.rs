//! What came of a step, on its way into the guest.

use vestibule_core::reply::{Member, MemberValue, Problem, ProblemKind, Reply, Scalar, Tokens};

use super::{named_to_wit, reference_to_wit, wit};

pub(crate) fn to_wit(reply: &Reply) -> wit::Reply {
    match reply {
        Reply::Discovered(roles) => wit::Reply::Discovered(wit::Metadata {
            roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
        }),
        Reply::Authorized(code) => wit::Reply::Authorized(wit::Authorized {
            code: reference_to_wit(*code),
        }),
        Reply::Tokens(reply) => wit::Reply::Tokens(tokens(reply)),
        Reply::Response(response) => wit::Reply::Response(wit::Response {
            members: response.members.iter().map(member).collect(),
            secrets: response.secrets.iter().map(named_to_wit).collect(),
        }),
        Reply::SubjectToken(token) => wit::Reply::SubjectToken(reference_to_wit(*token)),
        Reply::Chosen(id) => wit::Reply::Chosen(id.clone()),
        Reply::Failed(reply) => wit::Reply::Failed(problem(reply)),
    }
}

fn tokens(tokens: &Tokens) -> wit::Tokens {
    wit::Tokens {
        access_token: reference_to_wit(tokens.access_token),
        refresh_token: tokens.refresh_token.map(reference_to_wit),
        id_token: tokens.id_token.map(reference_to_wit),
        expires_in: tokens.expires_in,
        scopes: tokens
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        members: tokens.members.iter().map(member).collect(),
        secrets: tokens.secrets.iter().map(named_to_wit).collect(),
    }
}

fn member(member: &Member) -> wit::Member {
    wit::Member {
        role: member.role.as_str().to_owned(),
        pointer: member.pointer.as_str().to_owned(),
        value: match &member.value {
            MemberValue::One(value) => wit::MemberValue::One(scalar(value)),
            MemberValue::Rows(rows) => wit::MemberValue::Rows(
                rows.iter()
                    .map(|row| row.iter().map(|cell| cell.as_ref().map(scalar)).collect())
                    .collect(),
            ),
        },
    }
}

fn scalar(value: &Scalar) -> wit::Scalar {
    match value {
        Scalar::Boolean(value) => wit::Scalar::Boolean(*value),
        Scalar::Integer(value) => wit::Scalar::Integer(*value),
        Scalar::Text(value) => wit::Scalar::Text(value.clone()),
    }
}

fn problem(problem: &Problem) -> wit::Problem {
    wit::Problem {
        kind: match problem.kind {
            ProblemKind::Denied => wit::ProblemKind::Denied,
            ProblemKind::Expired => wit::ProblemKind::Expired,
            ProblemKind::InvalidGrant => wit::ProblemKind::InvalidGrant,
            ProblemKind::Refused => wit::ProblemKind::Refused,
            ProblemKind::Unavailable => wit::ProblemKind::Unavailable,
        },
        code: problem.code.clone(),
    }
}
