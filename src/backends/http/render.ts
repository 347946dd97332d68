import { SecretctlError } from '../../lib/errors.ts';
import type { HttpRequest } from '../../lib/http.ts';
import { Sensitive } from '../../lib/sensitive.ts';
import { visible } from '../../lib/text.ts';
import type { JsonTemplate, Recipe, Request } from './recipe.ts';
import { onlyPlaceholder, type Placeholder, shownTemplate, type Template } from './template.ts';
import { asItIs, fill, type Filled, isList, type Values } from './values.ts';

/** What distinguishes one request from another; where it goes and how much may come back is the sender's to add. */
export type Target = Pick<HttpRequest, 'method' | 'path' | 'label' | 'headers' | 'secretHeaders' | 'retry'> & {
  readonly body?: Sensitive;
};

/**
 * A request with its values in place, each in the encoding of its place; an entry one of whose values is missing is left
 * out. Throws REFERENCE_INVALID for a value that no path can hold. `path` stands in for the request's own.
 */
export function render(request: Request, values: Values, path = pathOf(request, values)): Target {
  const body = bodyOf(request, values);
  const texts = Object.entries(request.headers).flatMap(([name, template]) => {
    const filled = fill(template, values, asItIs);
    return filled === undefined ? [] : [[name.toLowerCase(), filled] as const];
  });
  const headers = { accept: ACCEPTED[request.answer], ...(body !== undefined && { 'content-type': body.type }) };
  return {
    method: request.method ?? (body === undefined ? 'GET' : 'POST'),
    path,
    label: labelOf(request),
    headers: { ...headers, ...openHeaders(texts) },
    secretHeaders: secretHeaders(texts),
    retry: request.repeat ? 'all' : 'none',
    ...(body !== undefined && { body: new Sensitive(body.text) }),
  };
}

const ACCEPTED = { json: 'application/json', text: '*/*', bytes: '*/*', none: '*/*' } as const;

/** The headers that carry the access token with every request after the login. */
export function authorizationHeaders({ authorization }: Recipe, values: Values): Readonly<Record<string, Sensitive>> {
  const { headers, basic, cookies } = authorization;
  const given: (readonly [string, Sensitive])[] = [];
  for (const [name, template] of Object.entries(headers)) {
    const filled = fill(template, values, asItIs);
    if (filled !== undefined) given.push([name.toLowerCase(), new Sensitive(filled.text)]);
  }
  const [user, password] = [basic?.user, basic?.password].map((part) => part && fill(part, values, asItIs)?.text);
  if (user !== undefined && password !== undefined) {
    // RFC 7617, 2: the first colon ends the name.
    if (user.includes(':')) throw unfit('the user of Basic authentication has a colon');
    given.push(['authorization', new Sensitive(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`)]);
  }
  const pairs = Object.entries(cookies).flatMap(([name, template]) => {
    const filled = fill(template, values, cookieText);
    return filled === undefined ? [] : [`${name}=${filled.text}`];
  });
  if (pairs.length > 0) given.push(['cookie', new Sensitive(pairs.join('; '))]);
  return Object.fromEntries(given);
}

/** RFC 6265 4.1.1: what would end a cookie's value is encoded. */
function cookieText(text: string): string {
  return text.replaceAll(/[^\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/gu, encodeURIComponent);
}

function openHeaders(texts: readonly (readonly [string, Filled])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.filter(([, { isSecret }]) => !isSecret).map(([name, { text }]) => [name, headerSafe(name, text)]),
  );
}

function secretHeaders(texts: readonly (readonly [string, Filled])[]): Readonly<Record<string, Sensitive>> {
  return Object.fromEntries(
    texts.filter(([, { isSecret }]) => isSecret).map(([name, { text }]) => [name, new Sensitive(text)]),
  );
}

function headerSafe(name: string, text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  throw new SecretctlError(
    'REFERENCE_INVALID',
    `a value for the header ${visible(name)} has characters that none can hold`,
  );
}

/** Path and query. */
export function pathOf({ path, query }: Request, values: Values): string {
  const filled = path === undefined ? undefined : fill(path, values, segment);
  const target = filled?.text ?? '/';
  if (path !== undefined && filled === undefined) throw unfit(`${shownTemplate(path)} lacks a value`);
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(target)) throw unfit('"." and ".." cannot be parts of a path');
  const pairs = Object.entries(query).flatMap(([name, template]) => queryPairs(name, template, values));
  return pairs.length === 0 ? target : `${target}?${pairs.join('&')}`;
}

function segment(text: string, { filter }: Placeholder): string {
  const parts = filter === 'segments' ? text.split('/') : [text];
  if (parts.includes('') || !text.isWellFormed()) throw unfit('a path has no empty parts');
  return parts.map(encodeURIComponent).join('/');
}

function queryPairs(name: string, template: Template, values: Values): readonly string[] {
  const only = onlyPlaceholder(template);
  const value = only === undefined ? undefined : values.get(only.name);
  const texts = value !== undefined && isList(value) ? value : [fill(template, values, asItIs)?.text];
  return texts
    .filter((text) => text !== undefined)
    .map((text) => `${encodeURIComponent(name)}=${encodeURIComponent(wellFormed(text))}`);
}

function labelOf({ path, link }: Request): string {
  return shownTemplate(path ?? link ?? { parts: ['/'], at: { line: 1, column: 1 } });
}

interface Body {
  readonly text: string;
  readonly type: string;
}

function bodyOf({ form, json, raw }: Request, values: Values): Body | undefined {
  if (form !== undefined) {
    const fields = Object.entries(form).flatMap(([name, template]) => {
      const filled = fill(template, values, asItIs);
      return filled === undefined ? [] : [[name, wellFormed(filled.text)] satisfies [string, string]];
    });
    return { text: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
  }
  if (json !== undefined) return { text: jsonText(json, values) ?? 'null', type: 'application/json' };
  if (raw === undefined) return undefined;
  return { text: fill(raw.text, values, asItIs)?.text ?? '', type: raw.type };
}

/** JSON, with numbers as their digits; undefined for what has no value. */
function jsonText(json: JsonTemplate, values: Values): string | undefined {
  switch (json.kind) {
    case 'constant':
      return json.text;
    case 'list':
      return `[${json.items
        .map((item) => jsonText(item, values))
        .filter((text) => text !== undefined)
        .join(',')}]`;
    case 'map':
      return `{${json.entries
        .flatMap(([name, value]) => {
          const text = jsonText(value, values);
          return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
        })
        .join(',')}}`;
    default:
      return templateText(json.template, values);
  }
}

function templateText(template: Template, values: Values): string | undefined {
  const only = onlyPlaceholder(template);
  const value = only === undefined ? undefined : values.get(only.name);
  if (value !== undefined && isList(value)) return JSON.stringify(value);
  const filled = fill(template, values, asItIs);
  if (filled === undefined) return undefined;
  if (only?.filter === 'number') return typed(filled.text, /^-?(?:0|[1-9][0-9]{0,15})$/, 'a number');
  if (only?.filter === 'boolean') return typed(filled.text, /^(?:true|false)$/, 'true or false');
  return JSON.stringify(wellFormed(filled.text));
}

function typed(text: string, pattern: RegExp, what: string): string {
  if (pattern.test(text)) return text;
  throw unfit(`a value that must be ${what} is none`);
}

function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw unfit('not well-formed Unicode');
}

function unfit(phrase: string): SecretctlError {
  return new SecretctlError('REFERENCE_INVALID', `the recipe cannot make a request of this: ${phrase}`);
}
