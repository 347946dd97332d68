import { addAbortSignal, type Readable } from 'node:stream';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import { LONGEST_TOKEN, readToken } from '../lib/jwt.ts';
import { Sensitive } from '../lib/sensitive.ts';
import type { TokenSource } from './types.ts';

const ORIGIN = 'standard input';

/** Standard input, read to its end, at most a token's length. */
export const stdinSource: TokenSource = {
  name: ORIGIN,
  async find(token, invocation) {
    if (token.stdin !== true) return { here: false, reason: 'not asked for (--token-stdin)' };
    return readToken(await onlyOnce(invocation), ORIGIN);
  },
};

/** Standard input can be read once, and two backends may both take their token from it. */
const reads = new WeakMap<Readable, Promise<Sensitive>>();

function onlyOnce(invocation: Invocation): Promise<Sensitive> {
  const { stdin } = invocation.runtime;
  const begun = reads.get(stdin) ?? readStart(invocation);
  reads.set(stdin, begun);
  return begun;
}

async function readStart({ runtime: { stdin }, deadline }: Invocation): Promise<Sensitive> {
  if (stdin.isTTY === true) {
    throw new SecretctlError('TOKEN_MISSING', 'standard input is a terminal, and no token is typed there', {
      hint: 'pipe the ID token in, or name a variable (--token-env) or file (--token-file)',
    });
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const stream: AsyncIterable<Uint8Array> = addAbortSignal(deadline.signal, stdin);
    for await (const bytes of stream) {
      chunks.push(bytes);
      length += bytes.length;
      if (length > LONGEST_TOKEN + 2) break;
    }
  } catch {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    throw new SecretctlError('TOKEN_FILE', 'no ID token can be read from standard input', {
      hint: 'pipe the ID token in, or name a variable (--token-env) or file (--token-file)',
    });
  }
  return new Sensitive(Buffer.concat(chunks));
}
