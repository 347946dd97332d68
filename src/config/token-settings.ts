import type { BackendType } from '../backends/types.ts';
import type { Parser } from '../lib/settings.ts';
import type { TokenSettings } from '../sources/types.ts';
import type { ChainWord } from './chains.ts';
import { type Layers, said, type Said, strongest } from './layers.ts';
import { placed, type SettingName, SETTINGS } from './settings.ts';
import type { JobToken } from './types.ts';

/** Reads the settings that every backend has, for one backend or for none. */
export interface Reader {
  said<T>(parser: Parser<T>, name: SettingName): Said<T> | undefined;
  value<T>(parser: Parser<T>, name: SettingName): T | undefined;
}

/** What is said about an ID token. */
export interface ReadToken {
  readonly token: TokenSettings;
  /** The reference of the secret that it is, where it is one. */
  readonly word: ChainWord | undefined;
}

/** The settings of the ID token for a backend of that name and type. */
export function tokenSettings(
  reader: Reader,
  { name, type }: { readonly name: string; readonly type: BackendType | undefined },
  layers: Layers,
): ReadToken {
  const env = reader.said<TokenPlace>(SETTINGS['token-env'].parser, 'token-env');
  const file = reader.said<TokenPlace>(SETTINGS['token-file'].parser, 'token-file');
  const stdin = reader.said<TokenPlace>(SETTINGS['token-stdin'].parser, 'token-stdin');
  const command = reader.said<TokenPlace>(SETTINGS['token-command'].parser, 'token-command');
  const source = reader.said<TokenPlace>(SETTINGS['token-source'].parser, 'token-source');
  const secret = reader.said<TokenPlace>(SETTINGS['token-secret'].parser, 'token-secret');
  // Products have a text win over a file.
  const product = tokenHolder(type, layers);
  const place = strongest([env, product, file, command, source, stdin, secret], layers.faults);
  if (command !== undefined && place === command) refuseCommandOfFile(command, layers);
  const reference = place === secret && typeof place?.value === 'string' ? place.value : undefined;
  return {
    token: {
      ...(place !== undefined && reference === undefined && placeOf(place)),
      ...whatItSays(reader),
    },
    word: reference === undefined ? undefined : { backend: name, key: 'token', reference, origin: place?.origin },
  };
}

function whatItSays(reader: Reader): Pick<TokenSettings, 'serviceConnection' | 'audience' | 'issuer'> {
  const serviceConnection = reader.value(SETTINGS['service-connection'].parser, 'service-connection');
  const audience = reader.value(SETTINGS.audience.parser, 'audience');
  const issuer = reader.value(SETTINGS.issuer.parser, 'issuer');
  return {
    ...(serviceConnection !== undefined && { serviceConnection }),
    ...(audience !== undefined && { audience }),
    ...(issuer !== undefined && { issuer }),
  };
}

const OF_THE_TOKEN: readonly SettingName[] = [
  'token-env',
  'token-file',
  'token-command',
  'token-source',
  'token-stdin',
  'service-connection',
  'audience',
  'issuer',
  'ca-file',
  'ca',
];

/**
 * Variables of the settings that say something without any backend: where the ID token is, what it must say, whose
 * certificates are trusted.
 */
export const WITHOUT_BACKEND: ReadonlySet<string> = new Set(OF_THE_TOKEN.map((name) => placed(name).variable));

/** The ID token where no backend is configured: what flags and variables say. */
export function jobToken(layers: Layers): JobToken {
  const reader: Reader = {
    said: (parser, name) => said(parser, placed(name), { isMeant: true }, layers),
    value: (parser, name) => said(parser, placed(name), { isMeant: true }, layers)?.value,
  };
  const { token } = tokenSettings(reader, { name: '', type: undefined }, layers);
  const { ca, caFile } = trustSettings(reader, layers);
  return { token, tls: { ca, caFile } };
}

/** The certificates that replace the usual roots: a file, or their text. */
export function trustSettings(reader: Reader, layers: Layers): JobToken['tls'] {
  const ca = reader.said(SETTINGS.ca.parser, 'ca');
  const caFile = reader.said(SETTINGS['ca-file'].parser, 'ca-file');
  const certificates = strongest([ca, caFile], layers.faults);
  return {
    ca: certificates === ca ? ca?.value : undefined,
    caFile: certificates === ca ? undefined : caFile?.value,
  };
}

/** The product's variable that holds the token itself: what it configures is its name. */
function tokenHolder(type: BackendType | undefined, { env }: Layers): Said<string> | undefined {
  const name = type?.variables['token-text']?.find((one) => env[one] !== undefined && env[one] !== '');
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
