import type { TreeNode } from '../../lib/tree.ts';
import { durationMs } from '../../lib/parsers.ts';
import { SettingFault } from '../../lib/settings.ts';
import { type JsonPath, jsonPath } from './json-path.ts';
import {
  block,
  type Block,
  below,
  duration,
  fault,
  flag,
  type Kind,
  line,
  made,
  named,
  optional,
  RecipeFault,
  required,
  several,
  standing,
  textOrBlock,
  textual,
  unquotedName,
  unquotedPhrase,
  whole,
  word,
} from './kinds.ts';
import { parseTemplate, type Template, template } from './template.ts';

// What a recipe may say, key by key: its types, how it is read and its JSON Schema are this one table.

/** What the keys of recipes' own maps look like. */
export const NAME = { pattern: /^[a-z][a-z0-9-]{0,63}$/, takes: 'lower-case letters, digits and "-", a letter first' };
/** Names of query parameters, fields and members. */
export const ENTRY = { pattern: /^[^\p{Cc}]{1,200}$/u, takes: 'text of one line' };
/** Names of headers and cookies; what frames a request or says where it goes is not a recipe's to say. */
export const HEADER = {
  pattern:
    /^(?!(?:host|connection|content-length|transfer-encoding|accept-encoding|upgrade|expect|te|trailer)$)[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/i,
  takes: 'the name of a header, and none that frames the request',
};

/** A duration, milliseconds. */
export const time = duration((text) => {
  try {
    return durationMs.parse(text);
  } catch (error) {
    if (error instanceof SettingFault) return undefined;
    throw error;
  }
}, durationMs.takes);

/** A JSON value with templates for its texts. */
export type JsonTemplate =
  | { readonly kind: 'template'; readonly template: Template }
  | { readonly kind: 'constant'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly JsonTemplate[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [string, JsonTemplate])[] };

const jsonTemplate: Kind<JsonTemplate> = {
  schema: {},
  read(node, spot) {
    if (node.kind === 'scalar') return scalarTemplate(node, spot);
    if (node.kind === 'list') {
      const items = node.items.map((item, index) =>
        jsonTemplate.read(item, { ...spot, path: `${spot.path}[${index}]` }),
      );
      const good = items.filter((item) => item !== undefined);
      return good.length === items.length ? { kind: 'list', items: good } : undefined;
    }
    const unquoted = unquotedName(node);
    if (unquoted !== undefined) return fault(node.at, spot, unquotedPhrase(unquoted));
    const entries = [...node.entries].map(
      ([key, { value }]) => [key, jsonTemplate.read(value, below(spot, key))] as const,
    );
    const good = entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
    return good.length === entries.length ? { kind: 'map', entries: good } : undefined;
  },
};

function scalarTemplate(
  { value, at }: Extract<TreeNode, { kind: 'scalar' }>,
  spot: Parameters<Kind<unknown>['read']>[1],
): JsonTemplate | undefined {
  if (typeof value !== 'string') return { kind: 'constant', text: JSON.stringify(value) };
  try {
    return { kind: 'template', template: parseTemplate(value, at) };
  } catch (error) {
    if (!(error instanceof RecipeFault)) throw error;
    return fault(at, spot, error.message);
  }
}

/** A path below the base URL: no query, no dot segments; a placeholder is one segment's text. */
const pathTemplate: Kind<Template> = textual(
  (text, at) => {
    const found = parseTemplate(text, at);
    const fixed = found.parts.filter((part) => typeof part === 'string').join('x');
    if (!text.startsWith('/') || !/^[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/.test(fixed) || /\/\.{1,2}(?:\/|$)/.test(text)) {
      throw new RecipeFault('must be a path that begins with "/", without query, fragment and dot segments');
    }
    return found;
  },
  { type: 'string', pattern: '^/' },
);

/** Where in an answer a value is, and how it is written there. */
/** The keys of an output. */
export const OUTPUT = {
  json: optional(several(jsonPath)),
  header: optional(line),
  cookie: optional(line),
  body: optional(flag),
  claim: optional(line),
  of: standing(line, 'token'),
  decode: standing(textual(parseTemplate), { parts: ['plain'], at: { line: 1, column: 1 } }),
  structured: standing(flag, false),
  public: optional(flag),
};

/** Where in an answer a value is: at the first of these paths, in a header, in a cookie, all of it, in a token's claim. */
export type Output = Block<typeof OUTPUT>;

const bareOutput = (json: readonly JsonPath[]): Output => ({
  json,
  header: undefined,
  cookie: undefined,
  body: undefined,
  claim: undefined,
  of: 'token',
  decode: OUTPUT.decode.otherwise,
  structured: false,
  public: undefined,
});

const outputBlock = made(block(OUTPUT), (output) => {
  const ways = [output.json, output.header, output.cookie, output.body, output.claim].filter(
    (way) => way !== undefined,
  );
  if (ways.length !== 1) throw new RecipeFault('needs exactly one of "json", "header", "cookie", "body" and "claim"');
  return output;
});

/** An output: a path, several, or a block. */
export const output: Kind<Output> = textOrBlock(made(several(jsonPath), bareOutput), outputBlock);
const outputs = named(NAME, output);

const PENDING = {
  statuses: standing(several(whole(200, 599)), [] as readonly number[]),
  json: optional(jsonPath),
  is: standing(several(line), [] as readonly string[]),
  every: standing(time, 2000),
  'at-most': standing(whole(1, 100), 30),
};

/** When an answer means "not yet", and how often and how many times it is asked for again. */
export type Pending = Block<typeof PENDING>;

const CLASS = { statuses: optional(several(whole(100, 599))), codes: standing(several(line), [] as readonly string[]) };

/** The keys of rules for errors. */
export const ERRORS = {
  success: optional(several(whole(200, 299))),
  status: standing(several(jsonPath), [] as readonly JsonPath[]),
  members: optional(several(jsonPath)),
  code: optional(several(jsonPath)),
  page: optional(word(['unauthorized'])),
  unauthorized: optional(block(CLASS)),
  forbidden: optional(block(CLASS)),
  missing: optional(block(CLASS)),
  'locked-out': optional(block(CLASS)),
};

/** What makes an answer an error, and which. */
export type ErrorRules = Block<typeof ERRORS>;

const REQUEST = {
  service: optional(line),
  link: optional(template),
  method: optional(word(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])),
  path: optional(pathTemplate),
  query: standing(named(ENTRY, template), {}),
  headers: standing(named(HEADER, template), {}),
  form: optional(named(ENTRY, template)),
  json: optional(jsonTemplate),
  raw: optional(block({ text: required(template), type: standing(line, 'text/plain') })),
  answer: standing(word(['json', 'text', 'bytes', 'none']), 'json' as const),
  pending: optional(block(PENDING)),
  errors: optional(block(ERRORS)),
  repeat: standing(flag, true),
  anonymous: standing(flag, false),
};

/** One request. */
export type Request = Block<typeof REQUEST>;

/** A request. */
export const request: Kind<Request> = made(block(REQUEST), (read) => {
  if ((read.path === undefined) === (read.link === undefined)) throw new RecipeFault('needs "path" or "link"');
  if (read.link !== undefined && read.service !== undefined) throw new RecipeFault('has "link" and "service"');
  if (read.link !== undefined && Object.keys(read.query).length > 0)
    throw new RecipeFault('has "link" and "query": a link has a query of its own');
  const bodies = [read.form, read.json, read.raw].filter((body) => body !== undefined);
  if (bodies.length > 1) throw new RecipeFault('has several bodies: "form", "json" and "raw" exclude each other');
  if (bodies.length > 0 && (read.method ?? 'POST') === 'GET')
    throw new RecipeFault('has a body, which GET does not take');
  return read;
});

/** The keys of a step. */
export const STEP = { request: required(request), outputs: standing(outputs, {}) };

/** A request, and what is taken from its answer. */
export type LoginStep = Block<typeof STEP>;
