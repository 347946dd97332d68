import type { Outcome } from '../backends/types.ts';
import type { BackendSettings, Settings } from '../config/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { allOf } from '../lib/lanes.ts';
import type { SecretRef } from '../lib/secrets.ts';
import { visible } from '../lib/text.ts';
import { supplied, withGivers } from './chain.ts';
import { connect } from './connection.ts';
import type { Hide } from './hide.ts';
import type { OwnToken } from './revoke.ts';
import { openSession, type Session } from './session.ts';

/** The backends that one command needs, each logged in to at most once. */
export interface Sessions {
  /** One outcome per reference, in order; all of one backend. */
  fetchFrom(backend: string, refs: readonly SecretRef[]): Promise<readonly Outcome[]>;
  /** The access tokens so far that nobody else can use and that can be revoked. */
  own(): Promise<readonly OwnToken[]>;
  /** Checks in, closes all connections. */
  close(): Promise<void>;
}

/**
 * Opens these backends and those that give them settings. Nothing is sent yet, and every fault of any of them that can be
 * seen without a packet is thrown here; a backend that waits for another one's secrets gets them when it is first asked.
 */
export async function openSessions(
  names: Iterable<string>,
  settings: Settings,
  invocation: Invocation,
  hide: Hide,
): Promise<Sessions> {
  const { general } = settings;
  const backends = withGivers(names, settings);
  const waiting = backends.filter((backend) => backend.chained.length > 0);
  for (const backend of waiting) await probe(backend);
  const opened = new Map<string, Promise<Session>>();
  for (const backend of backends.filter((one) => !waiting.includes(one))) {
    opened.set(backend.name, openSession(backend, general, invocation, hide));
  }
  const sessionOf = (name: string): Promise<Session> => {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const backend = backends.find((one) => one.name === name);
    if (backend === undefined) throw new SecretctlError('INTERNAL', `the backend ${visible(name)} is not open`);
    const opening = supplied(backend, fetchFrom, hide).then((one) => openSession(one, general, invocation, hide));
    opened.set(name, opening);
    return opening;
  };
  const fetchFrom: Sessions['fetchFrom'] = async (name, refs) => (await sessionOf(name)).fetchSecrets(refs);
  const all = async (): Promise<readonly Session[]> => {
    const sessions = await Promise.allSettled(opened.values());
    return sessions.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  };
  const own = async (): Promise<readonly OwnToken[]> => (await all()).flatMap((session) => session.own());
  const close = async (): Promise<void> => {
    for (const session of await all()) await session.close();
  };
  try {
    await allOf([...opened.values()]);
    return { fetchFrom, own, close };
  } catch (error) {
    await close();
    throw error;
  }

  /** What is wrong with its files and addresses is wrong whatever another backend gives it. */
  async function probe(backend: BackendSettings): Promise<void> {
    await (await connect(backend, general, invocation, hide)).close();
  }
}
