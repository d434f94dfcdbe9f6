//! Every limit of the host, each with its reason. Nothing else in the tree holds one.

use std::time::Duration;

// --- What is shown ---------------------------------------------------------------------------------------------------------

/// Characters of foreign text that are shown. Long enough for any honest message, too short to fill a screen with a false one.
pub const SHOWN_CHARS: usize = 200;

// --- The sandbox -----------------------------------------------------------------------------------------------------------

/// Bytes of a component. A Python guest has 18 MB, a JavaScript guest 12 MB; twice that is still no burden on a disk.
pub const COMPONENT_BYTES: u64 = 40 << 20;

/// Wall time of one call into a guest. A Rust guest needs microseconds, a Python guest a millisecond; a loop ends in < 100 ms.
pub const GUEST_CALL: Duration = Duration::from_millis(50);

/// Linear memory of one instance, summed over its memories. A Python guest starts at 30 MB and must be able to parse a reply.
pub const GUEST_MEMORY_BYTES: usize = 128 << 20;

/// Elements of all tables of one instance. A Python guest has 11,000.
pub const GUEST_TABLE_ELEMENTS: usize = 20_000;

/// Core instances within one component. A Python guest has more than 32.
pub const GUEST_INSTANCES: usize = 128;

/// Stack of a guest. Wasmtime's own default, said here because Vestibule relies on it.
pub const GUEST_STACK_BYTES: usize = 512 << 10;

/// Stack that is erased after a flow. A flow goes 400 KiB deep in a debug build and less in a release; a guest has its own part of the
/// stack within that, and no secret there. Defaults of systems are 8 MiB; that of Windows, 1 MiB, holds it too.
pub const SPENT_STACK_BYTES: usize = 768 << 10;

/// Host memory that lifting one answer may take. Wasmtime's default of 128 MiB lets a 120 MB text through.
pub const GUEST_LIFT_BYTES: usize = 1 << 20;

/// Host memory that the answers of one flow may take together, since the engine counts each call for itself.
pub const FLOW_RETAINED_BYTES: usize = 8 << 20;

/// Steps of one flow. The longest honest one, an account's keys with two choices and a registration, has nine.
pub const FLOW_STEPS: u32 = 40;

/// How long a flow may take with all its waiting for a person (RESP-07 says 10 minutes or less).
pub const FLOW_TIME: Duration = Duration::from_secs(600);

/// Requests to the provider in one flow that a plugin can cause.
pub const FLOW_REQUESTS: u32 = 24;

/// Bytes that a plugin can send to the provider in one flow, in all its own fields and query parameters together.
pub const FLOW_SENT_BYTES: usize = 64 << 10;

/// Secrets that one flow holds at a time, and so references that are good in it. A sign-in with a session and keys has about ten;
/// each further one is searched for in everything that crosses.
pub const FLOW_SECRETS: usize = 128;

/// Questions to the person in one flow. An account and a role are two.
pub const FLOW_CHOICES: u32 = 4;

/// Options of one question. Some people have a thousand AWS accounts; nobody reads more.
pub const CHOICE_OPTIONS: usize = 2_000;

/// Linear memory of all instances of one sandbox, unless the embedder says otherwise: a thousand Rust guests, or thirty of any kind
/// that use all they may. One who keeps ten thousand flows waiting says more.
pub const SANDBOX_MEMORY_BYTES: usize = 4 << 30;

/// On a machine so busy that the guest's thread does not get its turn, a call may take this many times its wall time.
pub const GUEST_CALL_STALLED: u32 = 20;

/// The shortest secret that the second barrier searches for: shorter ones would turn up in honest text (PLUG-07).
pub const SEARCHED_SECRET_CHARS: usize = 16;

// --- Compiling -------------------------------------------------------------------------------------------------------------

/// Wall time of compiling one component. A Python guest takes 6 s on a quiet machine.
pub const COMPILE_WALL: Duration = Duration::from_secs(60);

/// CPU time of compiling one component, in seconds over all threads.
pub const COMPILE_CPU_SECONDS: u64 = 90;

/// Address space of the compiling program. A Python guest takes 350 MB resident.
pub const COMPILE_ADDRESS_SPACE: u64 = 4 << 30;

/// Bytes that are kept of the compiling program's complaints.
pub const COMPILER_STDERR_BYTES: u64 = 4 << 10;

/// Bytes of compiled code. A JavaScript guest has 37 MB.
pub const COMPILED_BYTES: u64 = 256 << 20;

// --- A description ---------------------------------------------------------------------------------------------------------

/// Entries of any list in a description. The largest honest one, an endpoint table, has about fifteen.
pub const DESCRIPTION_ENTRIES: usize = 64;

/// Characters of a name: a role, a setting, a secret, a member.
pub const NAME_CHARS: usize = 64;

/// Bytes of a URL in a table, and of anything that becomes part of one.
pub const URL_BYTES: usize = 2_048;

/// Bytes of one text that a plugin sends or reads.
pub const TEXT_BYTES: usize = 4_096;

/// Characters of a readable text (PLUG-21). An ARN with a path is the longest honest one.
pub const READABLE_CHARS: u32 = 256;

/// Bytes of a pattern for a readable text. Matching is linear, compiling is not.
pub const PATTERN_BYTES: usize = 128;

/// Bytes of a compiled pattern. `[\w.-]{1,256}` takes some 20 KB; nested repetitions would take gigabytes.
pub const PATTERN_PROGRAM_BYTES: usize = 256 << 10;

/// Depth of groups in a pattern.
pub const PATTERN_NESTING: u32 = 16;

/// Rows of a readable list that are passed on.
pub const READABLE_ROWS: usize = 2_000;

// --- The network -----------------------------------------------------------------------------------------------------------

/// Time to connect, TLS included.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Time from the connection to the head of the reply. Token endpoints that ask a slow directory behind them need seconds.
pub const FIRST_BYTE_TIME: Duration = Duration::from_secs(15);

/// Time of one whole exchange. A trickling server cannot hold a sign-in open (NET-08).
pub const EXCHANGE_TIME: Duration = Duration::from_secs(30);

/// Bytes of a reply body. Metadata of 60 KB and a portal's list of a thousand accounts both fit.
pub const BODY_BYTES: usize = 1 << 20;

/// Headers of a reply.
pub const HEADER_COUNT: usize = 100;

/// Bytes of all header names and values of a reply.
pub const HEADER_BYTES: usize = 64 << 10;

/// Depth of JSON. Honest replies have five (NET-09).
pub const JSON_DEPTH: usize = 32;

/// Bytes of a key set (JWK-04): 64 keys with certificate chains of two have about half of it. A larger one could not be remembered, and
/// a set that is forgotten at once would be asked for again with each token.
pub const JWKS_BYTES: usize = 256 << 10;

/// Keys of a key set that are looked at (JWK-04).
pub const JWKS_KEYS: usize = 64;

/// A second fetch of a key set for an unknown `kid` waits this long after the last (JWK-01).
pub const JWKS_COOL_DOWN: Duration = Duration::from_secs(60);

/// A key set that could not be fetched again is used this long (JWK-04).
pub const JWKS_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Metadata is fetched again after this long (DISC-10).
pub const METADATA_MAX_AGE: Duration = Duration::from_secs(3600);

/// How far a provider's clock may be ahead of ours (IDT-05).
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The oldest `iat` of an ID token that comes from a token endpoint just now.
pub const ID_TOKEN_MAX_AGE: Duration = Duration::from_secs(600);

// --- The loopback listener -------------------------------------------------------------------------------------------------

/// Connections that are served at once. A browser opens up to six, of which some idle (LOOP-12).
pub const LISTENER_CONNECTIONS: usize = 64;

/// Time in which a client must have sent its request.
pub const LISTENER_READ_TIME: Duration = Duration::from_secs(3);

/// Bytes of a request head. Codes of several KB exist.
pub const LISTENER_HEAD_BYTES: usize = 32 << 10;

/// Connections that the system keeps for the listener while it is busy. More than a flood of local programs opens at a time.
pub const LISTENER_BACKLOG: i32 = 1_024;

/// How long the listener waits, after an answer, for the client to close first. Who closes first keeps the port for a minute
/// (RFC 9293 section 3.6), and a pinned port must be free for the next sign-in.
pub const LISTENER_LINGER: Duration = Duration::from_millis(500);

/// Wrong requests that are answered at once. A browser asks for an icon, a stale tab for its page (LOOP-07).
pub const LISTENER_REFUSAL_BURST: u32 = 50;

/// Wrong requests beyond the burst are answered one in this time: no forger needs more, and none takes the processor.
pub const LISTENER_REFUSAL_INTERVAL: Duration = Duration::from_millis(5);

/// The longest wait for the answer to a wrong request, so that a flood does not slow down the one who came by mistake.
pub const LISTENER_REFUSAL_DELAY: Duration = Duration::from_millis(250);

/// How long a browser waits for the page that says how it ended: as long as an honest token exchange can take, twice.
pub const RESULT_PAGE_WAIT: Duration = Duration::from_secs(60);

/// How long the host stays for the browser to fetch that page. It asks within milliseconds, or never.
pub const RESULT_PAGE_GRACE: Duration = Duration::from_secs(2);

/// Time in which a browser that cannot start has failed, after which the person is told.
pub const BROWSER_START_TIME: Duration = Duration::from_secs(2);

// --- The device flow -------------------------------------------------------------------------------------------------------

/// How long a device code is asked about, whatever its `expires_in` says (DEV-07). Providers give 10 to 30 minutes; a flow has
/// [`FLOW_TIME`], and this is shorter by the longest exchange, so that who waits reads why it ended.
pub const DEVICE_TIME: Duration = Duration::from_secs(570);

/// Life of a device code whose `expires_in` is missing (RFC 8628 section 3.2 requires it): long enough to find a phone.
pub const DEVICE_ASSUMED_TIME: Duration = Duration::from_secs(300);

/// Wait between two questions, where the provider names none that is a whole number of seconds above zero (RFC 8628 section 3.5).
pub const DEVICE_INTERVAL: Duration = Duration::from_secs(5);

/// What `slow_down` adds to every later wait (RFC 8628 section 3.5).
pub const DEVICE_SLOW_DOWN: Duration = Duration::from_secs(5);

/// A client's assertion (RFC 7523 section 3) is good for so many seconds: long enough for clocks that differ and a slow provider, and
/// too short to be of use to whoever finds it later.
pub const CLIENT_ASSERTION_SECONDS: u64 = 120;

/// How often who waits for a person tells that it does. A clock ticks like this.
pub const DEVICE_TICK: Duration = Duration::from_secs(1);

/// Characters of a `user_code`. RFC 8628 section 6.1 has eight of them in mind; four times that is still typed by nobody.
pub const USER_CODE_CHARS: usize = 32;

/// How long a sign-in by device lasts on this machine where the tenant's policy does not say less (DEV-12): a working day. Whoever
/// entered the code was perhaps tricked into it, and a stolen grant does not outlive the day.
pub const DEVICE_SESSION_TIME: Duration = Duration::from_secs(12 * 3600);

// --- Tokens ----------------------------------------------------------------------------------------------------------------

/// Lifetime of an access token whose `expires_in` is absent or nonsense, in seconds (TOK-06).
pub const ASSUMED_LIFETIME_SECONDS: u32 = 300;

/// The longest lifetime that is believed, in seconds, unless the tenant's policy says less (TOK-06, POL-03).
pub const LONGEST_LIFETIME_SECONDS: u32 = 24 * 3600;

/// A token this close to its expiry is renewed before it is handed out, in seconds (TOK-06).
pub const RENEW_BEFORE_SECONDS: u64 = 30;

/// How long a sign-in lasts on this machine where the tenant's policy does not say, whatever the provider grants (POL-03). A person
/// who signs in once a month is not bothered; a stolen grant does not live for years.
pub const SESSION_TIME: Duration = Duration::from_secs(30 * 24 * 3600);

// --- Workloads -------------------------------------------------------------------------------------------------------------

/// Characters of an audience. The longest honest one names a provider of a pool of a project, in some 200.
pub const AUDIENCE_CHARS: usize = 512;

/// Bytes of an assertion. Tokens of a cloud that carry groups have some 8 KB.
pub const ASSERTION_BYTES: usize = 32 << 10;

/// An assertion that is good for longer than this is a secret that lasts (WKL-08). Platforms make them for minutes, some for a day.
pub const ASSERTION_TIME: Duration = Duration::from_secs(48 * 3600);

/// Time to connect to a service of the platform, which is on the same machine: elsewhere nobody answers, and that is soon known.
pub const PLATFORM_CONNECT_TIME: Duration = Duration::from_secs(2);

/// Time from the connection to the head of its reply. Azure's asks its directory the first time.
pub const PLATFORM_FIRST_BYTE_TIME: Duration = Duration::from_secs(10);

/// Time of one whole exchange with it.
pub const PLATFORM_EXCHANGE_TIME: Duration = Duration::from_secs(15);

/// How long a token is asked for that a platform makes to order, in seconds: it is exchanged at once.
pub const ASKED_ASSERTION_SECONDS: u32 = 300;

// --- The store -------------------------------------------------------------------------------------------------------------

/// Bytes of a sealed record. Tokens of 20 KB exist.
pub const RECORD_BYTES: u64 = 1 << 20;

/// Bytes of a tenant file.
pub const TENANT_FILE_BYTES: u64 = 64 << 10;

/// How long a process waits for another one that refreshes the same grant.
pub const LOCK_WAIT: Duration = Duration::from_secs(60);

/// How often a process that waits for a lock looks again. Shorter than a person notices, longer than a spin.
pub const LOCK_POLL: Duration = Duration::from_millis(10);

/// How long a desktop's key store may take to answer. One that starts up needs half a second; one that hangs must not hold a
/// sign-in.
pub const KEY_STORE_ANSWER: Duration = Duration::from_secs(2);

/// Bytes of `config.toml`: far more than its few lines.
pub const CONFIG_FILE_BYTES: u64 = 64 << 10;

/// Bytes of a file that keeps a secret: one line.
pub const SECRET_FILE_BYTES: u64 = 16 << 10;

/// What a provider was seen to offer is remembered this long (DISC-07). A year without a sign-in is a new beginning.
pub const PROTECTIONS_MAX_AGE: Duration = Duration::from_secs(365 * 86_400);

// --- The audit log ---------------------------------------------------------------------------------------------------------

/// Bytes of one record of the audit log. Sixty-four scopes, asked for and granted, of the greatest length fit.
pub const AUDIT_RECORD_BYTES: usize = 64 << 10;

/// Bytes of one file of the audit log: some six thousand records, which are read in a moment.
pub const AUDIT_FILE_BYTES: u64 = 4 << 20;

/// Bytes of all files of the audit log, of which the oldest is removed for a new one. A token that is asked for each minute fills them
/// in nine months, however many files they are in.
pub const AUDIT_BYTES: u64 = 64 * AUDIT_FILE_BYTES;

/// Full files of the audit log, however small: as many as one record can seal. Each new key begins a file, so a year of daily restarts
/// fits, where the key ends with them.
pub const AUDIT_FILES: u64 = 512;

/// Bytes of the file that says where the audit log ends.
pub const AUDIT_HEAD_BYTES: u64 = 4 << 10;

/// Records of one request to a collector: a few hundred kilobytes, which every collector takes.
pub const EXPORT_RECORDS: usize = 256;

/// Bytes of the lines of one request to a collector: the usual limit of what receives them is four megabytes, and each line is there twice.
pub const EXPORT_BYTES: usize = 512 << 10;

/// Characters of the name of a cursor.
pub const CURSOR_CHARS: usize = 32;

/// Bytes of the file of a cursor.
pub const CURSOR_BYTES: u64 = 1 << 10;

/// Seconds by which a record may be older than the one before it: processes take their time of day before they wait for each other,
/// and a clock that is set by the network goes back by less.
pub const CLOCK_STEP_SECONDS: u64 = 120;

/// Seconds in which sign-ins, renewals and tenants are counted.
pub const BURST_SECONDS: u64 = 600;

/// Sign-ins in that time that are a burst: a person who tries again and again has fewer.
pub const BURST_SIGN_INS: u32 = 10;

/// Renewals, derivations and exchanges in that time that are a burst: of a dozen tenants, each may be due twice.
pub const BURST_RENEWALS: u32 = 30;

/// Seconds in which tokens that are handed out are counted.
pub const BURST_RELEASES_SECONDS: u64 = 60;

/// Tokens in that time that are a burst: a busy `kubectl` takes one each second.
pub const BURST_RELEASES: u32 = 300;

/// Tenants whose credentials come or go in ten minutes that are many: nobody works for so many at once.
pub const MANY_TENANTS: usize = 20;

/// Seconds within which a refresh token that was good is not refused because it has expired.
pub const REUSE_SECONDS: u64 = 24 * 3600;

/// Tenants of which it is kept what is usual, those that were used last: more than a person has.
pub const WATCHED_TENANTS: usize = 256;

/// Bytes of the file that keeps it: all tenants at their bounds fit.
pub const WATCH_BYTES: u64 = 1 << 20;

// --- The terminal -------------------------------------------------------------------------------------------------------

/// Bytes of an answer at the terminal: a number, or a yes.
pub const ANSWER_BYTES: u64 = 1024;

/// How long what is under way has to notice an interrupt. It is late only if it waits for something that cannot be dropped: an answer
/// at the terminal, a compilation, a desktop's key store. Each file is replaced as a whole, so that nothing is lost by leaving.
pub const INTERRUPT_GRACE: Duration = Duration::from_millis(300);

// --- Step-up (RFC 9470) ---

/// A challenge of a resource server. Honest ones have a few hundred bytes, and with claims of their own a few thousand.
pub const CHALLENGE_BYTES: usize = 8 << 10;

/// How often a person is asked to sign in again for a resource's sake, within [`STEP_UP_TIME`]. A resource that is never satisfied must not
/// wear anybody down (RFC 9470 section 9).
pub const STEP_UPS: usize = 3;

/// See [`STEP_UPS`].
pub const STEP_UP_TIME: Duration = Duration::from_secs(600);

// --- Last use ---

/// How exactly it is known when a grant was last used. Writing it down at each use would cost more than the use.
pub const LAST_USE_GRAIN: Duration = Duration::from_secs(60);
