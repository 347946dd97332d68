import { isLoggingIn, isPolicyWriting, type Policy } from '../backends/types.ts';
import type { BackendSettings, Settings } from '../config/types.ts';
import type { ClaimWish } from '../lib/choose-claims.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { quoted, visible } from '../lib/text.ts';
import type { SubjectToken } from '../lib/tokens.ts';
import { refsOf } from './collect.ts';
import { type Connection, connect } from './connection.ts';
import type { Hide } from './hide.ts';
import { readIdToken } from './session.ts';

/** A policy and whom it is for. */
export interface WrittenPolicy extends Policy {
  /** Type of the backend. */
  readonly backend: string;
  readonly title: string;
  /** `iss` of the token that it was made from. */
  readonly issuer: string;
}

/**
 * What the administrator of a backend has to configure so that this job's ID token is accepted and opens what was
 * asked for. Reads the token as the backend's configuration says and sends the backend nothing. Throws USAGE when it
 * is not clear which backend is meant, POLICY_IMPOSSIBLE (65), and what reading the token throws.
 */
export async function writePolicy(
  settings: Settings,
  wish: ClaimWish,
  invocation: Invocation,
  hide: Hide,
): Promise<WrittenPolicy> {
  const chosen = theBackend(settings);
  if (chosen.chained.some(({ key }) => key === 'token')) throw notOurs(chosen);
  const connection = await connect(chosen, settings.general, invocation, hide);
  try {
    const { backend, type } = connection;
    if (!isPolicyWriting(backend)) throw noneFor(connection);
    const subjectToken = await readIdToken(connection);
    const { audience } = chosen.token;
    const refs = refsOf(chosen.name, settings.secrets);
    const policy = await backend.writePolicy({ subjectToken, audience, refs, wish });
    const notes = [...tokenNotes(connection, subjectToken), ...policy.notes];
    const issuer = subjectToken.claims.iss ?? '';
    return { backend: type.type, title: type.title, issuer, documents: policy.documents, notes };
  } finally {
    await connection.close();
  }
}

/** The one that was named, else the one that holds the secrets, else the default. */
function theBackend({ backends, chosenBackend, defaultBackend, secrets }: Settings): BackendSettings {
  const [holding, ...more] = new Set(secrets.map(({ ref }) => ref.backend));
  const only = more.length === 0 ? (holding ?? defaultBackend) : undefined;
  const name = chosenBackend ?? only ?? (backends.length === 1 ? backends[0]?.name : undefined);
  const found = backends.find((backend) => backend.name === name);
  if (found !== undefined) return found;
  throw new SecretctlError('USAGE', 'a policy is for one backend, and several are configured', {
    hint: `name one with --backend: ${backends.map((backend) => visible(backend.name)).join(', ')}`,
  });
}

function notOurs({ name }: BackendSettings): SecretctlError {
  return new SecretctlError(
    'POLICY_IMPOSSIBLE',
    `the ID token of ${visible(name)} comes from another backend, so this job's says nothing of it`,
  );
}

function noneFor({ backend, type, settings }: Connection): SecretctlError {
  const why = isLoggingIn(backend)
    ? 'it takes no ID token, so no claim of one can be bound there'
    : 'what its server matches is not the same everywhere and not known here';
  return new SecretctlError('POLICY_IMPOSSIBLE', `no policy can be written for ${type.type}: ${why}`, {
    hint: `give its administrator the claims of the token (issuer, audience, subject) of the backend ${quoted(settings.name)}`,
  });
}

/** What no policy can mend. */
function tokenNotes({ type }: Connection, { header, claims }: SubjectToken): string[] {
  const { alg, kid } = header;
  const notes: string[] = [];
  if (!type.algorithms.includes(alg)) {
    notes.push(`WARNING: the token is signed with ${quoted(alg)}, which ${type.title} takes from nobody`);
  }
  if (kid === undefined) {
    notes.push(
      'WARNING: the header of the token has no "kid", so most servers cannot tell which key it is signed with',
    );
  }
  const absent = type.requiredClaims.filter((name) => !claims.all.members.has(name));
  if (absent.length > 0)
    notes.push(`WARNING: the token has no ${absent.join(', ')}, and ${type.title} takes none without`);
  return notes;
}
