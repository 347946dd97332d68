import { backendType } from '../../src/backends/index.ts';
import { isPolicyWriting, type Policy } from '../../src/backends/types.ts';
import type { ClaimWish } from '../../src/lib/choose-claims.ts';
import { type BackendSetup, rehearseBackend, type RehearsedBackend, refs } from './rehearsed-backend.ts';

/** What differs from an ordinary policy. */
export interface PolicySetup extends BackendSetup {
  readonly wish?: Partial<ClaimWish>;
  /** References to what the job may read. */
  readonly reads?: readonly string[];
}

/** A policy, and the server that it was made for, which does not have it. */
export async function writtenPolicy(
  type: string,
  { wish = {}, reads = [], ...setup }: PolicySetup = {},
): Promise<{ readonly policy: Policy; readonly made: RehearsedBackend }> {
  const row = backendType(type);
  if (row === undefined) throw new Error(`there is no backend ${type}`);
  const made = await rehearseBackend(row, setup);
  if (!isPolicyWriting(made.backend)) throw new Error(`${type} writes no policy`);
  const policy = await made.backend.writePolicy({
    subjectToken: await made.idToken(),
    audience: undefined,
    refs: refs(...reads),
    wish: { identity: undefined, claims: undefined, ...wish },
  });
  return { policy, made };
}

/** The same job again, at a server that has loaded the policy that was written for it, or the given one. */
export async function withItsPolicy(type: string, setup: PolicySetup = {}): Promise<RehearsedBackend> {
  const { policy: given, ...first } = setup;
  const { policy, made } = await writtenPolicy(type, first);
  const row = backendType(type);
  if (row === undefined) throw new Error(`there is no backend ${type}`);
  const { wish: _, reads: __, ...again } = first;
  const file = given ?? { backend: type, issuer: made.rehearsal.issuer, documents: policy.documents };
  return rehearseBackend(row, { ...again, policy: file });
}
