import { jsonIn, textMember } from '../../lib/json.ts';
import type { RehearsalWorld, ServerReply } from '../types.ts';
import { envelope, failure } from './replies.ts';

/** Answers that wait for whoever holds their wrapping tokens (conjur-vault.md, 3.6). */
export interface Wrappings {
  /** The same answer, wrapped if the request asks for it and it is a success. */
  wrap(reply: ServerReply, asked: Asked): ServerReply;
  /** What a token was made for; it can be used all the same. */
  lookUp(body: Buffer): ServerReply;
  /** The answer that was wrapped, once. */
  open(token: string): ServerReply;
  isWrapping(token: string): boolean;
}

/** What is wrapped: an answer to a request at this place, for so long as its header says. */
export interface Asked {
  readonly place: string;
  /** `X-Vault-Wrap-TTL`; undefined where it is not to be wrapped. */
  readonly time: string | undefined;
  /** Whether somebody has to approve before it can be opened, and nobody does. */
  readonly isHeld: boolean;
}

interface Wrapping {
  readonly reply: ServerReply;
  readonly endMs: number;
  readonly info: Readonly<Record<string, string | number>>;
}

const NOT_VALID = 'wrapping token is not valid or does not exist';
const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** None is wrapped yet. */
export function openWrappings(world: RehearsalWorld): Wrappings {
  const all = new Map<string, Wrapping>();
  const find = (token: string): Wrapping | undefined => {
    const found = all.get(token);
    return found === undefined || found.endMs <= world.now() ? undefined : found;
  };
  return {
    wrap(reply, { place, time, isHeld }) {
      if (time === undefined || reply.status >= 300) return reply;
      const seconds = secondsIn(time);
      if (seconds === undefined) return failure(400, 'error parsing wrap TTL');
      const token = `hvs.${world.random(24).toString('base64url')}`;
      const info = {
        ttl: seconds,
        creation_time: new Date(world.now()).toISOString(),
        creation_path: place,
      };
      if (!isHeld) all.set(token, { reply, endMs: world.now() + seconds * 1000, info });
      return envelope({ wrapInfo: { token, accessor: 'rehearsal-wrapping', ...info } });
    },
    lookUp(body) {
      const found = find(textMember(jsonIn(body), 'token') ?? '');
      if (found === undefined) return failure(400, NOT_VALID);
      const { ttl, ...rest } = found.info;
      return envelope({ data: JSON.stringify({ creation_ttl: ttl, ...rest }) });
    },
    open(token) {
      const found = find(token);
      all.delete(token);
      return found === undefined ? failure(400, NOT_VALID) : found.reply;
    },
    isWrapping: (token) => all.has(token),
  };
}

function secondsIn(time: string): number | undefined {
  const parts = /^(?<count>[1-9]\d{0,8})(?<unit>[smh]?)$/.exec(time)?.groups;
  if (parts === undefined) return undefined;
  return Number(parts['count']) * (UNITS[parts['unit'] ?? ''] ?? 1);
}
