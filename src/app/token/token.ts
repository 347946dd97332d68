import { backendType } from '../../backends/index.ts';
import type { BackendType } from '../../backends/types.ts';
import type { BackendSettings, JobToken, Settings } from '../../config/types.ts';
import { SecretctlError } from '../../lib/errors.ts';
import type { Invocation } from '../../lib/invocation.ts';
import type { TokenRules } from '../../lib/jwt.ts';
import { visible } from '../../lib/text.ts';
import type { SubjectToken } from '../../lib/tokens.ts';
import { findSubjectToken } from '../../sources/index.ts';
import type { TokenSettings, ToAsk } from '../../sources/types.ts';
import type { Hide } from '../hide.ts';
import { ASYMMETRIC, type Verification, verifyToken } from './verify-token.ts';

/** What `token` is to find out. */
export interface TokenQuestion {
  /** Hold the signature against the issuer's published keys. */
  readonly verify: boolean;
  /** Where those are, when the issuer is not to be asked. */
  readonly keysUrl: URL | undefined;
}

/** What there is to say about this job's ID token. Nothing in it is the token. */
export interface TokenFacts {
  /** The token, or how it would be asked for under `--dry-run`. */
  readonly found: SubjectToken | ToAsk;
  /** What the configuration says about it. */
  readonly expected: TokenSettings;
  /** The backend that it is for; undefined where none in particular is. */
  readonly backend: { readonly name: string; readonly type: BackendType } | undefined;
  /** Undefined when nobody asked for it. */
  readonly verification: Verification | undefined;
  /** This machine's clock when it was read, milliseconds since 1970. */
  readonly nowMs: number;
}

/**
 * Reads this job's ID token as `fetch` would, and verifies it if that is asked for. Sends nothing but what the source of
 * the token needs and, to verify, two GETs to its issuer; under `--dry-run` nothing at all. Throws what reading the token
 * throws, and USAGE where it is not clear which one is meant; what is wrong with it is a fact.
 */
export async function examineToken(
  settings: Settings,
  question: TokenQuestion,
  invocation: Invocation,
  hide: Hide,
): Promise<TokenFacts> {
  const { job, backend } = meantToken(settings);
  const facts = { expected: job.token, backend, verification: undefined };
  const found = await findSubjectToken(job.token, { ...invocation, hide });
  const { runtime } = invocation;
  if ('ask' in found && settings.general.dryRun) return { ...facts, found, nowMs: runtime.now() };
  const idToken = 'ask' in found ? await found.ask() : found;
  hide('ID token', idToken.jwt);
  const nowMs = runtime.now();
  if (!question.verify || settings.general.dryRun) return { ...facts, found: idToken, nowMs };
  const ca = await trusted(job, invocation);
  const asked = { keysUrl: question.keysUrl, ca };
  const verification = await verifyToken(idToken, rulesFor(job.token, backend?.type), asked, invocation);
  return { ...facts, found: idToken, verification, nowMs };
}

interface Meant {
  readonly job: JobToken;
  readonly backend: TokenFacts['backend'];
}

/** The token of the backend that is meant; where that is not said, the one that all of them have. */
function meantToken({ backends, defaultBackend, jobToken }: Settings): Meant {
  if (jobToken !== undefined) return { job: jobToken, backend: undefined };
  const meant = backends.find(({ name }) => name === defaultBackend);
  if (meant !== undefined) return { job: ofBackend(meant), backend: takerOf(meant) };
  const [first, ...others] = backends;
  const isSame = others.every((one) => JSON.stringify(ofBackend(one)) === JSON.stringify(first && ofBackend(first)));
  if (first !== undefined && isSame) return { job: ofBackend(first), backend: undefined };
  const names = backends.map(({ name }) => visible(name)).join(', ');
  throw new SecretctlError('USAGE', `the backends take different ID tokens: ${names}`, {
    hint: 'say whose is meant with --backend NAME',
  });
}

function ofBackend({ name, token, tls, chained }: BackendSettings): JobToken {
  const giver = chained.find(({ key }) => key === 'token');
  if (giver !== undefined) {
    throw new SecretctlError('USAGE', `the ID token of ${visible(name)} is a secret of another backend`, {
      hint: `--backend ${visible(giver.ref.backend)} shows the one that the job has`,
    });
  }
  return { token, tls: { ca: tls.ca, caFile: tls.caFile } };
}

/** A product that takes no ID token demands nothing of it. */
function takerOf({ name, type: word }: BackendSettings): TokenFacts['backend'] {
  const type = backendType(word);
  return type === undefined || type.algorithms.length === 0 ? undefined : { name, type };
}

function rulesFor({ audience, issuer }: TokenSettings, type: BackendType | undefined): TokenRules {
  return {
    algorithms: type?.algorithms ?? ASYMMETRIC,
    requiredClaims: type?.requiredClaims ?? ['iss'],
    longestTokenSeconds: type?.longestTokenSeconds,
    audience,
    issuer,
    toLoopback: false,
  };
}

/** A company's own certificates are often those of its backend and of its CI: they are trusted besides the usual ones. */
async function trusted(
  { tls }: JobToken,
  { runtime }: Invocation,
): Promise<{ readonly pem: string; readonly origin: string } | undefined> {
  if (tls.ca === undefined && tls.caFile === undefined) return undefined;
  const { certificateAuthority, besidesUsualRoots } = await import('../../lib/pem.ts');
  const own = certificateAuthority(tls, runtime);
  return own === undefined ? undefined : besidesUsualRoots(own);
}
