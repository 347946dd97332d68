import type { BackendType } from '../backends/types.ts';
import { Chained } from '../lib/chain.ts';
import type { Parser, SettingRow } from '../lib/settings.ts';
import { visible } from '../lib/text.ts';
import type { TokenSettings } from '../sources/types.ts';
import type { ChainWord } from './chains.ts';
import { refuseOverride, refuseServiceOverride } from './endpoint-override.ts';
import { type Layers, type Place, said, type Said, strongest } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { faultSentence, productFaults } from './product-faults.ts';
import { placed, placedOf, type SettingName, SETTINGS } from './settings.ts';
import type { BackendSettings, SaidBy, TlsSettings } from './types.ts';

/** A backend that is configured somehow: by its block, or by nothing but variables and flags. */
export interface Configured {
  readonly name: string;
  readonly type: BackendType;
  readonly block: FileNode | undefined;
}

/** What is said of one backend besides its block. */
export interface Meaning {
  /** Whether the flags and variables that every backend has mean this one. */
  readonly isMeant: boolean;
  /** Whether its product's own flags and variables mean this one. */
  readonly ownMeant: boolean;
}

/** What was read of one backend, and what others are to give it. */
export interface ReadBackend {
  /** Undefined when it has no usable address, which the faults know then. */
  readonly settings: BackendSettings | undefined;
  readonly chainWords: readonly ChainWord[];
}

/** One backend's settings. */
export function backendSettings(backend: Configured, meaning: Meaning, layers: Layers): ReadBackend {
  const { name, type, block } = backend;
  const reader = readerOf(backend, meaning, layers);
  const address = reader.said(SETTINGS.url.parser, 'url');
  const fallbackUrls = reader.said(SETTINGS['fallback-url'].parser, 'fallback-url');
  const { token, word } = tokenSettings(reader, backend, layers);
  const tls = tlsSettings(reader, layers);
  const singleUse = reader.value(SETTINGS['single-use'].parser, 'single-use') ?? false;
  const own = ownValues(backend, meaning, layers);
  const chainWords = [...own.chainWords, ...(word === undefined ? [] : [word])];
  refuseOverride({ url: address, fallbackUrls, block }, layers);
  const url = address === undefined ? standingUrl(backend, own, layers) : address.value;
  if (url === undefined) return { settings: undefined, chainWords };
  // A product looks at its values together; with one of them wrong, or still to come, it would see a second fault.
  if (!own.isBad && chainWords.length === 0) {
    reportCheck(backend, productFaults(type, { url, values: own.all }, meaning.ownMeant), layers);
    refuseServices({ type, block, own, url }, layers);
  }
  const settings: BackendSettings = {
    name,
    type: type.type,
    url,
    urlFrom: address === undefined ? 'default' : from(address),
    fallbackUrls: fallbackUrls?.value ?? [],
    fallbackUrlsFrom: fallbackUrls === undefined ? undefined : from(fallbackUrls),
    token,
    tls,
    singleUse,
    values: own.all,
    valuesFrom: own.from,
    chained: [],
  };
  return { settings, chainWords };
}

/** A product's own variables are variables like others. */
function from({ level }: Said<unknown>): SaidBy {
  return level === 'product' ? 'variable' : level;
}

/** Where the product is when nobody says. */
function standingUrl(backend: Configured, { all, isBad }: OwnValues, layers: Layers): URL | undefined {
  const { type } = backend;
  if (type.defaultUrl === undefined) {
    reportMissingUrl(backend, layers);
    return undefined;
  }
  const url = isBad ? undefined : type.defaultUrl(all);
  if (url !== undefined && !(url instanceof URL)) reportCheck(backend, [faultSentence(url, type.type, true)], layers);
  return url instanceof URL ? url : undefined;
}

interface Checked {
  readonly type: BackendType;
  readonly block: FileNode | undefined;
  readonly own: OwnValues;
  readonly url: URL;
}

/** A flag does not take a token to another of the product's addresses either. */
function refuseServices({ type, block, own, url }: Checked, layers: Layers): void {
  for (const { setting, url: service } of type.services?.(url, own.all) ?? []) {
    if (setting === undefined || own.from[setting] !== 'flag') continue;
    refuseServiceOverride({ flag: `${type.type}-${setting}`, key: setting, url: service, block }, layers);
  }
}

interface Reader {
  said<T>(parser: Parser<T>, name: SettingName): Said<T> | undefined;
  value<T>(parser: Parser<T>, name: SettingName): T | undefined;
}

function readerOf({ block, type }: Configured, { isMeant }: Meaning, layers: Layers): Reader {
  const variables: Readonly<Record<string, readonly string[] | undefined>> = type.variables;
  const place = (name: SettingName): Place => ({ block, isMeant, variables: variables[name] });
  return {
    said: (parser, name) => said(parser, placed(name), place(name), layers),
    value: (parser, name) => said(parser, placed(name), place(name), layers)?.value,
  };
}

interface ReadToken {
  readonly token: TokenSettings;
  readonly word: ChainWord | undefined;
}

function tokenSettings(reader: Reader, { name, type }: Configured, layers: Layers): ReadToken {
  const env = reader.said<TokenPlace>(SETTINGS['token-env'].parser, 'token-env');
  const file = reader.said<TokenPlace>(SETTINGS['token-file'].parser, 'token-file');
  const stdin = reader.said<TokenPlace>(SETTINGS['token-stdin'].parser, 'token-stdin');
  const command = reader.said<TokenPlace>(SETTINGS['token-command'].parser, 'token-command');
  const source = reader.said<TokenPlace>(SETTINGS['token-source'].parser, 'token-source');
  const secret = reader.said<TokenPlace>(SETTINGS['token-secret'].parser, 'token-secret');
  const product = tokenHolder(type, layers);
  const place = strongest([env, file, command, source, stdin, secret, product], layers.faults);
  if (command !== undefined && place === command) refuseCommandOfFile(command, layers);
  const audience = reader.value(SETTINGS.audience.parser, 'audience');
  const issuer = reader.value(SETTINGS.issuer.parser, 'issuer');
  const reference = place === secret && typeof place?.value === 'string' ? place.value : undefined;
  return {
    token: {
      ...(place !== undefined && reference === undefined && placeOf(place)),
      ...(audience !== undefined && { audience }),
      ...(issuer !== undefined && { issuer }),
    },
    word: reference === undefined ? undefined : { backend: name, key: 'token', reference, origin: place?.origin },
  };
}

/** The product's variable that holds the token itself: what it configures is its name. */
function tokenHolder(type: BackendType, { env }: Layers): Said<string> | undefined {
  const name = type.variables['token-text']?.find((one) => env[one] !== undefined && env[one] !== '');
  if (name === undefined) return undefined;
  return { level: 'product', origin: { kind: 'variable', name }, setting: placed('token-env'), value: name };
}

/** The value of any setting that says where the ID token is. */
type TokenPlace = string | boolean | readonly string[];

function placeOf({ setting, value }: Said<TokenPlace>): TokenSettings {
  if (value === true) return { stdin: true };
  if (typeof value === 'object') return { command: value };
  if (typeof value !== 'string') return {};
  if (setting.flag === 'token-source') return { source: value };
  return setting.flag === 'token-file' ? { file: value } : { env: value };
}

/**
 * Where an owner has said which origins tokens may go to, a file that a merge request can change does not name the
 * program that gets hold of one first: it could send it anywhere.
 */
function refuseCommandOfFile({ level, origin }: Said<TokenPlace>, { env, faults }: Layers): void {
  if (level !== 'file' || env['SECRETCTL_ALLOWED_ORIGINS'] === undefined) return;
  faults.add(
    origin,
    'token.command is for a flag or SECRETCTL_TOKEN_COMMAND where SECRETCTL_ALLOWED_ORIGINS is set: the program could send the token to any other',
    'ENDPOINT_NOT_ALLOWED',
  );
}

function tlsSettings(reader: Reader, layers: Layers): TlsSettings {
  const ca = reader.said(SETTINGS.ca.parser, 'ca');
  const caFile = reader.said(SETTINGS['ca-file'].parser, 'ca-file');
  const certificates = strongest([ca, caFile], layers.faults);
  return {
    ca: certificates === ca ? ca?.value : undefined,
    caFile: certificates === ca ? undefined : caFile?.value,
    clientCertFile: reader.value(SETTINGS['client-cert'].parser, 'client-cert'),
    clientKeyFile: reader.value(SETTINGS['client-key'].parser, 'client-key'),
    serverName: reader.value(SETTINGS['server-name'].parser, 'server-name'),
  };
}

interface OwnValues {
  readonly all: Readonly<Record<string, unknown>>;
  readonly from: Readonly<Record<string, SaidBy>>;
  readonly chainWords: readonly ChainWord[];
  readonly isBad: boolean;
}

function ownValues({ name, type, block }: Configured, { ownMeant }: Meaning, layers: Layers): OwnValues {
  const all: Record<string, unknown> = {};
  const saidBy: Record<string, SaidBy> = {};
  const chainWords: ChainWord[] = [];
  let isBad = false;
  for (const [key, row] of Object.entries(type.settings)) {
    const place: Place = { block, isMeant: ownMeant, variables: row.variables };
    const setting = placedOf(type.type, key, row);
    const word = said(setting.row.parser, setting, place, layers);
    if (word !== undefined && word.value === undefined) isBad = true;
    if (word !== undefined) {
      saidBy[key] = from(word);
      chainWords.push(...chainsIn(word, row).map((chain) => ({ backend: name, key, origin: word.origin, ...chain })));
    }
    all[key] = word === undefined ? row.default : word.value instanceof Chained ? undefined : word.value;
  }
  return { all, from: saidBy, chainWords, isBad };
}

/** The references in a setting's value: one in place of all of it, or of some of its parts. */
function chainsIn({ value }: Said<unknown>, { parser }: SettingRow): readonly Pick<ChainWord, 'part' | 'reference'>[] {
  if (value instanceof Chained) return [{ reference: value.reference }];
  if (value === undefined) return [];
  return (parser.tree?.parts?.chained(value) ?? []).map(([part, reference]) => ({ part, reference }));
}

function reportMissingUrl({ name, type, block }: Configured, { faults }: Layers): void {
  const [variable] = type.variables.url ?? [];
  const ways = variable === undefined ? '--url' : `--url or ${variable}`;
  const origin = block === undefined ? undefined : ({ kind: 'file', at: block.at } as const);
  faults.add(origin, `the backend ${visible(name)} has no "url"; it can also be given by ${ways}`);
}

function reportCheck({ name, block }: Configured, found: readonly string[], { faults }: Layers): void {
  const origin = block === undefined ? undefined : ({ kind: 'file', at: block.at } as const);
  for (const fault of found) faults.add(origin, `the backend ${visible(name)}: ${fault}`);
}
