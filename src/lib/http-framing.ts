import type { Call } from './http-call.ts';
import { type Fault, finalFault } from './http-fault.ts';
import { quoted } from './text.ts';

/** By lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/** Lower-case names; the values of a repeated one joined with `, ` (RFC 9110 5.3). `raw` alternates names and values. */
export function headersOf(
  raw: readonly (Buffer | string)[] | Readonly<Record<string, unknown>> | null | undefined,
): Headers {
  const list: readonly (Buffer | string)[] = Array.isArray(raw) ? raw : [];
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < list.length; index += 2) {
    const name = text(list[index]).toLowerCase();
    const value = text(list[index + 1]).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/**
 * Why the body that these headers announce is not read; undefined when it may be: the status is no redirect, the body
 * has its end marked, once, is not encoded and not too big (security.md, section 5, "redirects", "compression",
 * "framing", "sizes").
 */
export function bodyRule(call: Call, status: number, headers: Headers): Fault | undefined {
  if (status < 400 && status >= 300) return redirect(call, status, headers['location']);
  const encoding = encodingFault(headers['content-encoding'], call.contentEncoding);
  if (encoding !== undefined) return finalFault('ENCODING_REFUSED', `the answer to ${call.shown} ${encoding}`);
  // Answers without content (RFC 9110 15.3.5).
  if (status === 204) return undefined;
  const framing = framingFault(headers);
  if (framing !== undefined) return finalFault('FRAMING', `the answer to ${call.shown} ${framing}`);
  if (Number(headers['content-length'] ?? 0) > call.maxAnswerBytes) {
    return finalFault('RESPONSE_TOO_BIG', `the answer to ${call.shown} is larger than ${call.maxAnswerBytes} bytes`);
  }
  return undefined;
}

function encodingFault(encoding: string | undefined, asked: string | undefined): string | undefined {
  const name = encoding?.toLowerCase() ?? '';
  if (name === '' || name === 'identity' || name === asked?.toLowerCase()) return undefined;
  return `is encoded as ${quoted(name)}, which was not asked for`;
}

/** RFC 9112 6.3. A body that ends with the connection cannot be told from one that was cut. */
function framingFault(headers: Headers): string | undefined {
  const length = headers['content-length'];
  const transfer = headers['transfer-encoding'];
  if (length !== undefined && transfer !== undefined) return 'announces its length in two ways';
  if (transfer !== undefined)
    return transfer.toLowerCase() === 'chunked' ? undefined : 'has a transfer encoding other than chunked';
  if (length === undefined) return 'does not say where it ends';
  return /^[0-9]{1,15}$/.test(length) ? undefined : 'announces a length that is not one number';
}

/** Where the server wants the request to go is shown as far as its origin: the rest may carry a token. */
function redirect(call: Call, status: number, location: string | undefined): Fault {
  const base = new URL(call.path, call.endpoint);
  const target = location !== undefined && URL.canParse(location, base.href) ? new URL(location, base.href) : undefined;
  const where =
    target === undefined
      ? 'without saying where to'
      : `to ${target.origin === 'null' ? target.protocol : target.origin}`;
  return finalFault(
    'REDIRECT_REFUSED',
    `${call.shown} was redirected ${where} (status ${status}); redirects are never followed`,
    {
      hint: "if that is the right server, make it the backend's URL",
    },
  );
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '');
}
