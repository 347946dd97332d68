import { request } from 'node:https';
import type { Rehearsal } from '../../src/dev/index.ts';

/** An answer of a rehearsal's server. */
export interface CallAnswer {
  readonly status: number;
  readonly type: string;
  /** Lower-case names; only those that came once. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** How a request is sent. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request to the strict server, past our own HTTP client; its certificate is checked against the rehearsal's CA. */
export function call(
  rehearsal: Rehearsal,
  method: string,
  target: string,
  options: CallOptions = {},
): Promise<CallAnswer> {
  const { body = '', headers = {} } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      `${rehearsal.url}${target}`,
      { method, ca: rehearsal.caPem, agent: false, headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            type: incoming.headers['content-type'] ?? '',
            headers: Object.fromEntries(
              Object.entries(incoming.headersDistinct).map(([name, values = []]) => [
                name,
                values.length === 1 ? values[0] : undefined,
              ]),
            ),
            text: Buffer.concat(parts).toString('utf8'),
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
