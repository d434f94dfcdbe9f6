// A real OpenID provider on loopback for the end-to-end tests: https://github.com/panva/node-oidc-provider
//
// Listens on 127.0.0.1 only. Prints one JSON line when it can be used, and one for each event that a test counts:
//
//   {"event":"ready","issuer":"http://127.0.0.1:43210"}
//   {"event":"grant.success","grant_type":"refresh_token","client_id":"cli"}
//
// Ends when its standard input ends, so that it never outlives the test that started it.

import * as crypto from 'node:crypto';
import * as http from 'node:http';
import Provider, { errors } from 'oidc-provider';

// What a test may choose. Everything else is the same in every run.
const settings = {
  /** 0: the operating system chooses, and the ready line says what. */
  port: number('PORT', 0),
  /** The paths of allowed redirect URIs: the host under test derives its own from the issuer. */
  redirectPaths: list('REDIRECT_PATHS', ['/callback']),
  /** Seconds. */
  accessTokenLifetime: number('TTL_ACCESS_TOKEN', 300),
  idTokenLifetime: number('TTL_ID_TOKEN', 300),
  refreshTokenLifetime: number('TTL_REFRESH_TOKEN', 86_400),
  codeLifetime: number('TTL_CODE', 60),
  deviceCodeLifetime: number('TTL_DEVICE_CODE', 600),
  /** RFC 9449, section 8: answer the first proof with a nonce to be repeated. */
  dpopNonce: flag('DPOP_NONCE'),
  /** RFC 9126, section 5: refuse authorization requests that were not pushed. */
  requirePushedRequests: flag('REQUIRE_PAR'),
  /** The public key, as a JWK, of the client `signing`: it authenticates by what that key has signed (RFC 7523, section 2.2). */
  clientKey: process.env.CLIENT_JWK ? JSON.parse(process.env.CLIENT_JWK) : undefined,
};

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

// The provider's own notices must not stand between the lines that tests read.
console.info = console.error;
console.log = console.error;

let issuer;
const server = http.createServer();
server.listen(settings.port, '127.0.0.1', () => {
  // The issuer names the port, so the provider is made once the port is known.
  issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  provider.registerGrantType(TOKEN_EXCHANGE, exchange, [
    'audience', 'scope', 'requested_token_type', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type',
  ]);
  report(provider);
  server.on('request', provider.callback());
  print({ event: 'ready', issuer });
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));

function configuration() {
  return {
    clients: clients(),
    jwks: signingKeys(),
    cookies: { keys: [crypto.randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'api:read', 'api:write'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount,
    rotateRefreshToken: true,
    // Otherwise tokens live 15 seconds longer than they say, and tests of expiry would have to wait for that.
    clockTolerance: 0,
    // As draft-ietf-oauth-rfc7523bis has it: typed, and for the issuer alone. By itself the provider takes more than that.
    assertJwtClientAuthClaimsAndHeader(_context, claims, header) {
      if (header.typ !== 'client-authentication+jwt') throw new errors.InvalidClientAuth('the assertion is of no type');
      if (claims.aud !== issuer) throw new errors.InvalidClientAuth('the assertion is for somebody else');
      if (!(claims.exp - claims.iat <= 600)) throw new errors.InvalidClientAuth('the assertion is good for long');
    },
    ttl: {
      AccessToken: settings.accessTokenLifetime,
      ClientCredentials: settings.accessTokenLifetime,
      AuthorizationCode: settings.codeLifetime,
      DeviceCode: settings.deviceCodeLifetime,
      Grant: settings.refreshTokenLifetime,
      IdToken: settings.idTokenLifetime,
      Interaction: 3600,
      RefreshToken: settings.refreshTokenLifetime,
      Session: 3600,
    },
    features: {
      // Plain forms for login and consent: any name signs in, with any password.
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      dPoP: {
        enabled: true,
        nonceSecret: crypto.randomBytes(32),
        requireNonce: () => settings.dpopNonce,
      },
      introspection: { enabled: true, allowedPolicy: (ctx, client) => client.clientId === 'rs' },
      pushedAuthorizationRequests: {
        enabled: true,
        requirePushedAuthorizationRequests: settings.requirePushedRequests,
      },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      rpInitiatedLogout: { enabled: true },
    },
  };
}

function clients() {
  // RFC 8252, sections 7.3 and 8.4: a native, public client, whose loopback redirect may use any port.
  const native = {
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    response_types: ['code'],
    redirect_uris: settings.redirectPaths.flatMap((path) => [`http://127.0.0.1${path}`, `http://[::1]${path}`]),
  };
  return [
    { client_id: 'cli', ...native },
    { client_id: 'cli-dpop', ...native, dpop_bound_access_tokens: true },
    ...signingClient(native),
    // The resource server, which asks whether a token is alive (RFC 7662).
    {
      client_id: 'rs',
      client_secret: 'resource-server-secret',
      token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    },
  ];
}

/** A client that has a key, and uses it wherever it authenticates. */
function signingClient(native) {
  if (!settings.clientKey) return [];
  return [{
    ...native,
    client_id: 'signing',
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: settings.clientKey.kty === 'OKP' ? 'EdDSA' : 'ES256',
    grant_types: [...native.grant_types, 'client_credentials', TOKEN_EXCHANGE],
    jwks: { keys: [settings.clientKey] },
  }];
}

/**
 * RFC 8693, strictly: an access token of the same client for one for somebody else, with no more scopes and no longer a life. The
 * provider has no such grant by itself, but takes one.
 */
async function exchange(ctx) {
  const { params, client, provider } = ctx.oidc;
  if (params.subject_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest('subject_token_type must be that of an access token');
  if (params.requested_token_type !== ACCESS_TOKEN) throw new errors.InvalidRequest('requested_token_type must be that of an access token');
  if (!params.audience) throw new errors.InvalidRequest('an audience is needed');
  if (params.actor_token || params.actor_token_type) throw new errors.InvalidRequest('nobody acts for anybody here');
  const subject = await provider.AccessToken.find(params.subject_token);
  if (!subject || subject.clientId !== client.clientId) throw new errors.InvalidGrant('the subject token is not good');
  const had = new Set(subject.scope?.split(' '));
  const wanted = params.scope ? params.scope.split(' ') : [...had];
  if (wanted.some((scope) => !had.has(scope))) throw new errors.InvalidScope('more than the subject has', params.scope);
  const left = subject.exp - Math.floor(Date.now() / 1000);
  const token = new provider.AccessToken({
    accountId: subject.accountId,
    client,
    grantId: subject.grantId,
    gty: 'token_exchange',
    scope: wanted.join(' ') || undefined,
    expiresIn: Math.min(left, settings.accessTokenLifetime),
    extra: { audience: params.audience },
  });
  ctx.oidc.entity('AccessToken', token);
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: ACCESS_TOKEN,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

/** New in each run, so that nothing can be signed by a key that stands in a repository. */
function signingKeys() {
  const key = (alg, type, options) => {
    const { privateKey } = crypto.generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
  };
  return { keys: [key('RS256', 'rsa', { modulusLength: 2048 }), key('ES256', 'ec', { namedCurve: 'P-256' })] };
}

async function findAccount(_context, sub) {
  const claims = { sub, name: `User ${sub}`, preferred_username: sub, email: `${sub}@example.test`, email_verified: true };
  return { accountId: sub, claims: async () => claims };
}

/** Events that tests count go to standard output, reasons for a person to standard error. */
function report(provider) {
  provider.on('grant.success', ({ oidc }) => {
    print({ event: 'grant.success', grant_type: oidc.params.grant_type, client_id: oidc.client.clientId });
  });
  provider.on('grant.revoked', () => print({ event: 'grant.revoked' }));
  const failures = [
    'authorization.error',
    'grant.error',
    'introspection.error',
    'pushed_authorization_request.error',
    'revocation.error',
    'server_error',
    'userinfo.error',
  ];
  for (const event of failures) {
    provider.on(event, (_context, error) => {
      print({ event, error: error.error ?? error.name });
      console.error(event, error.error_description ?? error.message, error.error_detail ?? '');
    });
  }
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function number(name, otherwise) {
  const value = process.env[name] ? Number(process.env[name]) : otherwise;
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is no whole number`);
  return value;
}

function list(name, otherwise) {
  return process.env[name] ? process.env[name].split(',') : otherwise;
}

function flag(name) {
  return ['1', 'true'].includes(process.env[name]);
}
