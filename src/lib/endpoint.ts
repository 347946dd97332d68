import { SettingFault } from './settings.ts';
import { isPrintableAscii, quoted } from './text.ts';

/** A URL that no token may be sent to. Unlike other faults it shows the URL, escaped and without credentials and query. */
export class EndpointFault extends SettingFault {
  readonly reason: 'PLAIN_HTTP' | 'URL_CREDENTIALS' | 'URL_INVALID';

  constructor(reason: EndpointFault['reason'], phrase: string) {
    super(phrase);
    this.name = 'EndpointFault';
    this.reason = reason;
  }
}

/** What an endpoint must be, completing "must be …". */
export const ENDPOINT_TAKES = 'a URL such as https://host.example/path';

/**
 * The URL of an endpoint: `https:`, or `http:` to this machine; no credentials, query, fragment, dot segments,
 * backslashes or control characters, raw or percent-encoded. Throws {@link EndpointFault} (security.md, section 5
 * and rows 26 to 28).
 */
export function readEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    const isBare = text !== '' && !text.includes('://');
    throw new EndpointFault('URL_INVALID', `${ENDPOINT_TAKES}${isBare ? '; "https://" is missing' : ''}`);
  }
  if (text.includes('@')) throw credentials(text, url);
  const oddity = oddityOf(text);
  if (oddity !== undefined) {
    throw new EndpointFault('URL_INVALID', `a URL without ${oddity} (here: ${quoted(withoutQuery(text))})`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new EndpointFault(
      'PLAIN_HTTP',
      `an https: URL (here: ${quoted(text)}); plain http: is for this machine only`,
    );
  }
  return url;
}

/**
 * An "@" anywhere is taken for the end of credentials: in front of one that stands behind a slash, or of a second one,
 * the parser sees a host and a path where somebody wrote a password. Only where it is clear what they are is the rest shown.
 */
function credentials(text: string, url: URL): EndpointFault {
  const isClear = text.indexOf('@') === text.lastIndexOf('@') && (url.username !== '' || url.password !== '');
  const shown = isClear ? ` (here: ${quoted(`${url.protocol}//${url.host}${url.pathname}`)})` : '';
  return new EndpointFault('URL_CREDENTIALS', `a URL without user name and password${shown}`);
}

/** Whether a host name as `URL` writes it means this machine: 127.0.0.0/8, ::1 or `localhost`. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/**
 * The name under which a machine of Google's reaches its own metadata server: link-local, and without TLS. The only host
 * besides this machine that is ever asked so, and only for what it signs: nothing secret is sent to it.
 */
export const METADATA_HOST = 'metadata.google.internal';

/** What servers and proxies read differently from what the URL parser makes of it. */
const ODDITIES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\\|%5c/i, 'a backslash'],
  [/#/, 'a fragment ("#")'],
  [/\?/, 'a query ("?")'],
  [/%(?:0[0-9a-f]|1[0-9a-f]|7f)/i, 'encoded control characters'],
  [/%2f/i, 'an encoded slash'],
  [/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i, '"." or ".." in its path'],
  [/%(?![0-9a-f]{2})/i, 'a stray "%"'],
];

function oddityOf(text: string): string | undefined {
  const isPlain = isPrintableAscii(text) && !text.includes(' ');
  if (!isPlain && /[\p{Cc}\p{Zl}\p{Zp} ]/u.test(text)) return 'control characters or spaces';
  return ODDITIES.find(([pattern]) => pattern.test(text))?.[1];
}

/** A query or fragment may hold a secret: what follows its sign is not shown. */
function withoutQuery(text: string): string {
  const end = text.search(/[?#]/);
  return end < 0 ? text : `${text.slice(0, end + 1)}…`;
}
