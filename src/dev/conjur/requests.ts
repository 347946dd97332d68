import type { ServerRequest } from '../types.ts';

/** A request below the base path, not yet decoded. */
export interface RoutedRequest {
  readonly request: ServerRequest;
  /** Raw path segments. */
  readonly segments: readonly string[];
  /** Decoded query, the last value of each name. */
  readonly query: ReadonlyMap<string, string>;
}

/** Takes a request apart on its raw path; a word where no route can match, or where the query is broken. */
export function routed(request: ServerRequest, basePath: string): RoutedRequest | 'no-route' | 'bad-request' {
  const [path = '', query = ''] = splitOnce(request.target, '?');
  if (basePath !== '' && path !== basePath && !path.startsWith(`${basePath}/`)) return 'no-route';
  const below = path.slice(basePath.length);
  if (!below.startsWith('/') && below !== '') return 'no-route';
  const segments = below === '' || below === '/' ? [] : below.slice(1).split('/');
  // A doubled slash, or one at the end.
  if (segments.includes('')) return 'no-route';
  const fields = parseForm(query);
  return fields === undefined ? 'bad-request' : { request, segments, query: fields };
}

/** `application/x-www-form-urlencoded` text as Rack reads it; undefined for a malformed escape. */
export function parseForm(form: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const pair of form.split('&')) {
    if (pair === '') continue;
    const [rawName, rawValue = ''] = splitOnce(pair, '=');
    const name = decoded(rawName.replaceAll('+', ' '));
    const value = decoded(rawValue.replaceAll('+', ' '));
    if (name === undefined || value === undefined) return undefined;
    fields.set(name, value);
  }
  return fields;
}

/** Percent-decoded; `+` stays. Undefined for a malformed escape. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): [string, string] | [string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
