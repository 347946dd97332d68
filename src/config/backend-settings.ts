import type { BackendType } from '../backends/types.ts';
import type { Parser } from '../lib/settings.ts';
import { visible } from '../lib/text.ts';
import type { TokenSettings } from '../sources/types.ts';
import { refuseOverride } from './endpoint-override.ts';
import { type Layers, type Place, said, type Said, strongest } from './layers.ts';
import type { FileNode } from './nodes.ts';
import { productFaults } from './product-faults.ts';
import { placed, placedOf, type SettingName, SETTINGS } from './settings.ts';
import type { BackendSettings, TlsSettings } from './types.ts';

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

/** One backend's settings; undefined when it has no usable address, which the faults know then. */
export function backendSettings(backend: Configured, meaning: Meaning, layers: Layers): BackendSettings | undefined {
  const reader = readerOf(backend, meaning, layers);
  const url = reader.said(SETTINGS.url.parser, 'url');
  const fallbackUrls = reader.said(SETTINGS['fallback-url'].parser, 'fallback-url');
  const token = tokenSettings(reader, backend, layers);
  const tls = tlsSettings(reader, layers);
  const singleUse = reader.value(SETTINGS['single-use'].parser, 'single-use') ?? false;
  const values = ownValues(backend, meaning, layers);
  refuseOverride({ url, fallbackUrls, block: backend.block }, layers);
  if (url === undefined) reportMissingUrl(backend, layers);
  if (url?.value === undefined) return undefined;
  // A product looks at its values together; with one of them missing for being wrong it would see a second fault.
  if (!values.isBad) {
    const faults = productFaults(backend.type, { url: url.value, values: values.all }, meaning.ownMeant);
    reportCheck(backend, faults, layers);
  }
  return {
    name: backend.name,
    type: backend.type.type,
    url: url.value,
    urlFrom: from(url),
    fallbackUrls: fallbackUrls?.value ?? [],
    fallbackUrlsFrom: fallbackUrls === undefined ? undefined : from(fallbackUrls),
    token,
    tls,
    singleUse,
    values: values.all,
  };
}

/** A product's own variables are variables like others. */
function from({ level }: Said<unknown>): BackendSettings['urlFrom'] {
  return level === 'product' ? 'variable' : level;
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

function tokenSettings(reader: Reader, { type }: Configured, layers: Layers): TokenSettings {
  const env = reader.said<string | boolean>(SETTINGS['token-env'].parser, 'token-env');
  const file = reader.said<string | boolean>(SETTINGS['token-file'].parser, 'token-file');
  const stdin = reader.said<string | boolean>(SETTINGS['token-stdin'].parser, 'token-stdin');
  const product = tokenHolder(type, layers);
  const place = strongest<string | boolean>([env, file, stdin, product], layers.faults);
  const audience = reader.value(SETTINGS.audience.parser, 'audience');
  const issuer = reader.value(SETTINGS.issuer.parser, 'issuer');
  return {
    ...(place !== undefined && placeOf(place)),
    ...(audience !== undefined && { audience }),
    ...(issuer !== undefined && { issuer }),
  };
}

/** The product's variable that holds the token itself: what it configures is its name. */
function tokenHolder(type: BackendType, { env }: Layers): Said<string> | undefined {
  const name = type.variables['token-text']?.find((one) => env[one] !== undefined && env[one] !== '');
  if (name === undefined) return undefined;
  return { level: 'product', origin: { kind: 'variable', name }, setting: placed('token-env'), value: name };
}

function placeOf({ setting, value }: Said<string | boolean>): TokenSettings {
  if (value === true) return { stdin: true };
  if (typeof value !== 'string') return {};
  return setting.flag === 'token-file' ? { file: value } : { env: value };
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
  readonly isBad: boolean;
}

function ownValues({ type, block }: Configured, { ownMeant }: Meaning, layers: Layers): OwnValues {
  const all: Record<string, unknown> = {};
  let isBad = false;
  for (const [key, row] of Object.entries(type.settings)) {
    const place: Place = { block, isMeant: ownMeant, variables: row.variables };
    const word = said(row.parser, placedOf(type.type, key, row), place, layers);
    if (word !== undefined && word.value === undefined) isBad = true;
    all[key] = word === undefined ? row.default : word.value;
  }
  return { all, isBad };
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
