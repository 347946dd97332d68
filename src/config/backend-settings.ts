import type { BackendType } from '../backends/types.ts';
import { Chained } from '../lib/chain.ts';
import type { SettingRow } from '../lib/settings.ts';
import { visible } from '../lib/text.ts';
import type { ChainWord } from './chains.ts';
import { refuseOverride, refuseServiceOverride } from './endpoint-override.ts';
import { type Layers, type Place, said, type Said } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { faultSentence, productFaults } from './product-faults.ts';
import { placed, placedOf, type SettingName, SETTINGS } from './settings.ts';
import { type Reader, tokenSettings, trustSettings } from './token-settings.ts';
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
  if (fallbackUrls !== undefined) refuseFallback(type, fallbackUrls, layers);
  refuseOverride({ url: address, fallbackUrls, block }, layers);
  const url = address === undefined ? standingUrl(backend, own, layers) : address.value;
  if (url === undefined) return { settings: undefined, chainWords };
  // A product looks at its values together; with one of them wrong, or still to come, it would see a second fault.
  if (!own.isBad && chainWords.length === 0) {
    reportCheck(backend, productFaults(type, { url, values: own.all }, meaning.ownMeant), layers);
  }
  refuseServices({ type, block, own, url }, layers);
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
    valuesFrom: { ...own.from, ...own.inCheckout },
    chained: [],
  };
  return { settings, chainWords };
}

function refuseFallback({ title, noFallback }: BackendType, { origin }: Said<unknown>, { faults }: Layers): void {
  if (noFallback !== undefined) faults.add(origin, `fallback-url is not for ${title}: ${noFallback}`);
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
  if (own.isBad) return;
  for (const { setting, url: service } of type.services?.(url, own.all) ?? []) {
    if (setting === undefined || own.from[setting] !== 'flag') continue;
    refuseServiceOverride({ flag: `${type.type}-${setting}`, key: setting, url: service, block }, layers);
  }
}

function readerOf({ block, type }: Configured, { isMeant }: Meaning, layers: Layers): Reader {
  const variables: Readonly<Record<string, readonly string[] | undefined>> = type.variables;
  const place = (name: SettingName): Place => ({ block, isMeant, variables: variables[name] });
  return {
    said: (parser, name) => said(parser, placed(name), place(name), layers),
    value: (parser, name) => said(parser, placed(name), place(name), layers)?.value,
  };
}

function tlsSettings(reader: Reader, layers: Layers): TlsSettings {
  return {
    ...trustSettings(reader, layers),
    clientCertFile: reader.value(SETTINGS['client-cert'].parser, 'client-cert'),
    clientKeyFile: reader.value(SETTINGS['client-key'].parser, 'client-key'),
    serverName: reader.value(SETTINGS['server-name'].parser, 'server-name'),
  };
}

interface OwnValues {
  readonly all: Readonly<Record<string, unknown>>;
  readonly from: Readonly<Record<string, SaidBy>>;
  /** Those whose text is a file that a flag or a variable only names. */
  readonly inCheckout: Readonly<Record<string, 'file'>>;
  readonly chainWords: readonly ChainWord[];
  readonly isBad: boolean;
}

function ownValues({ name, type, block }: Configured, { ownMeant }: Meaning, layers: Layers): OwnValues {
  const all: Record<string, unknown> = {};
  const saidBy: Record<string, SaidBy> = {};
  const inCheckout: Record<string, 'file'> = {};
  const chainWords: ChainWord[] = [];
  let isBad = false;
  for (const [key, row] of Object.entries(type.settings)) {
    const place: Place = { block, isMeant: ownMeant, variables: row.variables };
    const setting = placedOf(type.type, key, row);
    const word = said(setting.row.parser, setting, place, layers);
    if (word !== undefined && word.value === undefined) isBad = true;
    if (word !== undefined) {
      saidBy[key] = from(word);
      if (row.parser.tree?.ready !== undefined && namesFileOfCheckout(word, layers)) inCheckout[key] = 'file';
      chainWords.push(...chainsIn(word, row).map((chain) => ({ backend: name, key, origin: word.origin, ...chain })));
    }
    all[key] = word === undefined ? row.default : word.value instanceof Chained ? undefined : word.value;
  }
  return { all, from: saidBy, inCheckout, chainWords, isBad };
}

function namesFileOfCheckout({ origin }: Said<unknown>, { flags, env, documents, cwd }: Layers): boolean {
  const [text = ''] = origin.kind === 'flag' ? (flags.get(origin.name) ?? []) : [];
  const named = origin.kind === 'variable' ? (env[origin.name] ?? '') : text;
  return named !== '' && documents?.named(named, cwd)?.isInCheckout === true;
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
