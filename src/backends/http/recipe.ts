import { type JsonPath, jsonPath } from './json-path.ts';
import {
  block,
  type Block,
  flag,
  line,
  made,
  named,
  optional,
  RecipeFault,
  required,
  several,
  standing,
  whole,
  word,
} from './kinds.ts';
import { ENTRY, ERRORS, HEADER, NAME, output, OUTPUT, request, STEP, time } from './request-kinds.ts';
import { type Template, template } from './template.ts';

export type { ErrorRules, JsonTemplate, LoginStep, Output, Pending, Request } from './request-kinds.ts';

const EXPIRY = {
  in: optional(several(jsonPath)),
  at: optional(several(jsonPath)),
  form: standing(word(['seconds', 'milliseconds', 'iso']), 'seconds' as const),
  claim: optional(line),
  after: optional(time),
};

/** One way to know when an access token ends. */
export type Expiry = Block<typeof EXPIRY>;

const expiry = made(block(EXPIRY), (read) => {
  const ways = [read.in, read.at, read.claim, read.after].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new RecipeFault('needs exactly one of "in", "at", "claim" and "after"');
  return read;
});

const LOOK_UP = {
  ...STEP,
  list: optional(jsonPath),
  where: standing(named(ENTRY, template), {}),
  present: optional(jsonPath),
};

/** A request that finds what a reference means; with `list`, in its only item that is as `where` says. */
export type LookUpStep = Block<typeof LOOK_UP>;

const CHECK_OUT = {
  ...STEP,
  when: standing(word(['always', 'when-forbidden']), 'always' as const),
  'check-in': required(request),
};

/** What comes before a read, and what follows it whatever happens. */
export type CheckOut = Block<typeof CHECK_OUT>;

const PAGES = {
  next: optional(several(jsonPath)),
  link: optional(several(jsonPath)),
  by: optional(word(['offset', 'page'])),
  from: standing(whole(0, 1), 0),
  size: standing(whole(1, 10_000), 100),
  'at-most': standing(whole(1, 1000), 100),
};

/** How a long list goes on. */
export type Pages = Block<typeof PAGES>;

const pages = made(block(PAGES), (read) => {
  const ways = [read.next, read.link, read.by].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new RecipeFault('needs exactly one of "next", "link" and "by"');
  return read;
});

const WITHHELD = { json: required(jsonPath), is: required(several(line)) };

/** Where an answer says of a value that it is not the value: one that may be seen to exist and not be read. */
export type Withheld = Block<typeof WITHHELD>;

const ENTRIES = {
  map: optional(jsonPath),
  list: optional(jsonPath),
  name: optional(jsonPath),
  value: standing(several(jsonPath), [[]] as readonly JsonPath[]),
  withheld: optional(block(WITHHELD)),
  duplicates: standing(word(['refuse', 'first', 'last']), 'refuse' as const),
};

/** Where an answer holds several values: a map by name, or a list of entries that name themselves. */
export type Entries = Block<typeof ENTRIES>;

const entries = made(block(ENTRIES), (read) => {
  if ((read.map === undefined) === (read.list === undefined)) throw new RecipeFault('needs "map" or "list"');
  if (read.list !== undefined && read.name === undefined) throw new RecipeFault('needs "name" beside "list"');
  return read;
});

const SEVERAL = {
  request: required(request),
  entries: required(several(entries)),
  key: standing(template, { parts: [{ name: 'path', filter: undefined }], at: { line: 1, column: 1 } }),
  decode: OUTPUT.decode,
  structured: OUTPUT.structured,
};

const ALL = { ...SEVERAL, pages: optional(pages) };

/** One request brings everything of a place. */
export type FetchAll = Block<typeof ALL>;

const MANY = {
  ...SEVERAL,
  'at-most': standing(whole(1, 1000), 100),
  absent: standing(word(['missing', 'refuse']), 'refuse' as const),
  refused: optional(
    block({
      list: required(jsonPath),
      name: required(jsonPath),
      code: required(jsonPath),
      missing: standing(several(line), [] as readonly string[]),
      forbidden: standing(several(line), [] as readonly string[]),
    }),
  ),
};

/** One request brings those that it names. */
export type FetchMany = Block<typeof MANY>;

const ONE = {
  request: required(request),
  value: required(output),
  present: optional(jsonPath),
  withheld: optional(block(WITHHELD)),
};

/** One request brings one secret. */
export type FetchOne = Block<typeof ONE>;

const FETCH = {
  one: optional(block(ONE)),
  many: optional(block(MANY)),
  all: optional(block(ALL)),
  outputs: optional(several(line)),
};

const fetch = made(block(FETCH), (read) => {
  const ways = [read.one, read.many, read.all, read.outputs].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new RecipeFault('needs exactly one of "one", "many", "all" and "outputs"');
  return read;
});

const PARAMETER = {
  help: standing(line, ''),
  secret: standing(flag, false),
  optional: standing(flag, false),
  default: optional(line),
  words: optional(several(line)),
};

/** A parameter of a recipe, which the configuration gives. */
export type ParameterRow = Block<typeof PARAMETER>;

const RECIPE = {
  title: optional(line),
  url: optional(template),
  services: standing(named(NAME, template), {}),
  parameters: standing(named(NAME, block(PARAMETER)), {}),
  reference: standing(
    block({
      path: standing(several(template), [] as readonly Template[]),
      field: optional(template),
      defaults: standing(named(NAME, template), {}),
      'id-alone': standing(flag, false),
    }),
    { path: [] as readonly Template[], field: undefined, defaults: {}, 'id-alone': false },
  ),
  login: required(several(block(STEP))),
  expires: standing(several(expiry), [] as readonly Expiry[]),
  authorization: standing(
    block({
      headers: standing(named(HEADER, template), {}),
      basic: optional(block({ user: required(template), password: required(template) })),
      cookies: standing(named(HEADER, template), {}),
    }),
    { headers: {}, basic: undefined, cookies: {} },
  ),
  refresh: optional(block({ ...STEP, expires: optional(several(expiry)) })),
  logout: optional(request),
  'look-up': standing(several(block(LOOK_UP)), [] as readonly LookUpStep[]),
  'check-out': optional(block(CHECK_OUT)),
  fetch: required(fetch),
  errors: optional(block(ERRORS)),
};

/** A whole recipe. */
export const recipeKind = block(RECIPE);

/** How to log in to a product and fetch from it, as YAML describes it. */
export type Recipe = Block<typeof RECIPE> & {
  /** Its name where it came with the program; undefined for one that somebody wrote. */
  readonly ready: string | undefined;
};

/** JSON Schema (draft 2020-12) of a recipe in a file of its own, made from the same shapes that it is read with. */
export function recipeSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:secretctl:recipe',
    title: 'secretctl recipe',
    ...recipeKind.schema,
  };
}
