import { numberMember, textMember } from '../../lib/json.ts';
import { namesAudience } from '../frame/id-token.ts';
import type { RehearsalWorld, ServerReply, ServerRequest, VerifiedToken } from '../types.ts';
import type { AwsOptions } from './options.ts';
import { escaped, REQUEST, stsFailure, xml } from './replies.ts';
import type { Session, Sessions } from './sessions.ts';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
const FORM = 'application/x-www-form-urlencoded';
const LEEWAY_SECONDS = 300;

/** STS with one identity provider, of this rehearsal's issuer, and one role bound to this job (pam-cloud.md, 4.1). */
export async function assumeRole(
  request: ServerRequest,
  world: RehearsalWorld,
  options: AwsOptions,
  sessions: Sessions,
): Promise<ServerReply> {
  const form = formIn(request);
  if (form === undefined) return stsFailure(400, 'MalformedInput', 'the request is no form');
  if (form.get('Action') !== 'AssumeRoleWithWebIdentity' || form.get('Version') !== '2011-06-15') {
    return stsFailure(400, 'InvalidAction', 'Could not find operation for this version');
  }
  // It takes no signature, and one that is there is checked.
  if (request.headers['authorization'] !== undefined) {
    return stsFailure(403, 'InvalidClientTokenId', 'The security token included in the request is invalid');
  }
  const complaint = invalidIn(form, options);
  if (complaint !== undefined) return stsFailure(400, 'ValidationError', complaint);
  const verified = await world.verify(form.get('WebIdentityToken') ?? '', ALGORITHMS);
  const refused = refusalOf(verified, form, world, options);
  if (refused !== undefined) return stsFailure(refused.status, refused.code, refused.message);
  const session = sessions.issue(sessionArn(form, options), Number(form.get('DurationSeconds') ?? '3600'));
  return granted(session, verified, world);
}

function sessionArn(form: URLSearchParams, { role }: AwsOptions): string {
  const [, , , , account, path = ''] = role.split(':');
  return `arn:aws:sts::${account}:assumed-role/${path.replace(/^.*\//, '')}/${form.get('RoleSessionName')}`;
}

function refusalOf(
  verified: VerifiedToken | undefined,
  form: URLSearchParams,
  world: RehearsalWorld,
  options: AwsOptions,
): Refusal | undefined {
  if (verified === undefined) return UNVERIFIED;
  return tokenFault(verified, world) ?? trustFault(verified, form, world, options);
}

/** Whether it is this server's to answer. Clients differ in the slash behind an address. */
export function isExchange({ target }: ServerRequest): boolean {
  return /^\/sts\/?$/.test(target);
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const UNVERIFIED: Refusal = {
  status: 400,
  code: 'InvalidIdentityToken',
  message: 'Couldn\'t validate the signature of the token with the keys of the <identity provider> & its "jwks_uri"',
};

const NOT_AUTHORIZED: Refusal = {
  status: 403,
  code: 'AccessDenied',
  message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
};

function formIn({ method, headers, body }: ServerRequest): URLSearchParams | undefined {
  const type = headers['content-type']?.split(';', 1)[0];
  return method === 'POST' && type === FORM ? new URLSearchParams(body.toString('latin1')) : undefined;
}

/** What does not have the form that the API's model asks for, in its own words, which quote the value. */
function invalidIn(form: URLSearchParams, options: AwsOptions): string | undefined {
  const constraints: readonly (readonly [string, RegExp])[] = [
    ['RoleArn', /^arn:aws[\w-]*:iam::\d{12}:role\/[!-~]{1,}$/],
    ['RoleSessionName', /^[\w+=,.@-]{2,64}$/],
    ['WebIdentityToken', /^.{4,20000}$/s],
    ['DurationSeconds', /^\d{3,5}$/],
  ];
  for (const [name, pattern] of constraints) {
    const value = form.get(name) ?? (name === 'DurationSeconds' ? '3600' : '');
    if (pattern.test(value)) continue;
    const at = `${name[0]?.toLowerCase()}${name.slice(1)}`;
    return `1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint`;
  }
  const seconds = Number(form.get('DurationSeconds') ?? '3600');
  if (seconds < 900)
    return `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint`;
  const isLong = seconds > options['longest-session'];
  return isLong ? 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.' : undefined;
}

function tokenFault({ claims }: VerifiedToken, world: RehearsalWorld): Refusal | undefined {
  const [exp, iat] = [numberMember(claims, 'exp'), numberMember(claims, 'iat')];
  const now = Math.floor(world.now() / 1000);
  if (exp === undefined || iat === undefined) return invalid('Missing a required claim: exp or iat');
  if (exp < now) {
    const message = `Token expired: current date/time ${now} must be before the expiration date/time ${exp}`;
    return { status: 400, code: 'ExpiredTokenException', message };
  }
  if (iat > now + LEEWAY_SECONDS) return invalid('The ID Token was issued in the future');
  const issuer = textMember(claims, 'iss');
  if (issuer !== world.issuer) return invalid('No OpenIDConnect provider found in your account for this issuer');
  return namesAudience(claims, world.audience) ? undefined : invalid('Incorrect token audience');
}

/** The trust policy: the identity provider as principal, and `StringEquals` on `aud` and `sub`. */
function trustFault(
  { claims }: VerifiedToken,
  form: URLSearchParams,
  world: RehearsalWorld,
  options: AwsOptions,
): Refusal | undefined {
  const isRole = form.get('RoleArn') === options.role;
  const isSubject = textMember(claims, 'sub') === world.boundClaims['sub'];
  return isRole && isSubject ? undefined : NOT_AUTHORIZED;
}

function invalid(message: string): Refusal {
  return { status: 400, code: 'InvalidIdentityToken', message };
}

function granted(session: Session, verified: VerifiedToken | undefined, world: RehearsalWorld): ServerReply {
  const [id, name] = ['AROAREHEARSAL', session.arn.replace(/^.*\//, '')];
  const subject = escaped(textMember(verified?.claims, 'sub') ?? '');
  const end = new Date(session.endMs).toISOString().replace('.000Z', 'Z');
  return xml(
    200,
    `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <Audience>${escaped(world.audience)}</Audience>
    <AssumedRoleUser>
      <AssumedRoleId>${id}:${escaped(name)}</AssumedRoleId>
      <Arn>${escaped(session.arn)}</Arn>
    </AssumedRoleUser>
    <Provider>${escaped(world.issuer)}</Provider>
    <Credentials>
      <AccessKeyId>${session.accessKeyId}</AccessKeyId>
      <SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>
      <SessionToken>${session.sessionToken}</SessionToken>
      <Expiration>${end}</Expiration>
    </Credentials>
    <SubjectFromWebIdentityToken>${subject}</SubjectFromWebIdentityToken>
  </AssumeRoleWithWebIdentityResult>
  <ResponseMetadata><RequestId>${REQUEST}</RequestId></ResponseMetadata>
</AssumeRoleWithWebIdentityResponse>
`,
  );
}
