import type { RehearsalWorld } from '../types.ts';

/** Temporary credentials that were handed out. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since 1970. */
  readonly endMs: number;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/NAME` */
  readonly arn: string;
}

/** All of them. */
export interface Sessions {
  issue(arn: string, seconds: number): Session;
  find(accessKeyId: string): Session | undefined;
  forgetAll(): void;
  endAll(): void;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** None yet. */
export function openSessions(world: RehearsalWorld): Sessions {
  const out = new Map<string, Session>();
  return {
    issue(arn, seconds) {
      const accessKeyId = `ASIA${[...world.random(16)].map((byte) => BASE32[byte % 32]).join('')}`;
      const session = {
        accessKeyId,
        secretAccessKey: world.random(30).toString('base64'),
        sessionToken: `IQoJ${world.random(240).toString('base64')}`,
        endMs: Math.floor(world.now() / 1000 + seconds) * 1000,
        arn,
      };
      out.set(accessKeyId, session);
      return session;
    },
    find: (accessKeyId) => out.get(accessKeyId),
    forgetAll: () => out.clear(),
    endAll() {
      for (const [id, session] of out) out.set(id, { ...session, endMs: 0 });
    },
  };
}
